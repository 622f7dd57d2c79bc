"""The paper's figures, drawn from trials. matplotlib is loaded only when one is drawn."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from neural_sculpting.files import atomic_write
from neural_sculpting.paper.figures.measures import CHOICES, measures_table
from neural_sculpting.paper.figures.tables import (
    NEARLY,
    NEARLY_SEPARABLE,
    plan_of,
    shown_selections,
    trials_of_figure,
    usual_trials,
)
from neural_sculpting.records.criteria import CRITERIA

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXEMPLARS = {
    "boolean_sep": "input separable",
    "boolean_reused": "reused, 8 uses",
    "boolean_sep_reused": "both",
    "boolean_single": "neither",
}
DEPTHS = {"1": "1 hidden layer", **{str(number): f"{number} hidden layers" for number in (2, 3, 4)}}
MAPS = ("input_separability", "output_sub_functions", "hidden_unit_separability")
PANELS = {
    "exact": "exact hierarchy",
    **{name: f"{CRITERIA[name].heading} as expected" for name in ("input_separability", "output_sub_functions")},
}
LAST_PANEL = {
    "middle_layer_separability": CRITERIA["middle_layer_separability"].title.removeprefix("the "),
    NEARLY_SEPARABLE: "inputs nearly as expected",
}
"""The last panel of success on pairs of images: the first of these criteria that the task has."""

MEASURES = {"input_agreement": "agreement of the inputs", "test_example_accuracy": "accuracy on test pairs"}

MISSING = "Hatched: no trial."
PAPER = f"{MISSING} Paper: Patil et al. 2023; there any of a trial's sparsest networks counts, here the first."
BELOW_PAPER = f"Orange: below the paper's interval. {PAPER}"
BARS_NOTE = f"""\
Trials in which exactly the expected hierarchy was found, in percent, with 95 % Wilson intervals.
{BELOW_PAPER}"""
PAIRS_NOTE = f"""\
Bars: trials in percent, with 95 % Wilson intervals. Dots: one for each trial; lines: means with 95 % t-intervals.
Agreement: adjusted Rand index × 100; {100 * NEARLY:.0f} or more is nearly as expected. Accuracy: pairs with all \
outputs right."""
MAPS_NOTE = f"""\
Trials in percent, {{trials}} in each cell where no other number is written.
Framed: below the paper's interval. {PAPER}"""


def write_figure(table: pd.DataFrame, figure: str, folder: Path, trials: pd.DataFrame) -> list[Path]:
    """Write a figure and its tables into an existing folder; existing files are replaced.

    Args:
        table: that of :func:`~neural_sculpting.paper.figures.tables.figure_table` for the trials.
        figure: its name.
        folder: where the files are written.
        trials: the trials, as in ``trials.csv``.

    Returns:
        ``<figure>.png``, ``<figure>.svg``, ``<figure>.csv`` and, for a figure with measures, ``<figure>_measures.csv``.

    Raises:
        UserError: if there is no such figure.
    """
    tables = {figure: table}
    if plan_of(figure).measures:
        tables[f"{figure}_measures"] = measures_table(trials, figure)
    for name, each in tables.items():
        atomic_write(folder / f"{name}.csv", partial(each.to_csv, index=False, float_format="%.4g"), durable=False)
    return [*draw_figure(table, figure, folder, trials), *(folder / f"{name}.csv" for name in tables)]


def draw_figure(table: pd.DataFrame, figure: str, folder: Path, trials: pd.DataFrame) -> list[Path]:
    """Draw a figure as PNG and SVG, with the arguments and errors of :func:`write_figure`."""
    plan_of(figure)
    from neural_sculpting.paper.figures.style import save

    return save(lambda: figure_of(table, figure, trials), folder, figure)


def figure_of(table: pd.DataFrame, figure: str, trials: pd.DataFrame) -> "Figure":
    """Draw a figure in the current style of matplotlib."""
    if plan_of(figure).measures:
        return _pairs(table, trials_of_figure(trials, figure))
    if figure != "overlap":
        return _bars(table, figure)
    from neural_sculpting.paper.figures.heat_maps import draw_heat_maps

    return draw_heat_maps(
        table, {name: CRITERIA[name].title for name in MAPS}, note=MAPS_NOTE.format(trials=usual_trials(table))
    )


def _bars(table: pd.DataFrame, figure: str) -> "Figure":
    from neural_sculpting.paper.figures.bars_and_dots import Bars
    from neural_sculpting.paper.figures.panels import draw_panels

    by, across, titles = "hidden_layers", "uses", DEPTHS
    if figure == "exemplar":
        by, across, titles = "task", "hidden_layers", EXEMPLARS
    panels = [Bars(titles[value], cells, across) for value, cells in table.groupby(by, sort=False)]
    side_by_side = 2 if figure == "hierarchy" else len(panels)
    return draw_panels(panels, side_by_side, across.replace("_", " "), [*CHOICES, "paper", "trials"], BARS_NOTE)


def _pairs(table: pd.DataFrame, trials: pd.DataFrame) -> "Figure":
    """Success by criterion, then the measures, each by number of hidden layers."""
    from neural_sculpting.paper.figures.bars_and_dots import DENSE, Bars, Dots, Panel
    from neural_sculpting.paper.figures.panels import draw_panels

    names, has_paper = shown_selections(table, CHOICES), bool(table["paper_rate"].notna().any())
    by_criterion = dict(list(table.groupby("criterion", sort=False)))
    last = next(name for name in LAST_PANEL if name in by_criterion)
    panels: list[Panel] = [
        Bars(title, by_criterion[name], "hidden_layers", names)
        for name, title in {**PANELS, last: LAST_PANEL[last]}.items()
    ]
    depths = panels[0].columns
    for measure, title in MEASURES.items():
        panels.append(Dots(title, trials, measure, depths, names, NEARLY if measure == "input_agreement" else None))
    numbers = [DENSE, *names, *(["paper"] if has_paper else []), "trials"]
    return draw_panels(panels, 3, "hidden layers", numbers, f"{PAIRS_NOTE}\n{BELOW_PAPER if has_paper else MISSING}")
