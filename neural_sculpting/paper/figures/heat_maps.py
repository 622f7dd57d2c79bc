"""Heat maps: one for each criterion and selection, the paper's beside them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from neural_sculpting.paper.figures import style
from neural_sculpting.paper.figures.tables import below_paper, usual_trials

WIDTH, LEFT, RIGHT, GAP = 9.0, 0.75, 0.06, 0.16
TOP, TITLE, MAP, UNDER, FOOT = 0.38, 0.36, 1.85, 0.55, 0.45
"""Sizes in inches. MAP is the height of one map."""

MAPS = (*style.COLORS, "paper")
COLORS = colormaps["Blues"]
DARKEST, LIGHT_TEXT = 0.85, 0.75
"""The position of rate 1 in the color map, and the rate above which its number is white."""


def draw_heat_maps(table: pd.DataFrame, criteria: Mapping[str, str], note: str) -> Figure:
    """Draw the rates of a table by overlap and uses, for each criterion under its title, above a note."""
    height = TOP + len(criteria) * (TITLE + MAP) + UNDER + FOOT
    width = (WIDTH - LEFT - RIGHT - (len(MAPS) - 1) * GAP) / len(MAPS)
    figure = Figure(figsize=(WIDTH, height))
    for row, (criterion, words) in enumerate(criteria.items()):
        bottom = height - TOP - (row + 1) * (TITLE + MAP)
        figure.text(LEFT / WIDTH, (bottom + MAP + 0.09) / height, words, va="bottom")
        for column, name in enumerate(MAPS):
            left = LEFT + column * (width + GAP)
            axes = figure.add_axes((left / WIDTH, bottom / height, width / WIDTH, MAP / height))
            _draw_map(axes, table[table["criterion"] == criterion], name)
            axes.tick_params(labelleft=column == 0, labelbottom=row == len(criteria) - 1)
            if column == 0:
                axes.set_ylabel("shared inputs")
            if row == 0:
                figure.text((left + width / 2) / WIDTH, 1 - 0.2 / height, name, ha="center", va="center", weight="bold")
            if row == len(criteria) - 1:
                axes.set_xlabel("uses")
    style.write_note(figure, note)
    return figure


def _draw_map(axes: Axes, cells: pd.DataFrame, name: str) -> None:
    overlaps, uses = (sorted(cells[parameter].unique()) for parameter in ("overlap", "uses"))
    axes.set_xlim(0, len(uses))
    axes.set_ylim(len(overlaps), 0)
    axes.set_xticks([index + 0.5 for index in range(len(uses))], labels=list(map(str, uses)))
    axes.set_yticks([index + 0.5 for index in range(len(overlaps))], labels=list(map(str, overlaps)))
    axes.spines[:].set_visible(False)
    marked = [False] * len(cells) if name == "paper" else below_paper(cells, name).tolist()
    usual = usual_trials(cells)
    for cell, below in zip(cells.to_dict("records"), marked, strict=True):
        corner = uses.index(cell["uses"]), overlaps.index(cell["overlap"])
        _draw_cell(axes, corner, cell[f"{name}_rate"], cell[f"{name}_trials"], usual, below)


def _draw_cell(axes: Axes, corner: tuple[int, int], rate: float, trials: Any, usual: int, below: bool) -> None:
    """Draw one rate, with its number of trials where that is not the usual one."""
    x, y = corner
    if pd.isna(rate):
        style.shade_missing(axes, x, y, 1, 1)
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor="white", linewidth=1))
        return
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=COLORS(DARKEST * rate), edgecolor="white", linewidth=1))
    if below:
        frame: dict[str, Any] = {"facecolor": "none", "edgecolor": style.BELOW, "linewidth": 2}
        axes.add_patch(Rectangle((x + 0.05, y + 0.06), 0.9, 0.88, **frame))
    color = "white" if rate > LIGHT_TEXT else style.INK
    few = trials != usual
    axes.text(x + 0.5, y + 0.36 if few else y + 0.5, style.percent(rate), color=color, ha="center", va="center")
    if few:
        look: dict[str, Any] = {"fontsize": style.NOTE_SIZE - 1, "color": color, "ha": "center", "va": "center"}
        axes.text(x + 0.5, y + 0.75, f"of {trials}", **look)
