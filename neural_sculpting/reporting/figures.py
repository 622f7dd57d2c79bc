"""The paper's figures, drawn anew from trials. Only drawing loads matplotlib, and only when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from neural_sculpting.errors import UserError
from neural_sculpting.reporting.figure_tables import PLANS, usual_trials

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 200
EXEMPLARS = {
    "boolean_sep": "input separable",
    "boolean_reused": "reused, 8 uses",
    "boolean_sep_reused": "both",
    "boolean_single": "neither",
}
DEPTHS = {"1": "1 hidden layer", **{str(number): f"{number} hidden layers" for number in (2, 3, 4)}}
CRITERIA = {
    "input_separability": "inputs divided as expected",
    "output_sub_functions": "outputs divided as expected",
    "hidden_unit_separability": "hidden units that serve one sub-function each",
}
PAPER = "Hatched: no trial. Paper: Patil et al. 2023; there any of a trial's sparsest networks counts, here the first."
BARS_NOTE = f"""\
Trials in which exactly the expected hierarchy was found, in percent, with 95 % Wilson intervals.
Orange: below the paper's interval. {PAPER}"""
MAPS_NOTE = f"""\
Trials in percent, {{trials}} in each cell where no other number is written.
Framed: below the paper's interval. {PAPER}"""


def write_figure(table: pd.DataFrame, figure: str, folder: Path) -> list[Path]:
    """Write the table of a figure and the figure itself; what is there is replaced.

    Args:
        table: of :func:`~neural_sculpting.reporting.figure_tables.figure_table`.
        figure: ``exemplar``, ``reuse``, ``overlap`` or ``hierarchy``.
        folder: an existing folder.

    Returns:
        ``<figure>.csv``, ``<figure>.png`` and ``<figure>.svg`` in the folder.

    Raises:
        UserError: if there is no such figure.
    """
    path = folder / f"{figure}.csv"
    table.to_csv(path, index=False, float_format="%.4g")
    return [path, *draw_figure(table, figure, folder)]


def draw_figure(table: pd.DataFrame, figure: str, folder: Path) -> list[Path]:
    """Draw a figure as PNG and SVG; the same table gives the same files.

    Args:
        table: of :func:`~neural_sculpting.reporting.figure_tables.figure_table`.
        figure: its name.
        folder: an existing folder.

    Returns:
        ``<figure>.png`` and ``<figure>.svg`` in the folder.

    Raises:
        UserError: if there is no such figure.
    """
    if figure not in PLANS:
        raise UserError(f"figure={figure}: must be {', '.join(PLANS)}")
    from matplotlib import style

    from neural_sculpting.reporting.figure_style import SETTINGS

    paths = [folder / f"{figure}{ending}" for ending in (".png", ".svg")]
    with style.context(["default", SETTINGS]):
        drawn = _heat_maps(table) if figure == "overlap" else _bars(table, figure)
        drawn.savefig(paths[0], dpi=DOTS_PER_INCH)
        drawn.savefig(paths[1], metadata={"Date": None})
    return paths


def _bars(table: pd.DataFrame, figure: str) -> Figure:
    from neural_sculpting.reporting.figure_bars import Panel, draw_bars

    by, across, titles = ("hidden_layers", "uses", DEPTHS)
    if figure == "exemplar":
        by, across, titles = ("task", "hidden_layers", EXEMPLARS)
    panels = [Panel(titles[value], cells) for value, cells in table.groupby(by, sort=False)]
    return draw_bars(panels, columns=2 if figure == "hierarchy" else len(panels), across=across, note=BARS_NOTE)


def _heat_maps(table: pd.DataFrame) -> Figure:
    from neural_sculpting.reporting.figure_heat_maps import draw_heat_maps

    return draw_heat_maps(table, CRITERIA, note=MAPS_NOTE.format(trials=usual_trials(table)))
