"""The values that the live inputs of a network can have, where some of them are one-hot codes."""

from collections.abc import Sequence
from math import prod

import numpy as np

from neural_sculpting.analysis.condense import BoolArray


def input_rows(live: BoolArray, one_hot: Sequence[int] = ()) -> BoolArray:
    """Return all values of the live inputs that can occur, ``(row, live input)``.

    The rows count up, the first input being the most significant bit: without ``one_hot`` they are those of
    :func:`~neural_sculpting.tasks.graph.all_bits`.

    Args:
        live: whether each input is live, ``(input,)``.
        one_hot: the sizes of groups of inputs, as for :class:`~neural_sculpting.tasks.base.TaskContent`. Exactly one of
            a group is 1; at most one if only some of them are live.
    """
    rows = np.zeros((1, 0), dtype=np.bool_)
    for number, is_whole in _groups(live, one_hot):
        codes = np.eye(number, dtype=np.bool_)[::-1]
        if not is_whole:
            codes = np.vstack([np.zeros(number, dtype=np.bool_), codes])
        rows = np.hstack([np.repeat(rows, len(codes), axis=0), np.tile(codes, (len(rows), 1))])
    return rows


def number_of_rows(live: BoolArray, one_hot: Sequence[int] = ()) -> int:
    """Count the :func:`input_rows` without making them."""
    return prod(number if is_whole else number + 1 for number, is_whole in _groups(live, one_hot))


def _groups(live: BoolArray, one_hot: Sequence[int]) -> list[tuple[int, bool]]:
    """Count the live inputs of each group that has any, and whether these are all and one of them must be 1."""
    sizes = one_hot or [1] * len(live)
    numbers = [int(group.sum()) for group in np.split(live, np.cumsum(sizes)[:-1])]
    return [(number, number == size > 1) for number, size in zip(numbers, sizes, strict=True) if number]
