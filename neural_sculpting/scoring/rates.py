"""Success rates over trials and differences between them, with 95 % intervals and exact tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95


def success_rates(trials: pd.DataFrame, cell: Sequence[str], criteria: Sequence[str]) -> pd.DataFrame:
    """Count, for every cell and criterion, how many trials succeeded.

    Args:
        trials: one row for each trial.
        cell: the columns that are equal within a cell, missing values included; without any all trials are one cell.
        criteria: columns of True and False. A missing value means that the criterion does not apply to the trial and
            leaves it out of the rate.

    Returns:
        One row for each cell, in order of first appearance, and each criterion: the columns of ``cell``, ``criterion``,
        ``successes``, ``trials``, ``rate``, and ``low`` and ``high`` of the 95 % Wilson interval. Where a criterion
        applies to no trial, ``trials`` is 0, the rate missing and the interval 0 to 1.
    """
    keys, number = _cells(trials, cell)
    counts = {}
    for criterion in criteria:
        known = trials[criterion].notna().to_numpy(dtype=bool)
        met = trials[criterion][known].to_numpy(dtype=bool)
        chosen = (number[known][met], number[known])
        counts[criterion] = [np.bincount(cells, minlength=len(keys)).tolist() for cells in chosen]
    rows = []
    for index, key in enumerate(keys):
        for criterion, (of_criterion, of_trials) in counts.items():
            successes, count = of_criterion[index], of_trials[index]
            rate = successes / count if count else nan
            rows.append((*key, criterion, successes, count, rate, *wilson_interval(successes, count)))
    return pd.DataFrame(rows, columns=[*cell, "criterion", "successes", "trials", "rate", "low", "high"])


def wilson_interval(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Compute the Wilson score interval of a rate (Wilson 1927), of 95 %; 0 to 1 where there was no trial.

    The closed formula is that of ``scipy.stats.binomtest``, whose import alone takes half a second.
    """
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate, widening = successes / trials, z**2 / trials
    center = (rate + widening / 2) / (1 + widening)
    half_width = z * sqrt(rate * (1 - rate) / trials + widening / (4 * trials)) / (1 + widening)
    # At the ends of the range the interval ends there exactly; rounding must not move it.
    low = 0.0 if successes == 0 else center - half_width
    high = 1.0 if successes == trials else center + half_width
    return low, high


@dataclass(frozen=True)
class Difference:
    """The first rate minus the second, -1 to 1, with its 95 % interval.

    Where one of the rates has no trial it is missing, and the interval is -1 to 1.
    """

    difference: float
    low: float
    high: float


def rate_difference(successes: int, trials: int, other_successes: int, other_trials: int) -> Difference:
    """Compare two rates of different trials.

    The interval is the hybrid score interval of Newcombe, "Interval estimation for the difference between independent
    proportions: comparison of eleven methods", Statistics in Medicine 17 (1998) 873-890, method 10. With the Wilson
    intervals (l1, u1) and (l2, u2) of the rates p1 and p2::

        low  = p1 - p2 - sqrt((p1 - l1)² + (u2 - p2)²)
        high = p1 - p2 + sqrt((u1 - p1)² + (p2 - l2)²)

    Raises:
        ValueError: more successes than trials, or a negative number.
    """
    return _difference(successes, trials, other_successes, other_trials, correlation=0.0)


def paired_difference(
    both: int, only_first: int, only_second: int, neither: int, confidence: float = CONFIDENCE
) -> Difference:
    """Compare two rates of the same trials, such as two selections from the same networks.

    The interval is that of Newcombe, "Improved confidence intervals for the difference between binomial proportions
    based on paired data", Statistics in Medicine 17 (1998) 2635-2650, method 10. With the notation of
    :func:`rate_difference` and d = p1 - p2::

        low  = d - sqrt((p1 - l1)² - 2 φ (p1 - l1) (u2 - p2) + (u2 - p2)²)
        high = d + sqrt((u1 - p1)² - 2 φ (u1 - p1) (p2 - l2) + (p2 - l2)²)

    φ is the correlation of the two outcomes, (ad - bc) over the root of the product of the four margins; where ad > bc,
    half the number of trials is taken off the numerator, at most down to 0. It is 0 where a margin is 0.

    Args:
        both: trials that succeed in both ways, a.
        only_first: in the first way only, b.
        only_second: in the second way only, c.
        neither: in neither, d.
        confidence: of the interval; with 0.9 either end is a one-sided bound of 95 %.

    Raises:
        ValueError: a negative number.
    """
    trials = both + only_first + only_second + neither
    if min(both, only_first, only_second, neither) < 0:
        raise ValueError(f"counts {both}, {only_first}, {only_second}, {neither}: must not be negative")
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    product = both * neither - only_first * only_second
    corrected = max(product - trials / 2, 0.0) if product > 0 else product
    correlation = corrected / sqrt(margins) if margins else 0.0
    return _difference(both + only_first, trials, both + only_second, trials, correlation, confidence)


