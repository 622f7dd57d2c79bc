"""Random Boolean functions that can serve as sub-functions: no input is idle, and none disappears in another."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.graph import BooleanFunction, Column

TruthTable = NDArray[np.bool_]
"""Of a function of n bits: shape (2,) * n, indexed by its inputs in order."""


def random_function(fan_in: int, random: np.random.Generator) -> TruthTable:
    """Draw a function of so many bits, 1 or more, that depends on all of them, each such function being as likely."""
    while True:
        table = random.integers(2, size=(2,) * fan_in).astype(np.bool_)
        if depends_on(table, range(fan_in)):
            return table


def depends_on(table: TruthTable, inputs: Iterable[int]) -> bool:
    """Whether for each of these inputs there is a row where it decides."""
    return all((table.take(0, axis) != table.take(1, axis)).any() for axis in inputs)


def is_associative(table: TruthTable) -> bool:
    """Whether a function is, but for negations, the conjunction or the parity of its inputs.

    Such a function of several bits is the same operation on any groups of them: it has no one way to be divided. All
    other ways of dividing a function among disjoint inputs are unique (R. L. Ashenhurst, "The decomposition of
    switching functions", 1957).
    """
    ones = int(table.sum())
    if ones in (1, table.size - 1):
        return True
    parity = np.indices(table.shape).sum(axis=0) % 2 == 1
    return bool((table == parity).all() or (table != parity).all())


def merges(user: TruthTable, index: int, used: TruthTable) -> bool:
    """Whether a function disappears in one that reads its bit as this input: both are one associative operation."""
    return is_associative(np.moveaxis(user, index, 0)[used.astype(np.intp)])


def as_function(table: TruthTable) -> BooleanFunction:
    """Return the function as the sub-functions of a graph have it: boolean columns in, one out."""

    def function(*columns: Column) -> Column:
        bits: Sequence[NDArray[np.intp]] = [column.astype(np.intp) for column in columns]
        found: Column = table[tuple(bits)]
        return found

    return function
