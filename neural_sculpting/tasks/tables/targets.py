"""Columns of a table as what networks learn to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.values import bits_of, check_finite, found_at, is_bits, is_text, standardized

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["binary", "classification", "regression"]
KINDS: tuple[Kind, ...] = ("binary", "classification", "regression")
Loss = Literal["cross_entropy", "squared_error"]

MOST_CLASSES = 1000
MOST_WHOLE_NUMBERS = 20
"""Different whole numbers that are taken for classes where nobody says what they are."""


@dataclass(frozen=True, eq=False)
class Targets:
    """What networks learn to answer.

    Attributes:
        values: shape (rows, outputs): 0 or 1; in a regression standardized by the training rows.
        names: one for each output: of its column, with ``=class`` behind it for one class of several.
        one_hot: the number of classes of each column of a classification; else empty.
        loss: ``cross_entropy``, or ``squared_error`` in a regression.
    """

    values: NDArray[np.float32]
    names: tuple[str, ...]
    one_hot: tuple[int, ...] = ()
    loss: Loss = "cross_entropy"


def kind_of(outputs: pd.DataFrame, path: str) -> Kind:
    """Tell what kind of task a table is, where nobody says it.

    Outputs of 0 and 1: binary; of text, or of whole numbers with at most twenty different values: classification; else
    regression.

    Args:
        outputs: the columns, plain.
        path: of the file, for the error.

    Raises:
        UserError: if some outputs are text and others numbers that are no classes.
    """
    columns = [outputs[name] for name in outputs]
    if all(map(is_bits, columns)):
        return "binary"
    measured = [column.name for column in columns if not _is_classes(column)]
    texts = [column.name for column in columns if is_text(column)]
    if measured and texts:
        raise UserError(
            f"{path}: output {texts[0]} is text and output {measured[0]} is numbers; the outputs of a task are all "
            "classes (task.kind=classification) or all numbers"
        )
    return "regression" if measured else "classification"


def encode_targets(outputs: pd.DataFrame, kind: Kind, training: NDArray[np.int64], path: str) -> Targets:
    """Encode the outputs.

    Args:
        outputs: the columns, plain.
        kind: of the task.
        training: numbers of the rows that networks learn from; a regression is standardized by their mean and spread.
        path: of the file, for the error.

    Raises:
        UserError: if a column does not fit the kind: other values than 0 and 1, a single class, text as numbers.
    """
    columns = [outputs[name] for name in outputs]
    match kind:
        case "binary":
            values = [_bits(column, training, path) for column in columns]
            return Targets(np.stack(values, axis=1), tuple(map(str, outputs)))
        case "classification":
            return _classes(columns, training, path)
        case "regression":
            values = [_numbers(column, training, path) for column in columns]
            return Targets(np.stack(values, axis=1), tuple(map(str, outputs)), loss="squared_error")


def _is_classes(column: pd.Series) -> bool:
    if is_text(column) or is_bits(column):
        return True
    return column.nunique() <= MOST_WHOLE_NUMBERS and bool((column == column.round()).all())


def _bits(column: pd.Series, training: NDArray[np.int64], path: str) -> NDArray[np.float32]:
    bits = bits_of(column, path)
    _check_learned(column.to_numpy()[training], column, path)
    return bits


def _numbers(column: pd.Series, training: NDArray[np.int64], path: str) -> NDArray[np.float32]:
    if is_text(column):
        raise UserError(
            f"{path}: column {column.name} holds {found_at(column, 0)}; must be numbers for task.kind=regression"
        )
    values = standardized(column, training, path)
    _check_learned(column.to_numpy()[training], column, path)
    return values


def _classes(columns: Sequence[pd.Series], training: NDArray[np.int64], path: str) -> Targets:
    values: list[NDArray[np.float32]] = []
    names: list[str] = []
    sizes: list[int] = []
    for column in columns:
        check_finite(column, path)
        classes = sorted(column.unique().tolist())
        if len(classes) > MOST_CLASSES:
            raise UserError(
                f"{path}: column {column.name} has {len(classes):,} classes; must be at most {MOST_CLASSES:,}"
            )
        learned = column.to_numpy()[training]
        _check_learned(learned, column, path)
        if never_learned := sorted(set(classes) - set(learned.tolist())):
            raise UserError(
                f"{path}: column {column.name} is {_shown(never_learned[0])} in so few rows that none of them is for "
                "training; leave these rows out, or try another task.split_seed"
            )
        values += [(column == each).to_numpy(dtype=np.float32) for each in classes]
        names += [f"{column.name}={_shown(each)}" for each in classes]
        sizes.append(len(classes))
    return Targets(np.stack(values, axis=1), tuple(names), tuple(sizes))


def _check_learned(learned: NDArray[Any], column: pd.Series, path: str) -> None:
    """Refuse an output that is the same in all rows that networks learn from."""
    if (learned == learned[0]).all():
        raise UserError(
            f"{path}: column {column.name} is {_shown(learned[0])} in all rows that networks learn from; "
            "must have two values or more"
        )


def _shown(value: Any) -> str:
    """Write a class: text as it is, whole numbers without a point, others with as many digits as they need."""
    short = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return str(int(value) if short else value)