def paired_differences(trials: pd.DataFrame, cell: Sequence[str], new: str, old: str) -> pd.DataFrame:
    """Count, for every cell, the trials that succeed in one way and not in the other.

    Args:
        trials: one row for each trial.
        cell: as in :func:`success_rates`.
        new: a column of True and False.
        old: another one.

    Returns:
        One row for each cell, in order of first appearance: the columns of ``cell``, ``trials``, ``gained`` (trials
        in which only the new way succeeds), ``lost`` (only the old one), ``difference`` of the rates, ``p`` of the
        exact test of McNemar (1947), two-sided, and ``p_corrected`` for the number of cells (Holm 1979).
    """
    keys, number = _cells(trials, cell)
    one, other = trials[new].to_numpy(dtype=bool), trials[old].to_numpy(dtype=bool)
    chosen = (number, number[one & ~other], number[other & ~one])
    rows = []
    for key, *counts in zip(keys, *(np.bincount(cells, minlength=len(keys)).tolist() for cells in chosen), strict=True):
        count, gained, lost = counts
        rows.append((*key, count, gained, lost, (gained - lost) / count, sign_test(gained, lost)))
    table = pd.DataFrame(rows, columns=[*cell, "trials", "gained", "lost", "difference", "p"])
    return table.assign(p_corrected=holm(table["p"]))


def sign_test(gained: int, lost: int, alternative: Literal["two-sided", "less"] = "two-sided") -> float:
    """The p-value of as many gains and losses where either is as likely, 1.0 without any.

    Of pairs of trials that succeed or fail it is the exact test of McNemar (1947), of others the sign test (Dixon &
    Mood 1946), in which ties count for neither side. ``less``: that there are fewer gains than losses.
    """
    from scipy.stats import binomtest  # takes half a second

    return float(binomtest(gained, gained + lost, alternative=alternative).pvalue) if gained + lost else 1.0


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Correct p-values ``(test,)`` for their number (Holm 1979).

    If all hypotheses with values below 0.05 are rejected, the chance of any false rejection is at most 5 %.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = values.argsort(kind="stable")
    factors = np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return corrected


def _cells(trials: pd.DataFrame, cell: Sequence[str]) -> tuple[list[tuple[Any, ...]], NDArray[np.int64]]:
    """Return the values of each cell, in order of first appearance, and the number of each trial's cell."""
    if not cell:
        return [()], np.zeros(len(trials), np.int64)
    groups = trials.groupby(list(cell), dropna=False, sort=False)
    keys = groups.size().index
    return [key if isinstance(key, tuple) else (key,) for key in keys], groups.ngroup().to_numpy()


def _difference(
    successes: int,
    trials: int,
    other_successes: int,
    other_trials: int,
    correlation: float,
    confidence: float = CONFIDENCE,
) -> Difference:
    for count, of in ((successes, trials), (other_successes, other_trials)):
        if not 0 <= count <= of:
            raise ValueError(f"{count} successes of {of} trials: must be from 0 to the number of trials")
    if not trials or not other_trials:
        return Difference(nan, -1.0, 1.0)
    rate, other_rate = successes / trials, other_successes / other_trials
    low, high = wilson_interval(successes, trials, confidence)
    other_low, other_high = wilson_interval(other_successes, other_trials, confidence)
    down = _length(rate - low, other_high - other_rate, correlation)
    up = _length(high - rate, other_rate - other_low, correlation)
    return Difference(rate - other_rate, rate - other_rate - down, rate - other_rate + up)


def _length(one: float, other: float, correlation: float) -> float:
    # The sum is a square where φ is 1; rounding must not make it negative.
    return sqrt(max(one**2 - 2 * correlation * one * other + other**2, 0.0))
