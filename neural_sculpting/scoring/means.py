"""Means with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.rates import CONFIDENCE


@dataclass(frozen=True)
class Mean:
    """A mean, its 95 % interval, and the number of values; NaN where there are none, or too few for an interval."""

    mean: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float], lowest: float = 0.0, highest: float = 1.0) -> Mean:
        """Compute the mean of the values that are not NaN with its :func:`mean_interval`."""
        known = [value for value in values if value == value]
        mean = sum(known) / len(known) if known else nan
        return cls(mean, *mean_interval(known, lowest, highest), len(known))

    @classmethod
    def of_pairs(cls, values: NDArray[np.floating], lowest: float = 0.0, highest: float = 1.0) -> Mean:
        """Compute the mean over all pairs of some things, which count.

        Pairs share things and are not independent. The interval is the t-interval of the jackknife over things (J. N.
        Arvesen, "Jackknifing U-statistics", Annals of Mathematical Statistics 40 (1969)); where all pairs are alike it
        has no width, however few they are.

        Args:
            values: of each pair, symmetric, ``(things, things)``; the diagonal does not count.
            lowest: the least that a value can be.
            highest: the most.
        """
        count = len(values)
        of_each = values.sum(axis=1) - values.diagonal()
        if count < 3:
            return cls(float(values[0, 1]) if count == 2 else nan, nan, nan, count)
        total = of_each.sum()
        without = (total - 2 * of_each) / ((count - 1) * (count - 2))
        mean = total / (count * (count - 1))
        pseudo = count * mean - (count - 1) * without
        return cls(float(mean), *mean_interval(pseudo.tolist(), lowest, highest), count)


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
