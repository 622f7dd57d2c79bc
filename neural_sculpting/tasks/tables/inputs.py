"""Columns of a table as numbers that a network reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.values import bits_of, is_bits, is_text, standardized

if TYPE_CHECKING:
    import pandas as pd

MOST_CATEGORIES = 64
"""Of one input column. More are a number written as text, or a name that tells every row apart."""

LARGEST_INPUTS = 4 * 10**9
"""Bytes of all inputs as numbers. More does not fit beside the networks."""


@dataclass(frozen=True, eq=False)
class EncodedInputs:
    """What networks read.

    Attributes:
        values: shape (rows, inputs).
        names: one for each input: of its column, with ``=category`` behind it where the column is text.
    """

    values: NDArray[np.float32]
    names: tuple[str, ...]


def encode_inputs(frame: pd.DataFrame, training: NDArray[np.int64], path: str) -> EncodedInputs:
    """Encode columns, each as it is: bits stay bits, other numbers are standardized, text becomes one bit a category.

    What the training rows do not tell apart is 0 everywhere: a number that is the same in all of them, a category that
    none of them has.

    Args:
        frame: the columns, plain.
        training: numbers of the rows whose mean and standard deviation numbers are standardized by.
        path: of the file, for the error.

    Raises:
        UserError: if a number is infinite, a column of text has too many categories, or there are too many inputs.
    """
    categories = {name: _categories(frame[name], path) if is_text(frame[name]) else [] for name in frame}
    names = [each for name in frame for each in ([f"{name}={value}" for value in categories[name]] or [str(name)])]
    check_size(len(frame), len(names), path)
    values = np.empty((len(frame), len(names)), dtype=np.float32)
    place = 0
    for name in frame:
        for column in _encoded(frame[name], categories[name], training, path):
            values[:, place] = column
            place += 1
    return EncodedInputs(values, tuple(names))


def encode_bits(frame: pd.DataFrame, path: str) -> EncodedInputs:
    """Take columns of bits as they are.

    Raises:
        UserError: if a column holds other values, or there are too many.
    """
    check_size(len(frame), frame.shape[1], path)
    columns = [bits_of(frame[name], path) for name in frame]
    return EncodedInputs(np.stack(columns, axis=1), tuple(map(str, frame)))


def check_size(rows: int, inputs: int, path: str) -> None:
    """Refuse a table that is larger than what can be learned from.

    Raises:
        UserError: if it is.
    """
    size = rows * inputs * np.dtype(np.float32).itemsize
    if size > LARGEST_INPUTS:
        raise UserError(
            f"{path}: {rows:,} rows of {inputs:,} inputs take {size / 1e9:.1f} GB as numbers; at most "
            f"{LARGEST_INPUTS / 1e9:.0f} GB can be learned from"
        )


def _categories(column: pd.Series, path: str) -> list[str]:
    categories: list[str] = sorted(column.unique())
    if len(categories) > MOST_CATEGORIES:
        raise UserError(
            f"{path}: column {column.name} is text with {len(categories):,} different values, such as "
            f"{categories[0]!r}; an input column of text has at most {MOST_CATEGORIES}"
        )
    return categories


def _encoded(
    column: pd.Series, categories: list[str], training: NDArray[np.int64], path: str
) -> list[NDArray[np.float32]]:
    if not is_text(column):
        return [bits_of(column, path) if is_bits(column) else standardized(column, training, path)]
    values = column.to_numpy()
    learned = set(values[training])
    return [((values == each) & (each in learned)).astype(np.float32) for each in categories]
