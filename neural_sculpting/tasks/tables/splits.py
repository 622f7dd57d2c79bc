"""Three sets of rows that share none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError

Rows = NDArray[np.int64]


class SplitRows(NamedTuple):
    """The numbers of the rows of each set, in rising order.

    Attributes:
        training: what networks learn from.
        validation: what decides whether a pruned network is accepted.
        test: what is only reported; empty where no share is held back for it.
    """

    training: Rows
    validation: Rows
    test: Rows


def split_rows(rows: int, validation_share: float, test_share: float, seed: int) -> SplitRows:
    """Split rows at random.

    Args:
        rows: how many there are.
        validation_share: of all rows, above 0.
        test_share: likewise, or 0.
        seed: of the split.

    Raises:
        UserError: if the shares leave no row to learn from, or one of them is no row.
    """
    order = np.random.default_rng(seed).permutation(rows).astype(np.int64)
    n_validation, n_test = round(rows * validation_share), round(rows * test_share)
    for name, share, size in (("validation", validation_share, n_validation), ("test", test_share, n_test)):
        if share > 0 and not size:
            raise UserError(
                f"task.{name}_share={share:g}: of {rows} rows that is none; must be larger, or the table longer"
            )
    if n_validation + n_test >= rows:
        raise UserError(
            f"task.validation_share={validation_share:g} and task.test_share={test_share:g}: take all rows, of which "
            f"there are {rows}; must leave some to learn from"
        )
    validation, test, training = np.split(order, [n_validation, n_validation + n_test])
    return SplitRows(np.sort(training), np.sort(validation), np.sort(test))
