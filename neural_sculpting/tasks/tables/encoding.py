"""Columns of a table as numbers: bits, standardized numbers and one-hot categories; and the inputs of networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.values import check_finite, found_at, is_text, is_two_valued, true_value

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.int64]
"""Indices of rows."""

MOST_CATEGORIES = 64
"""Of one input column. More are numbers written as text, or a name that identifies each row."""

LARGEST_INPUTS = 4 * 10**9
"""Bytes of all inputs as numbers. More does not fit beside the networks."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """Columns as numbers.

    Attributes:
        values: shape (rows, units).
        names: one for each unit: that of its column, followed by ``=value`` if the unit is 1 where the column has this
            value.
        one_hot: the number of units of each column, of which exactly one is 1 if there are several; empty if no column
            has several.
    """

    values: NDArray[np.float32]
    names: tuple[str, ...]
    one_hot: tuple[int, ...] = ()


def encode_inputs(frame: pd.DataFrame, training: Rows, path: str) -> Encoded:
    """Encode plain columns: one bit for two values, one bit per category for text, other numbers standardized.

    What does not vary in the training rows is 0 everywhere, such as a category that none of them has.
    """
    columns = [frame[name] for name in frame]
    width = sum(_input_units(column, path) for column in columns)
    check_size(len(frame), width, path)
    values = np.empty((len(frame), width), dtype=np.float32)
    names: list[str] = []
    sizes = []
    for column in columns:
        encoded = _encode_input(column, training, path)
        values[:, len(names) : len(names) + len(encoded.names)] = encoded.values
        names += encoded.names
        sizes.append(len(encoded.names))
    return Encoded(values, tuple(names), one_hot_of(sizes))


def encode_bits(frame: pd.DataFrame, path: str) -> Encoded:
    """Encode plain columns of two values each as bits."""
    check_size(len(frame), frame.shape[1], path)
    bits = [bit_of(frame[name], path) for name in frame]
    return Encoded(np.hstack([each.values for each in bits]), tuple(name for each in bits for name in each.names))


def one_hot_of(sizes: Sequence[int]) -> tuple[int, ...]:
    """Return the number of units of each column; empty if no column has several."""
    return tuple(sizes) if any(size > 1 for size in sizes) else ()


def check_size(rows: int, inputs: int, path: str) -> None:
    """Raise a UserError if a table is too large to learn from."""
    size = rows * inputs * np.dtype(np.float32).itemsize
    if size > LARGEST_INPUTS:
        raise UserError(
            f"{path}: {rows:,} rows of {inputs:,} inputs take {size / 1e9:.1f} GB as numbers; at most "
            f"{LARGEST_INPUTS / 1e9:.0f} GB can be learned from"
        )


def bit_of(column: pd.Series, path: str) -> Encoded:
    """Encode a plain column of two values as one bit, which :func:`~.values.true_value` makes 1.

    The bit has the name of its column if that value is 1 or true, as with 0 and 1, or -1 and 1; else ``column=value``.

    Raises:
        UserError: at the first row with a third value, or an infinite number.
    """
    import pandas as pd

    check_finite(column, path)
    codes, distinct = pd.factorize(column)
    if len(distinct) > 2:
        found = found_at(column, int((codes == 2).argmax()))
        raise UserError(
            f"{path}: column {column.name} contains a third value, {found}; must have two, such as 0 and 1 (task=table "
            "with task.kind=auto takes more)"
        )
    value = true_value(column)
    name = str(column.name) if value == 1 else f"{column.name}={category_name(value)}"
    return Encoded((column == value).to_numpy(dtype=np.float32)[:, None], (name,))


def standardized(column: pd.Series, training: Rows, path: str) -> NDArray[np.float32]:
    """Scale a plain column of numbers to mean 0 and standard deviation 1 in the training rows; shape (rows,).

    A number that is the same in all of them carries no information, and is 0 in the other rows as well.

    Raises:
        UserError: if a number is infinite, or they are too far apart for single precision.
    """
    check_finite(column, path)
    numbers = column.to_numpy(dtype=np.float64)
    learned = numbers[training]
    if (learned == learned[0]).all():
        return np.zeros(len(numbers), dtype=np.float32)
    # StandardScaler rounds differently where the mean is far larger than the spread, and ignores a spread that it takes
    # for rounding errors: the results of stored seeds would change.
    with np.errstate(all="ignore"):
        spread = learned.std()
        values: NDArray[np.float32] = ((numbers - learned.mean()) / spread).astype(np.float32)
    if not (0 < spread < np.inf and np.isfinite(values).all()):
        raise UserError(
            f"{path}: column {column.name} contains numbers from {numbers.min():g} to {numbers.max():g}; "
            "these are too far apart"
        )
    return values


def one_hot(column: pd.Series) -> Encoded:
    """Encode a plain column as one bit per category, in ascending or alphabetical order."""
    import pandas as pd

    codes, categories = pd.factorize(column, sort=True)
    values = (codes[:, None] == np.arange(len(categories))).astype(np.float32)
    return Encoded(values, tuple(f"{column.name}={category_name(each)}" for each in categories))


def category_name(value: Any) -> str:
    """Write a category: text as it is, integers without a point, other numbers with as many digits as they need."""
    is_integer = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return str(int(value) if is_integer else value)


def _input_units(column: pd.Series, path: str) -> int:
    if not is_text(column):
        return 1
    number = int(column.nunique())
    if number > MOST_CATEGORIES:
        raise UserError(
            f"{path}: column {column.name} is text with {number:,} different values, such as {column.min()!r}; an "
            f"input column of text has at most {MOST_CATEGORIES}"
        )
    return 1 if number == 2 else number


def _encode_input(column: pd.Series, training: Rows, path: str) -> Encoded:
    if is_two_valued(column):
        encoded = bit_of(column, path)
    elif is_text(column):
        encoded = one_hot(column)
    else:
        return Encoded(standardized(column, training, path)[:, None], (str(column.name),))
    learned = encoded.values[training]
    return Encoded(encoded.values * (learned != learned[0]).any(axis=0), encoded.names)
