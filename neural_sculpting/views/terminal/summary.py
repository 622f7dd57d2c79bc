"""What the terminal shows when a sweep is over."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from neural_sculpting.files import typed_path
from neural_sculpting.paper.figures.terminal import figure_lines_table
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.terminal.failures import failure_lines, fault_lines
from neural_sculpting.views.terminal.hierarchies import agreement_of
from neural_sculpting.views.terminal.lines import Lines, count_of
from neural_sculpting.views.terminal.rates import as_text, means_lines, rates_lines

MOST_TASKS = 2
"""Tasks up to which the hierarchy of each is shown."""

REMARKS = {
    "never_learned": "never learned the task (no network reached the accuracy threshold)",
    "lost": "lost the task while edges were pruned (no accuracy at the threshold)",
}


def print_summary(
    sweep: Sweep,
    folder: Path,
    pictures: Sequence[Path] = (),
    page: Path | None = None,
    figure: Path | str | None = None,
    cells: pd.DataFrame | None = None,
) -> None:
    """Print the success rates, the hierarchy that was found, what went wrong, and where everything is.

    Args:
        sweep: the sweep.
        folder: where its results are.
        pictures: the pictures in it.
        page: the page that shows it, if there is one.
        figure: the figure of a paper's experiment, or why there is none.
        cells: the table of that figure, which then replaces the rates of each shape.
    """
    lines, trials = Lines(), sweep.trials
    lines.text()
    _print_rates(lines, sweep, cells)
    _print_hierarchies(lines, sweep)
    for status, remark in REMARKS.items():
        if count := trials.loc[trials["status"] == status, "job"].nunique():
            lines.text(f"{count_of(count, 'trial')} {remark}", "yellow")
    for line in fault_lines(trials, lines.width):
        lines.text(line, "yellow")
    if sweep.missing:
        lines.text(f"{count_of(sweep.missing, 'trial')} missing: not run yet, or failed (resume=true continues)", "red")
    lines.text(f"Results  {typed_path(folder)}")
    if page:
        lines.text(f"Report   {typed_path(page)}")
    if pictures:
        more = f" and {len(pictures) - 1} more" if len(pictures) > 1 else ""
        lines.text(f"Picture  {typed_path(pictures[0])}{more}")
    if isinstance(figure, Path):
        lines.text(f"Figure   {typed_path(figure)}")
    elif figure:
        lines.text(f"No figure: {figure}", "yellow")


def _print_rates(lines: Lines, sweep: Sweep, cells: pd.DataFrame | None) -> None:
    trials = sweep.trials
    if sweep.rates.empty:
        density = f"median density {trials['density'].median():.1%}"
        headings, *table = [
            f"{count_of(trials['job'].nunique(), 'trial')}, {density}; which hierarchy is right is not known"
        ]
    elif cells is None:
        headings, *table = rates_lines(trials, sweep.rates, lines.width)
    else:
        headings, *table = as_text(figure_lines_table(cells)).splitlines()
        if empty := int((cells.loc[cells["criterion"] == "exact", "sparsest_trials"] == 0).sum()):
            table.append(f"{empty} further cells of the figure have no trial")
    lines.text(headings, "bold")
    for line in [*table, *means_lines(trials, lines.width)]:
        lines.text(line)


def _print_hierarchies(lines: Lines, sweep: Sweep) -> None:
    """Of few tasks the hierarchy of each, with the failures below it; of many only the failures."""
    if len(sweep.tasks) > MOST_TASKS:
        _print_failures(lines, sweep.tasks)
        return
    for cell in sweep.tasks:
        if agreement := agreement_of(cell):
            lines.text()
            lines.text(f"{cell.task}: {agreement.heading}" if len(sweep.tasks) > 1 else agreement.heading, "bold")
            for tree in agreement.trees:
                lines.tree(tree)
            if agreement.formulas:
                lines.text(agreement.formulas_heading, "bold")
            for formula in agreement.formulas:
                lines.text(formula)
        _print_failures(lines, [cell])


def _print_failures(lines: Lines, cells: Sequence[Cell]) -> None:
    for line in failure_lines(cells, lines.width):
        lines.text(line, "yellow")
