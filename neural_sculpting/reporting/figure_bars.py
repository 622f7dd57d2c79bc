"""Bars with intervals: panels side by side, and under each column its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from matplotlib.transforms import ScaledTranslation

from neural_sculpting.reporting import figure_style as style
from neural_sculpting.reporting.figure_tables import below_paper

WIDTH, LEFT, RIGHT, GAP = 9.0, 1.5, 0.06, 0.14
TITLE, AXES, UNDER, FOOT = 0.36, 2.0, 1.53, 0.45
LINE = 0.23
"""Sizes in inches. AXES is the height of the axes, LINE leads from one line of numbers under them to the next."""

BAR = 0.26
NUMBERS = (*style.COLORS, "paper", "trials")
SIGNS: Mapping[str, Mapping[str, Any]] = {
    **{name: {"marker": "s", "color": color} for name, color in style.COLORS.items()},
    "paper": {"marker": "D", "color": "white", "markeredgecolor": "black"},
}


@dataclass(frozen=True)
class Panel:
    """The part of a table that shares one pair of axes.

    Attributes:
        title: stands above it.
        cells: rows of the table, one for each column of the panel.
    """

    title: str
    cells: pd.DataFrame


def draw_bars(panels: Sequence[Panel], columns: int, across: str, note: str) -> Figure:
    """Draw one panel for each part of a table.

    Args:
        panels: in reading order.
        columns: how many of them stand side by side.
        across: the column of the table whose values stand under the bars.
        note: stands at the bottom.
    """
    rows = -(-len(panels) // columns)
    height = rows * (TITLE + AXES + UNDER) + FOOT
    figure = Figure(figsize=(WIDTH, height))
    width = (WIDTH - LEFT - RIGHT - (columns - 1) * GAP) / columns
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        left, bottom = LEFT + column * (width + GAP), height - row * (TITLE + AXES + UNDER) - TITLE - AXES
        axes = figure.add_axes((left / WIDTH, bottom / height, width / WIDTH, AXES / height))
        _draw_panel(axes, panel, across)
        axes.tick_params(labelleft=column == 0)
        if column == 0:
            _head_numbers(axes, across.replace("_", " "))
    style.write_note(figure, note)
    return figure


def _draw_panel(axes: Axes, panel: Panel, across: str) -> None:
    axes.set_title(panel.title)
    axes.set_xlim(-0.55, len(panel.cells) - 0.45)
    axes.set_ylim(0, 1.03)
    axes.set_yticks([0, 0.5, 1], labels=["0", "50", "100 %"])
    axes.set_xticks([])
    axes.grid(axis="y", color=style.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    below = {name: below_paper(panel.cells, name).tolist() for name in style.COLORS}
    for x, cell in enumerate(panel.cells.to_dict("records")):
        lines = [(str(cell[across]), style.INK)]
        for place, name in enumerate(style.COLORS):
            _draw_bar(axes, cell, name, x + (place - (len(style.COLORS) - 1) / 2) * BAR)
            lines.append((style.percent(cell[f"{name}_rate"]), style.BELOW if below[name][x] else style.INK))
        if pd.notna(cell["paper_rate"]):
            axes.plot(x, cell["paper_rate"], markersize=6, clip_on=False, zorder=4, **SIGNS["paper"])
        lines += [(style.percent(cell["paper_rate"]), style.INK), (str(cell["sparsest_trials"]), style.MUTED)]
        for line, (text, color) in enumerate(lines):
            at = axes.get_xaxis_transform()
            axes.text(x, _height(line), text, transform=at, color=color, ha="center", va="center")


def _draw_bar(axes: Axes, cell: Mapping[Any, Any], name: str, x: float) -> None:
    if pd.isna(cell[f"{name}_rate"]):
        style.shade_missing(axes, x - BAR / 2, 0, BAR, 1)
        return
    axes.bar(x, cell[f"{name}_rate"], BAR, color=style.COLORS[name])
    interval = axes.vlines(x, cell[f"{name}_low"], cell[f"{name}_high"], color=style.INK, linewidth=1.2)
    interval.set_path_effects([Stroke(linewidth=2.4, foreground="white"), Normal()])


def _head_numbers(axes: Axes, across: str) -> None:
    """Say what the numbers under the bars are; the signs beside the words are the legend."""
    for line, name in enumerate((across, *NUMBERS)):
        at: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right", "va": "center"}
        axes.annotate(name, (0, _height(line)), (-18, 0), **at)
        if name in SIGNS:
            beside = axes.transAxes + ScaledTranslation(-9 / 72, 0, axes.figure.dpi_scale_trans)
            axes.plot(0, _height(line), transform=beside, markersize=7, clip_on=False, **SIGNS[name])


def _height(line: int) -> float:
    """Where a line of numbers stands, in heights of the axes."""
    return -(0.2 + line * LINE) / AXES
