"""What the terminal shows when a sweep is over."""

import os
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import IO

import pandas as pd
from rich.console import Console

from neural_sculpting.files import typed_path
from neural_sculpting.records.answers import POOLED
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.majority import majority_warning
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.answer_words import cell_changes
from neural_sculpting.views.terminal.answers import answer_lines, fact_lines
from neural_sculpting.views.terminal.failures import constant_lines, count_of, failure_lines, fault_lines, lost_networks
from neural_sculpting.views.terminal.hierarchies import Line, agreement_lines, wrapped
from neural_sculpting.views.terminal.rates import accuracy_lines, as_text, figure_lines_table, rates_lines

ASCII = str.maketrans({"–": "-", "…": "...", "·": "-", "└": "`", "├": "+", "│": "|", "─": "-"})
"""Replacements of our own signs where the encoding does not have them."""

MOST_TASKS = 2
"""Tasks up to which the hierarchy of each is shown."""

MOST_ANSWERS = 3
"""Cells of a task up to which the answer of each is shown."""

MOST_WARNINGS = 8
"""Cells up to which each has a warning."""

REMARKS = {
    "never_learned": "never learned the task (no network reached the accuracy threshold)",
    "lost": "lost the task while edges were pruned (no accuracy at the threshold)",
}


class Lines:
    """The standard output, or a file, line by line; no line is broken.

    There are no colors where the output is no terminal, the terminal is dumb, or ``NO_COLOR`` or ``CI`` is set.
    """

    def __init__(self, file: IO[str] | None = None, width: int | None = None) -> None:
        self.console = Console(
            file=file,
            width=width,
            force_jupyter=False,  # which would show the lines at once
            force_terminal=None if file is None else False,
            color_system=None if file or os.environ.get("CI") else "auto",
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    @property
    def width(self) -> int:
        """Of the terminal; 80 where there is none and ``COLUMNS`` is not set."""
        return self.console.width

    def print(self, line: str = "", style: str | None = None) -> None:
        """Print one line."""
        if self.console.options.ascii_only:
            line = line.translate(ASCII).encode("ascii", "replace").decode("ascii")
        self.console.print(line, style=style)


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
        folder: the folder with its results.
        pictures: the pictures in it.
        page: its page, if there is one.
        figure: the figure of an experiment of the paper, or the reason why there is none.
        cells: the table of that figure, which then replaces the rates of each shape.
    """
    lines = Lines()
    lines.print()
    _print_findings(lines, sweep, cells)
    if sweep.missing:
        lines.print(
            f"{count_of(sweep.missing, 'trial')} missing: not run yet, or failed (resume=true continues)", "red"
        )
    lines.print(f"Results  {typed_path(folder)}")
    if page:
        lines.print(f"Report   {typed_path(page)}")
    if pictures:
        more = f" and {len(pictures) - 1} more" if len(pictures) > 1 else ""
        lines.print(f"Picture  {typed_path(pictures[0])}{more}")
    if isinstance(figure, Path):
        lines.print(f"Figure   {typed_path(figure)}")
    elif figure:
        lines.print(f"No figure: {figure}", "yellow")


def summary_text(sweep: Sweep, width: int) -> str:
    """Return what :func:`print_summary` prints of the trials, without colors."""
    text = StringIO()
    _print_findings(Lines(text, width), sweep, None)
    return text.getvalue().rstrip("\n")


def _print_findings(lines: Lines, sweep: Sweep, cells: pd.DataFrame | None) -> None:
    trials = sweep.trials
    _print_rates(lines, sweep, cells)
    if len(sweep.tasks) > MOST_TASKS:
        _print_failures(lines, sweep.tasks)
    else:
        _print_hierarchies(lines, sweep.tasks)
    for status, remark in REMARKS.items():
        if count := trials.loc[trials["status"] == status, "job"].nunique():
            lines.print(f"{count_of(count, 'trial')} {remark}", "yellow")
    lost = wrapped(filter(None, [lost_networks(trials)]), lines.width)
    for line in [*constant_lines(trials, lines.width), *lost, *fault_lines(trials, lines.width)]:
        lines.print(line, "yellow")
    for cell in sweep.cells[:MOST_WARNINGS]:
        if warning := majority_warning(cell):
            lines.print(f"warning: {f'{cell.label}: ' if len(sweep.cells) > 1 else ''}{warning}", "yellow")


def _print_rates(lines: Lines, sweep: Sweep, cells: pd.DataFrame | None) -> None:
    trials = sweep.trials
    if sweep.rates.empty:
        count, density = count_of(trials["job"].nunique(), "trial"), trials["density"].median()
        headings, *table = [f"{count}, median density {density:.1%}; which hierarchy is right is not known"]
    elif cells is None:
        headings, *table = rates_lines(trials, sweep.rates, lines.width)
    else:
        headings, *table = as_text(figure_lines_table(cells, sweep.rates)).splitlines()
        if empty := int((cells.loc[cells["criterion"] == "exact", "sparsest_trials"] == 0).sum()):
            table.append(f"{empty} further cells of the figure have no trial")
    lines.print(headings, "bold")
    for line in [*table, *accuracy_lines(sweep.tasks)]:
        lines.print(line)


def _print_hierarchies(lines: Lines, tasks: Sequence[Cell]) -> None:
    for task in tasks:
        for block in _blocks(task, task.task if len(tasks) > 1 else "", lines.width):
            lines.print()
            for line, style in block:
                lines.print(line, style)
        cells = [cell for cell in task.sweep.cells if cell.task == task.task]
        for cell in cells:
            changed = fact_lines(cell_changes(cell), lines.width)
            for line in [*([f"{cell.label}:"] if changed and len(cells) > 1 else []), *changed]:
                lines.print(line)
        _print_failures(lines, [task])


def _blocks(task: Cell, name: str, width: int) -> list[list[Line]]:
    """What the trials of a task found: the answer of each of its cells, or where each is read alone what they share."""
    cells = [cell for cell in task.sweep.cells if cell.task == task.task]
    if any(cell.first_group.config.analysis.reader not in POOLED for cell in cells):
        return [lines for lines in [agreement_lines(task, name, width)] if lines]
    names = [name] if len(cells) == 1 else [cell.label for cell in cells]
    blocks = [answer_lines(cell, label, width) for cell, label in zip(cells[:MOST_ANSWERS], names, strict=False)]
    more = len(cells) - MOST_ANSWERS
    return [lines for lines in blocks if lines] + [[(f"and {more} more answers, in answers.csv", None)]] * (more > 0)


def _print_failures(lines: Lines, cells: Sequence[Cell]) -> None:
    for line in failure_lines(cells, lines.width):
        lines.print(line, "yellow")
