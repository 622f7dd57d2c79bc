"""What the terminal shows when a sweep is over."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from neural_sculpting.paper.figures.terminal_lines import figure_lines_table
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.selected_trials import selected_trials_of
from neural_sculpting.views.terminal.failures import failure_lines, fault_lines
from neural_sculpting.views.terminal.hierarchies import ReadFormulas, agreement_of, no_formulas
from neural_sculpting.views.terminal.lines import Lines, count_of
from neural_sculpting.views.terminal.means import means_lines
from neural_sculpting.views.terminal.rates import as_text, rates_lines

MOST_TASKS = 2
"""Tasks up to which the hierarchy of each is shown."""

REMARKS = {
    "never_learned": "never learned the task (no network reached the accuracy threshold)",
    "lost": "lost the task while edges were pruned (no accuracy at the threshold)",
}


def print_summary(
    trials: pd.DataFrame,
    rates: pd.DataFrame,
    folder: Path,
    pictures: Sequence[Path],
    missing: int,
    figure: Path | str | None = None,
    cells: pd.DataFrame | None = None,
    groups: Sequence[GroupRecord] = (),
    page: Path | None = None,
    read_formulas: ReadFormulas = no_formulas,
) -> None:
    """Print the success rates, the hierarchy that was found, what went wrong, and where everything lies.

    Args:
        trials: one row for each trial.
        rates: one row for each cell, criterion and rule for ties.
        folder: the folder of the sweep.
        pictures: the pictures in it.
        missing: how many jobs have no row.
        figure: the figure of a paper's experiment, or why there is none.
        cells: the table of that figure, which then stands in place of the rates of each shape.
        groups: the groups of the sweep, for hierarchies and reasons.
        page: the page that shows it, if there is one.
        read_formulas: reads the trials whose hierarchy is shown as formulas.
    """
    lines = Lines()
    lines.text()
    _print_rates(lines, trials, rates, cells)
    if groups:
        _print_hierarchies(lines, groups, read_formulas)
    for status, remark in REMARKS.items():
        if count := trials.loc[trials["status"] == status, "job"].nunique():
            lines.text(f"{count_of(count, 'trial')} {remark}", "yellow")
    for line in fault_lines(trials, lines.width):
        lines.text(line, "yellow")
    if missing:
        lines.text(f"{count_of(missing, 'trial')} missing: not run yet, or failed (resume=true goes on)", "red")
    lines.text(f"Results  {_shown(folder)}")
    if page:
        lines.text(f"Report   {_shown(page)}")
    if pictures:
        more = f" and {len(pictures) - 1} more" if len(pictures) > 1 else ""
        lines.text(f"Picture  {_shown(pictures[0])}{more}")
    if isinstance(figure, Path):
        lines.text(f"Figure   {_shown(figure)}")
    elif figure:
        lines.text(f"No figure: {figure}", "yellow")


def _print_rates(lines: Lines, trials: pd.DataFrame, rates: pd.DataFrame, cells: pd.DataFrame | None) -> None:
    if rates.empty:
        density = f"median density {trials['density'].median():.1%}"
        headings, *table = [
            f"{count_of(trials['job'].nunique(), 'trial')}, {density}; which hierarchy is right is not known"
        ]
    elif cells is None:
        headings, *table = rates_lines(trials, rates, lines.width)
    else:
        headings, *table = as_text(figure_lines_table(cells)).splitlines()
        if empty := int((cells.loc[cells["criterion"] == "exact", "sparsest_trials"] == 0).sum()):
            table.append(f"{empty} further cells of the figure have no trial")
    lines.text(headings, "bold")
    for line in [*table, *means_lines(trials, lines.width)]:
        lines.text(line)


def _print_hierarchies(lines: Lines, groups: Sequence[GroupRecord], read_formulas: ReadFormulas) -> None:
    """Of few tasks the hierarchy of each, with the failures below it; of many only the failures."""
    answers = selected_trials_of(groups)
    by_task = list(answers.groupby("title", sort=False))
    if len(by_task) > MOST_TASKS:
        by_task = [("", answers)]
    for title, trials in by_task:
        if agreement := agreement_of(groups, trials, read_formulas) if title else None:
            lines.text()
            lines.text(f"{title}: {agreement.heading}" if len(by_task) > 1 else agreement.heading, "bold")
            for tree in agreement.trees:
                lines.tree(tree)
            if agreement.formulas:
                lines.text(agreement.formulas_heading, "bold")
            for formula in agreement.formulas:
                lines.text(formula)
        for line in failure_lines(groups, trials, lines.width):
            lines.text(line, "yellow")


def _shown(path: Path) -> str:
    """The path as short as it can be typed from here."""
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
