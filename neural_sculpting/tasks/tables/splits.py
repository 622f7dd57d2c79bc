"""The division of the rows of a table into training, validation and test set."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images.pairs import Sets
from neural_sculpting.tasks.tables.values import Rows, category_name

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)


def strata_of(outputs: pd.DataFrame, shares: Sequence[float]) -> Rows:
    """Number the strata of rows, ``(rows,)``: the combinations of their classes in plain output columns.

    If some combination has too few rows for every set with a share to get one, the stratum of a row is the rarest of
    its classes instead.
    """
    import pandas as pd

    codes = np.stack([pd.factorize(outputs[name], sort=True)[0] for name in outputs], axis=1)
    _, joint, size = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    if size.min() * min(share for share in shares if share > 0) >= 1:
        return joint.reshape(-1).astype(np.int64)
    counts = [np.bincount(column) for column in codes.T]
    rarest = np.argmin(np.stack([number[column] for number, column in zip(counts, codes.T, strict=True)]), axis=0)
    first = np.cumsum([0, *map(len, counts)])[:-1]  # number of the first class of each column
    _, strata = np.unique(first[rarest] + codes[np.arange(len(codes)), rarest], return_inverse=True)
    return strata.reshape(-1).astype(np.int64)


def warn_of_single_rows(outputs: pd.DataFrame, path: str) -> None:
    """Log which classes have a single row, in plain output columns: networks learn it, and no set measures it."""
    for name in outputs:
        single = ~outputs[name].duplicated(keep=False)
        if single.any():
            values = ", ".join(map(category_name, outputs.loc[single, name]))
            log.warning(
                "%s: column %s: of %s there is one row only, to learn from; no set measures it", path, name, values
            )


def split_rows(
    rows: int, validation_share: float, test_share: float, seed: int, strata: Rows | None = None
) -> Sets[Rows]:
    """Split rows at random into three disjoint sets of indices, in ascending order. ``test`` may be empty.

    With ``strata``, the number of the stratum of each row, each set gets its share of every stratum, rounded up or down
    so that the sets keep their sizes. Rows of rare strata are for training first, then for validation, then for the
    test; there are no strata where the training set has fewer rows than there are of them.

    Raises:
        UserError: if the shares leave no row to learn from, or one of them comes to no row.
    """
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
    # scikit-learn's splitters refuse a class of one row, may leave another without a row to learn from, and draw other
    # rows from the same seed, which would change the results of stored seeds of regressions.
    order = np.random.default_rng(seed).permutation(rows).astype(np.int64)
    counts = np.bincount(strata) if strata is not None else np.array([rows])
    if len(counts) > rows - n_validation - n_test:
        strata, counts = None, np.array([rows])
    for_validation = _share_out(counts, n_validation, counts - 1)
    for_test = _share_out(counts - for_validation, n_test, counts - for_validation - 1)
    stratum = np.zeros(rows, dtype=np.int64) if strata is None else strata[order]
    by_stratum = np.argsort(stratum, kind="stable")
    number = np.empty(rows, dtype=np.int64)  # of each row within its stratum, in the random order
    number[by_stratum] = np.arange(rows) - np.repeat(np.cumsum(counts) - counts, counts)
    last = for_validation[stratum]
    validation = order[number < last]
    to_learn = number >= last + for_test[stratum]
    test, training = order[(number >= last) & ~to_learn], order[to_learn]
    return Sets(np.sort(training), np.sort(validation), np.sort(test))


def _share_out(counts: Rows, total: int, most: Rows) -> Rows:
    """Divide a total in proportion to counts, at most so much of each: rounded down, then one more of the largest rest.

    What would get nothing comes before everything else.
    """
    exact = counts * total / counts.sum()
    shared: Rows = np.minimum(exact.astype(np.int64), most)
    while (left := total - shared.sum()) > 0:
        order = np.lexsort((shared - exact, shared > 0))
        shared[order[shared[order] < most[order]][:left]] += 1
    return shared
