"""Columns of a table as numbers: what networks read, and what they learn to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.values import check_finite, found_at, is_bits, is_text

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.preprocessing import OneHotEncoder

Kind = Literal["binary", "classification", "regression"]
KINDS: tuple[Kind, ...] = ("binary", "classification", "regression")
Rows = NDArray[np.int64]

MOST_CATEGORIES = 64
"""Of one input column. More are numbers written as text, or a name that identifies each row."""

MOST_CLASSES = 1000
MOST_INTEGERS = 20
"""Distinct integers that are taken for classes where the kind of the task is not given."""

LARGEST_INPUTS = 4 * 10**9
"""Bytes of all inputs as numbers. More does not fit beside the networks."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """Columns as numbers.

    Attributes:
        values: shape (rows, units).
        names: one for each unit: of its column, with ``=category`` behind it for one category of several.
        one_hot: the number of classes of each output column of a classification; else empty.
    """

    values: NDArray[np.float32]
    names: tuple[str, ...]
    one_hot: tuple[int, ...] = ()


def encode_inputs(frame: pd.DataFrame, training: Rows, path: str) -> Encoded:
    """Encode plain columns: bits stay bits, other numbers are standardized, text becomes one bit a category.

    What does not vary in the training rows is 0 everywhere: a number that is the same in all of them, a category that
    none of them has.

    Raises:
        UserError: if a number is infinite, a column of text has too many categories, or there are too many inputs.
    """
    encoders = {}
    for name, column in frame.items():
        if not is_text(column):
            continue
        if (number := column.nunique()) > MOST_CATEGORIES:
            raise UserError(
                f"{path}: column {name} is text with {number:,} different values, such as {column.min()!r}; an "
                f"input column of text has at most {MOST_CATEGORIES}"
            )
        encoders[name] = _encoder(column)
    names = [each for name in frame for each in (_names(encoders[name]) if name in encoders else [str(name)])]
    check_size(len(frame), len(names), path)
    values = np.empty((len(frame), len(names)), dtype=np.float32)
    start = 0
    for name, column in frame.items():
        if name in encoders:
            [categories] = encoders[name].categories_
            block = encoders[name].transform(frame[[name]]) * np.isin(categories, column.iloc[training])
        else:
            block = (bits_of(column, path) if is_bits(column) else standardized(column, training, path))[:, None]
        values[:, start : start + block.shape[1]] = block
        start += block.shape[1]
    return Encoded(values, tuple(names))


def encode_bits(frame: pd.DataFrame, path: str) -> Encoded:
    """Take columns of bits as they are.

    Raises:
        UserError: if a column holds other values, or there are too many.
    """
    check_size(len(frame), frame.shape[1], path)
    return Encoded(np.stack([bits_of(frame[name], path) for name in frame], axis=1), tuple(map(str, frame)))


def encode_outputs(frame: pd.DataFrame, kind: Kind, training: Rows, path: str) -> Encoded:
    """Encode plain columns: bits as they are, classes one-hot, numbers of a regression standardized.

    Raises:
        UserError: if a column does not fit the kind: other values than 0 and 1, a single class, text as numbers.
    """
    if kind == "classification":
        return _classes(frame, training, path)
    values = []
    for name, column in frame.items():
        if kind == "regression" and is_text(column):
            found = found_at(column, 0)
            raise UserError(f"{path}: column {name} holds {found}; must be numbers for task.kind=regression")
        values.append(bits_of(column, path) if kind == "binary" else standardized(column, training, path))
        _check_learned(column, training, path)
    return Encoded(np.stack(values, axis=1), tuple(map(str, frame)))


def kind_of(outputs: pd.DataFrame, path: str) -> Kind:
    """Determine by its plain output columns what kind of task a table is.

    Outputs of 0 and 1: binary; of text, or of integers with at most twenty distinct values: classification; else
    regression.

    Raises:
        UserError: if some outputs are text and others numbers that are no classes, or a number is infinite.
    """
    columns = [outputs[name] for name in outputs]
    if all(map(is_bits, columns)):
        return "binary"
    measured = [column.name for column in columns if not _is_classes(column, path)]
    texts = [column.name for column in columns if is_text(column)]
    if measured and texts:
        raise UserError(
            f"{path}: output {texts[0]} is text and output {measured[0]} is numbers; the outputs of a task are all "
            "classes (task.kind=classification) or all numbers"
        )
    return "regression" if measured else "classification"


def check_size(rows: int, inputs: int, path: str) -> None:
    """Raise a UserError if a table is larger than what can be learned from."""
    size = rows * inputs * np.dtype(np.float32).itemsize
    if size > LARGEST_INPUTS:
        raise UserError(
            f"{path}: {rows:,} rows of {inputs:,} inputs take {size / 1e9:.1f} GB as numbers; at most "
            f"{LARGEST_INPUTS / 1e9:.0f} GB can be learned from"
        )


def bits_of(column: pd.Series, path: str) -> NDArray[np.float32]:
    """Return a plain column of 0 and 1.

    Raises:
        UserError: at the first other value.
    """
    if not is_bits(column):
        row = next(row for row, value in enumerate(column) if value not in (0, 1))
        raise UserError(f"{path}: column {column.name} holds {found_at(column, row)}; must be 0 or 1")
    bits: NDArray[np.float32] = column.to_numpy(dtype=np.float32)
    return bits


def standardized(column: pd.Series, training: Rows, path: str) -> NDArray[np.float32]:
    """Return a plain column of numbers with the mean 0 and the standard deviation 1 in the training rows.

    A number that is the same in all of them carries no information, and is 0 in the other rows as well.

    Raises:
        UserError: if a number is infinite, or they lie too far apart for single precision.
    """
    check_finite(column, path)
    numbers = column.to_numpy(dtype=np.float64)
    learned = numbers[training]
    if (learned == learned[0]).all():
        return np.zeros(len(numbers), dtype=np.float32)
    # StandardScaler rounds differently where the mean is far larger than the spread, and leaves a spread alone that it
    # takes for rounding errors: the results of stored seeds would change.
    with np.errstate(all="ignore"):
        spread = learned.std()
        values: NDArray[np.float32] = ((numbers - learned.mean()) / spread).astype(np.float32)
    if not (0 < spread < np.inf and np.isfinite(values).all()):
        raise UserError(
            f"{path}: column {column.name} holds numbers from {numbers.min():g} to {numbers.max():g}; "
            "these lie too far apart"
        )
    return values


def _is_classes(column: pd.Series, path: str) -> bool:
    from sklearn.utils.multiclass import type_of_target

    if is_text(column) or is_bits(column):
        return True
    check_finite(column, path)
    with np.errstate(invalid="ignore"):  # of numbers beyond 64 bits, which are taken for measurements
        return bool(column.nunique() <= MOST_INTEGERS and type_of_target(column.to_numpy()) != "continuous")


def _classes(frame: pd.DataFrame, training: Rows, path: str) -> Encoded:
    blocks: list[NDArray[np.float32]] = []
    names: list[str] = []
    for name, column in frame.items():
        check_finite(column, path)
        if (number := column.nunique()) > MOST_CLASSES:
            raise UserError(f"{path}: column {name} has {number:,} classes; must be at most {MOST_CLASSES:,}")
        _check_learned(column, training, path)
        encoder = _encoder(column)
        block = encoder.transform(frame[[name]])
        if not (learned := block[training].any(axis=0)).all():
            raise UserError(
                f"{path}: column {name} is {_shown(encoder.categories_[0][~learned][0])} in so few rows that none of "
                "them is for training; leave these rows out, or try another task.split_seed"
            )
        blocks.append(block)
        names += _names(encoder)
    return Encoded(np.hstack(blocks), tuple(names), tuple(block.shape[1] for block in blocks))


def _encoder(column: pd.Series) -> OneHotEncoder:
    """Return an encoder of the categories of a column, in rising or alphabetical order."""
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(
        sparse_output=False, dtype=np.float32, feature_name_combiner=lambda name, value: f"{name}={_shown(value)}"
    )
    return encoder.fit(column.to_frame())


def _names(encoder: OneHotEncoder) -> list[str]:
    return list(map(str, encoder.get_feature_names_out()))


def _check_learned(column: pd.Series, training: Rows, path: str) -> None:
    """Refuse an output that is the same in all rows that networks learn from."""
    learned = column.to_numpy()[training]
    if (learned == learned[0]).all():
        raise UserError(
            f"{path}: column {column.name} is {_shown(learned[0])} in all rows that networks learn from; "
            "must have two values or more"
        )


def _shown(value: Any) -> str:
    """Write a class: text as it is, integers without a point, others with as many digits as they need."""
    short = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return str(int(value) if short else value)
