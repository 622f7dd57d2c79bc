"""Panels side by side, and under each of their columns its numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from neural_sculpting.paper.figures import style
from neural_sculpting.paper.figures.bars_and_dots import Number, Panel
from neural_sculpting.paper.figures.style import SIGNS

WIDTH, LEFT, RIGHT, GAP = 9.0, 1.5, 0.06, 0.14
TITLE, AXES, LINE, BELOW_LINES = 0.36, 2.0, 0.23, 0.15
FOOT, NOTE_LINE = 0.09, 0.18
"""Sizes in inches. AXES is the height of the axes, LINE the distance between lines of numbers under them."""


def draw_panels(panels: Sequence[Panel], side_by_side: int, across: str, numbers: Sequence[str], note: str) -> Figure:
    """Draw panels in reading order above a note.

    ``across`` names the line of labels under the columns, ``numbers`` the further lines, which have signs.
    """
    rows = [panels[start : start + side_by_side] for start in range(0, len(panels), side_by_side)]
    of_row = TITLE + AXES + ((1 + len(numbers)) * LINE + BELOW_LINES)
    height = len(rows) * of_row + FOOT + NOTE_LINE * (note.count("\n") + 1)
    figure = Figure(figsize=(WIDTH, height))
    width = (WIDTH - LEFT - RIGHT - (side_by_side - 1) * GAP) / side_by_side
    for index, row in enumerate(rows):
        bottom, axes = height - index * of_row - TITLE - AXES, []
        for column in range(len(row)):
            left = LEFT + column * (width + GAP)
            axes.append(figure.add_axes((left / WIDTH, bottom / height, width / WIDTH, AXES / height)))
            axes[-1].tick_params(labelleft=column == 0)
        _draw_row(axes, row, across, numbers)
    style.write_note(figure, note)
    return figure


def _draw_row(row: Sequence[Axes], panels: Sequence[Panel], across: str, numbers: Sequence[str]) -> None:
    """Draw panels side by side, and under them the lines of numbers that any of them has."""
    under = [_draw_panel(axes, panel) for axes, panel in zip(row, panels, strict=True)]
    lines = [name for name in numbers if any(name in column for columns in under for column in columns)]
    _head_numbers(row[0], across, lines)
    for axes, panel, columns in zip(row, panels, under, strict=True):
        at = axes.get_xaxis_transform()
        for column, (heading, found) in enumerate(zip(panel.columns, columns, strict=True)):
            texts = [(heading, style.INK), *(found.get(name, ("", style.INK)) for name in lines)]
            for line, (text, color) in enumerate(texts):
                axes.text(column, _height(line), text, transform=at, color=color, ha="center", va="center")


def _draw_panel(axes: Axes, panel: Panel) -> list[Mapping[str, Number]]:
    axes.set_title(panel.title)
    axes.set_xlim(-0.55, len(panel.columns) - 0.45)
    axes.set_ylim(0, 1.03)
    axes.set_yticks([0, 0.5, 1], labels=["0", "50", "100 %"])
    axes.set_xticks([])
    axes.grid(axis="y", color=style.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    return [panel.draw(axes, column) for column in range(len(panel.columns))]


def _head_numbers(axes: Axes, across: str, numbers: Sequence[str]) -> None:
    """Name the lines of numbers under the columns; the signs beside the names are the legend."""
    for line, name in enumerate((across, *numbers)):
        at: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right", "va": "center"}
        axes.annotate(name, (0, _height(line)), (-18, 0), **at)
        if name in SIGNS:
            beside = axes.transAxes + ScaledTranslation(-9 / 72, 0, axes.figure.dpi_scale_trans)
            axes.plot(0, _height(line), transform=beside, markersize=7, clip_on=False, **SIGNS[name])


def _height(line: int) -> float:
    """The height of a line of numbers, in heights of the axes."""
    return -(0.2 + line * LINE) / AXES
