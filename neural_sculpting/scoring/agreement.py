"""How far two partitions agree, graded."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def adjusted_rand_index(one: ArrayLike, other: ArrayLike) -> float:
    """Compare two partitions of the same things by the pairs of things that they put together.

    With the sums over C(n, 2) of the sizes n of all cells, rows and columns of the contingency table::

        (cells - expected) / ((rows + columns) / 2 - expected),  expected = rows * columns / C(things, 2)

    Hubert & Arabie, "Comparing partitions", Journal of Classification 2 (1985), equation 5.

    Args:
        one: shape (things,), the part that each thing belongs to, as a number.
        other: likewise.

    Returns:
        1.0 for the same partition, around 0 for partitions that have nothing to do with each other; may be negative.
    """
    _, rows = np.unique(one, return_inverse=True)
    _, columns = np.unique(other, return_inverse=True)
    table = np.zeros((rows.max(initial=0) + 1, columns.max(initial=0) + 1), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    in_cells, in_rows, in_columns = _pairs(table), _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    if in_cells == in_rows == in_columns:  # the same partition; the quotient may be 0/0
        return 1.0
    things, by_chance = _pairs(table.sum()), in_rows * in_columns  # all times C(things, 2): whole numbers, no rounding
    return 2 * (in_cells * things - by_chance) / ((in_rows + in_columns) * things - 2 * by_chance)


def _pairs(sizes: NDArray[np.int64]) -> int:
    """The pairs within groups of these sizes, together."""
    return int((sizes * (sizes - 1) // 2).sum())
