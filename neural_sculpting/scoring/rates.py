"""Success rates over trials, with intervals."""

from collections.abc import Iterator, Sequence
from math import nan, sqrt
from statistics import NormalDist
from typing import Any

import pandas as pd

CONFIDENCE = 0.95


def success_rates(trials: pd.DataFrame, cell: Sequence[str], criteria: Sequence[str]) -> pd.DataFrame:
    """Count, for every cell and criterion, how many trials succeeded.

    Args:
        trials: one row for each trial.
        cell: the columns in which the trials of one cell agree. A missing value is a value of its own.
        criteria: columns of True and False. A missing value says that the criterion does not apply to the
            trial and leaves it out of the rate.

    Returns:
        One row for each cell, in order of first appearance, and each criterion: the columns of ``cell``,
        ``criterion``, ``successes``, ``trials``, ``rate``, and ``low`` and ``high`` of the 95 % Wilson
        interval. Where a criterion applies to no trial, ``trials`` is 0, the rate missing and the interval
        0 to 1.
    """
    rows = []
    for key, group in _cells(trials, cell):
        for criterion in criteria:
            applicable = group[criterion].dropna().astype(bool)
            successes, count = int(applicable.sum()), len(applicable)
            low, high = wilson_interval(successes, count)
            rate = successes / count if count else nan
            rows.append((*key, criterion, successes, count, rate, low, high))
    columns = [*cell, "criterion", "successes", "trials", "rate", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Compute the 95 % Wilson score interval of a rate (Wilson 1927).

    The closed formula is that of ``scipy.stats.binomtest``, whose import alone takes half a second.

    Args:
        successes: how many trials succeeded, at most ``trials``.
        trials: how many trials there were.

    Returns:
        The lower and the upper end; 0 and 1 where there was no trial.
    """
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    rate, widening = successes / trials, z**2 / trials
    center = (rate + widening / 2) / (1 + widening)
    half_width = z * sqrt(rate * (1 - rate) / trials + widening / (4 * trials)) / (1 + widening)
    # At the ends of the range the interval ends there exactly; rounding must not move it.
    low = 0.0 if successes == 0 else center - half_width
    high = 1.0 if successes == trials else center + half_width
    return low, high


def _cells(trials: pd.DataFrame, cell: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Go through the cells in order of first appearance; without columns all trials are one cell."""
    if not cell:
        yield (), trials
        return
    for key, group in trials.groupby(list(cell), dropna=False, sort=False):
        yield tuple(key), group
