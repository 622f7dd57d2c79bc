"""Success rates as bars with intervals, the paper's rate on top of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from neural_sculpting.paper.figures import style
from neural_sculpting.paper.figures.panels import SIGNS, Number
from neural_sculpting.paper.figures.tables import below_paper

BAR = 0.26


@dataclass(frozen=True)
class Bars:
    """The part of a table that shares one pair of axes.

    Attributes:
        title: stands above it.
        cells: rows of the table, one for each column of the panel.
        across: the column of the table whose values stand under the bars.
        names: the ways of choosing, a bar for each.
    """

    title: str
    cells: pd.DataFrame
    across: str
    names: Sequence[str] = tuple(style.COLORS)

    @property
    def columns(self) -> Sequence[str]:
        """What stands under each column."""
        return list(map(str, self.cells[self.across]))

    @cached_property
    def _below(self) -> dict[str, list[bool]]:
        return {name: below_paper(self.cells, name).tolist() for name in self.names}

    def draw(self, axes: Axes, column: int) -> Mapping[str, Number]:
        """Draw the bars of a cell, and return its rates in percent."""
        cell = self.cells.iloc[column].to_dict()
        numbers = {}
        for place, name in enumerate(self.names):
            _draw_bar(axes, cell, name, column + (place - (len(self.names) - 1) / 2) * BAR)
            color = style.BELOW if self._below[name][column] else style.INK
            numbers[name] = (style.percent(cell[f"{name}_rate"]), color)
        if pd.notna(cell["paper_rate"]):
            axes.plot(column, cell["paper_rate"], markersize=6, clip_on=False, zorder=4, **SIGNS["paper"])
        paper, trials = style.percent(cell["paper_rate"]), str(cell["sparsest_trials"])
        return {**numbers, "paper": (paper, style.INK), "trials": (trials, style.MUTED)}


def _draw_bar(axes: Axes, cell: Mapping[Any, Any], name: str, x: float) -> None:
    if pd.isna(cell[f"{name}_rate"]):
        style.shade_missing(axes, x - BAR / 2, 0, BAR, 1)
        return
    axes.bar(x, cell[f"{name}_rate"], BAR, color=style.COLORS[name])
    style.draw_interval(axes, x, cell[f"{name}_low"], cell[f"{name}_high"])
