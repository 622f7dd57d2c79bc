"""Means with 95 % intervals."""

from collections.abc import Sequence
from math import nan, sqrt

from neural_sculpting.scoring.rates import CONFIDENCE


def mean_interval(values: Sequence[float], lowest: float = 0.0, highest: float = 1.0) -> tuple[float, float]:
    """Compute the 95 % t-interval of a mean (Student 1908), cut at the least and the most that a value can be.

    Returns:
        The lower and the upper end; NaN for fewer than two values, which have no spread.
    """
    count = len(values)
    if count < 2:
        return nan, nan
    from scipy.special import stdtrit  # the quantiles of scipy.stats.t, without the import of scipy.stats

    mean = sum(values) / count
    variance = sum((value - mean) ** 2 for value in values) / (count - 1)
    half_width = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * sqrt(variance / count)
    return max(mean - half_width, lowest), min(mean + half_width, highest)
