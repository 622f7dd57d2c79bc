"""What panels show: success rates as bars with intervals, and measures as a dot for each trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from neural_sculpting.paper.figures import style
from neural_sculpting.paper.figures.tables import below_paper
from neural_sculpting.scoring.means import mean_interval

BAR, STRIP = 0.26, 0.24
MEAN_AT, MEAN_WIDTH, DOTS = -0.08, 0.07, (-0.02, 0.09)
"""A strip of dots takes the place of a bar, with the mean left of the dots. All in shares of the distance between two
columns, the latter from the middle of the strip."""

DENSE = "dense"

Number = tuple[str, str]
"""A text under a column, and its color."""


@dataclass(frozen=True)
class Bars:
    """Success rates, a bar for each selection by name, with the paper's rate on top of them.

    Each row of ``cells`` is a column of the panel, labeled with its value of ``across``.
    """

    title: str
    cells: pd.DataFrame
    across: str
    names: Sequence[str] = tuple(style.COLORS)

    @property
    def columns(self) -> Sequence[str]:
        """The label under each column."""
        return list(map(str, self.cells[self.across]))

    def draw(self, axes: Axes, column: int) -> Mapping[str, Number]:
        """Draw the bars of a cell, and return its rates in percent."""
        cell = self.cells.iloc[column].to_dict()
        numbers = {}
        for index, name in enumerate(self.names):
            x = column + (index - (len(self.names) - 1) / 2) * BAR
            if pd.isna(cell[f"{name}_rate"]):
                style.shade_missing(axes, x - BAR / 2, 0, BAR, 1)
            else:
                axes.bar(x, cell[f"{name}_rate"], BAR, color=style.COLORS[name])
                style.draw_interval(axes, x, cell[f"{name}_low"], cell[f"{name}_high"])
            color = style.BELOW if below_paper(self.cells, name).iloc[column] else style.INK
            numbers[name] = (style.percent(cell[f"{name}_rate"]), color)
        if pd.notna(cell["paper_rate"]):
            axes.plot(column, cell["paper_rate"], markersize=6, clip_on=False, zorder=4, **style.SIGNS["paper"])
        paper, trials = style.percent(cell["paper_rate"]), str(cell["sparsest_trials"])
        return {**numbers, "paper": (paper, style.INK), "trials": (trials, style.MUTED)}


@dataclass(frozen=True)
class Dots:
    """The values of a measure by number of hidden layers, with means and their intervals.

    Attributes:
        trials: one row for each trial and selection: ``hidden_layers``, ``selection`` and the measure.
        measure: the column of the trials; that of the dense networks is ``dense_<measure>``, where there is one.
        columns: the numbers of hidden layers, in order.
        names: the selections, a strip for each.
        goal: a value that a broken line marks.
    """

    title: str
    trials: pd.DataFrame
    measure: str
    columns: Sequence[str]
    names: Sequence[str] = tuple(style.COLORS)
    goal: float | None = None

    def draw(self, axes: Axes, column: int) -> Mapping[str, Number]:
        """Draw the strips of a number of hidden layers, and return the means in percent."""
        if self.goal is not None and column == 0:
            axes.axhline(self.goal, color=style.MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        strips = [*([DENSE] if f"dense_{self.measure}" in self.trials else []), *self.names]
        numbers = {}
        for index, name in enumerate(strips):
            values = self._values(self.columns[column], name)
            _draw_strip(axes, values, column + (index - (len(strips) - 1) / 2) * STRIP, name)
            numbers[name] = (style.percent(float(values.mean())), style.INK)
            numbers["trials"] = (str(len(values)), style.MUTED)
        return numbers

    def _values(self, depth: str, name: str) -> pd.Series:
        """The values in ascending order, so that a strip of dots is a curve that shows their spread."""
        selection, measure = (self.names[0], f"dense_{self.measure}") if name == DENSE else (name, self.measure)
        rows = (self.trials["hidden_layers"] == depth) & (self.trials["selection"] == selection)
        return self.trials.loc[rows, measure].dropna().astype(float).sort_values()


Panel = Bars | Dots
"""Columns side by side on one pair of axes, over rates from 0 to 1.

``draw`` draws a column around x = its number, and returns the numbers under it by the names of their lines.
"""


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
