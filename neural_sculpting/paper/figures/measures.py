"""Means of graded measures over the trials of a figure, for which a success rate is too coarse."""

from collections.abc import Sequence
from itertools import product
from math import nan, sqrt

import pandas as pd

from neural_sculpting.paper.figures.tables import plan_of, trials_of_figure
from neural_sculpting.scoring.rates import CONFIDENCE

CHOICES = ("sparsest", "consensus", "simplest")
"""The values of ``selection`` in the trials."""

LOWEST = {"input_agreement": -1.0}
"""The least that a measure can be, where that is not 0. None can be more than 1."""

COLUMNS = ("task", "measure", "hidden_layers", "selection", "trials", "mean", "low", "high", "smallest", "largest")


def measures_table(trials: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Compute the means of the measures of a figure, by number of hidden layers and selection.

    Trials are pooled over widths and seeds. One whose network could not be analyzed has no value and is not counted.

    Returns:
        ``COLUMNS``, with the interval of :func:`mean_interval`. Selections without any trial have no rows.

    Raises:
        UserError: if there is no such figure.
    """
    plan, pooled = plan_of(figure), trials_of_figure(trials, figure)
    chosen = [name for name in CHOICES if (pooled["selection"] == name).any()]
    rows: list[tuple[object, ...]] = []
    for task, measure, depth, selection in product(plan.tasks, plan.measures, plan.hidden_layers, chosen):
        agree = {"task": task, "hidden_layers": depth, "selection": selection}
        values = pooled.loc[(pooled[list(agree)] == pd.Series(agree)).all(axis=1), measure].dropna().astype(float)
        interval = mean_interval(values.tolist(), LOWEST.get(measure, 0.0))
        key = task, measure, depth, selection
        rows.append((*key, len(values), values.mean(), *interval, values.min(), values.max()))
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
