"""Means of graded measures over the trials of a figure, for which a success rate is too coarse."""

from itertools import product

import pandas as pd

from neural_sculpting.paper.figures.tables import plan_of, trials_of_figure
from neural_sculpting.scoring.means import mean_interval

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
