"""A measure as dots, one for each trial, with the means and their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from neural_sculpting.paper.figures import style
from neural_sculpting.paper.figures.measures import mean_interval
from neural_sculpting.paper.figures.panels import Number

STRIP = 0.24
MEAN_AT, MEAN_WIDTH, DOTS = -0.08, 0.07, (-0.02, 0.09)
"""A strip is what a bar is in other panels: the place of one way of choosing. The mean stands left of the dots. All in
shares of the distance between two columns, from the middle of the strip."""

DENSE = "dense"


@dataclass(frozen=True)
class Dots:
    """The values of a measure by number of hidden layers.

    Attributes:
        title: stands above them.
        trials: one row for each trial and selection: ``hidden_layers``, ``selection`` and the measure.
        measure: the column of the trials; what the dense network reached, if shown, is in ``dense_<measure>``.
        columns: the numbers of hidden layers, in order.
        names: the ways of choosing, a strip for each.
        with_dense: whether the dense networks have a strip before them.
        goal: where a broken line crosses the panel.
    """

    title: str
    trials: pd.DataFrame
    measure: str
    columns: Sequence[str]
    names: Sequence[str] = tuple(style.COLORS)
    with_dense: bool = False
    goal: float | None = None

    def draw(self, axes: Axes, column: int) -> Mapping[str, Number]:
        """Draw the strips of a number of hidden layers, and return the means in percent."""
        if self.goal is not None and column == 0:
            axes.axhline(self.goal, color=style.MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        strips = [*([DENSE] if self.with_dense else []), *self.names]
        numbers = {}
        for place, name in enumerate(strips):
            values = self._values(self.columns[column], name)
            _draw_strip(axes, values, column + (place - (len(strips) - 1) / 2) * STRIP, name)
            numbers[name] = (style.percent(float(values.mean())), style.INK)
            numbers["trials"] = (str(len(values)), style.MUTED)
        return numbers

    def _values(self, depth: str, name: str) -> pd.Series:
        """The values in rising order: a strip of dots then is a curve that tells how they are spread."""
        selection, measure = (self.names[0], f"dense_{self.measure}") if name == DENSE else (name, self.measure)
        rows = (self.trials["hidden_layers"] == depth) & (self.trials["selection"] == selection)
        return self.trials.loc[rows, measure].dropna().astype(float).sort_values()


def _draw_strip(axes: Axes, values: pd.Series, x: float, name: str) -> None:
    if values.empty:
        style.shade_missing(axes, x - STRIP / 2, 0, STRIP, 1)
        return
    color = style.DENSE if name == DENSE else style.COLORS[name]
    xs = x + (np.linspace(*DOTS, len(values)) if len(values) > 1 else np.mean(DOTS))
    axes.scatter(xs, values, s=11, color=color, linewidths=0, clip_on=False, zorder=3)
    middle = x + MEAN_AT
    low, high = mean_interval(values.tolist(), lowest=-1.0)
    axes.vlines(middle, low, high, color=style.INK, linewidth=1.2, zorder=3)
    ends = middle - MEAN_WIDTH / 2, middle + MEAN_WIDTH / 2
    axes.hlines(values.mean(), *ends, color=style.INK, linewidth=2, clip_on=False, zorder=3)
