"""Two ways of choosing, compared on the same trials."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest


def paired_differences(trials: pd.DataFrame, cell: Sequence[str], new: str, old: str) -> pd.DataFrame:
    """Count, for every cell, the trials that succeed in one way and not in the other.

    Args:
        trials: one row for each trial.
        cell: the columns in which the trials of one cell agree. A missing value is a value of its own.
        new: a column of True and False.
        old: another one.

    Returns:
        One row for each cell, in order of first appearance: the columns of ``cell``, ``trials``, ``gained`` (trials
        in which only the new way succeeds), ``lost`` (only the old one), ``difference`` of the rates, ``p`` of the
        exact test of McNemar (1947), two-sided, and ``p_corrected`` for the number of cells (Holm 1979).
    """
    rows = []
    for key, group in trials.groupby(list(cell), dropna=False, sort=False):
        one, other = group[new].to_numpy(dtype=bool), group[old].to_numpy(dtype=bool)
        gained, lost = int((one & ~other).sum()), int((other & ~one).sum())
        p = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
        rows.append((*key, len(group), gained, lost, (gained - lost) / len(group), p))
    table = pd.DataFrame(rows, columns=[*cell, "trials", "gained", "lost", "difference", "p"])
    return table.assign(p_corrected=holm(table["p"]))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Correct p-values for their number (Holm 1979): whoever rejects those below 0.05 errs once in 20 at most.

    Args:
        p_values: ``(test,)``.

    Returns:
        The corrected values, ``(test,)``, in the same order.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = values.argsort(kind="stable")
    factors = np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return corrected
