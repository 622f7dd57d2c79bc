"""What the terminal shows when a sweep is over."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from neural_sculpting.reporting.records import CRITERIA

HEADINGS = {
    "exact": "success",
    "input_separability": "inputs",
    "output_sub_functions": "outputs",
    "hidden_unit_separability": "hidden",
}
KNOWN_BY_LAYERS = "hidden_layers"
REMARKS = {
    "never_learned": "never learned the task (no network reached the accuracy threshold)",
    "failed": "could not be analyzed (see the column reason of trials.csv)",
}


def print_summary(
    trials: pd.DataFrame, rates: pd.DataFrame, folder: Path, pictures: Sequence[Path], missing: int
) -> None:
    """Print the success rates, what went wrong, and where everything lies.

    Args:
        trials: one row for each trial.
        rates: one row for each cell, criterion and rule for ties.
        folder: the folder of the sweep.
        pictures: the pictures in it.
        missing: how many jobs have no row.
    """
    console = Console(highlight=False, soft_wrap=True)
    console.print()
    console.print(rates_table(trials, rates))
    for status, remark in REMARKS.items():
        if count := int((trials["status"] == status).sum()):
            console.print(f"{_trials(count)} {remark}", style="yellow")
    if missing:
        console.print(f"{_trials(missing)} missing: a group could not finish (see the errors above)", style="red")
    console.print(f"Results  {_shown(folder)}")
    if pictures:
        more = f" and {len(pictures) - 1} more" if len(pictures) > 1 else ""
        console.print(f"Picture  {_shown(pictures[0])}{more}")


def rates_table(trials: pd.DataFrame, rates: pd.DataFrame) -> Table:
    """One line for each cell: the success rate with its 95 % interval, the criteria beside it, the density."""
    cell = list(rates.columns[: rates.columns.get_loc("criterion")])
    shown = [name for name in cell if name not in (KNOWN_BY_LAYERS, "selection") and rates[name].notna().any()]
    criteria = [name for name in CRITERIA if (rates["criterion"] == name).any()]
    with_ties = bool((trials["ties"] > 1).any())
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in shown:
        table.add_column(name.rpartition(".")[2], no_wrap=True)
    table.add_column("trials", justify="right")
    table.add_column("success  95 % interval", no_wrap=True)
    if with_ties:
        table.add_column("any tie", justify="right")
    for criterion in criteria[1:]:
        table.add_column(HEADINGS[criterion], justify="right")
    table.add_column("density", justify="right")
    for key, rows in rates.groupby(cell, sort=False, dropna=False):
        values = dict(zip(cell, key, strict=True))
        strict = rows[rows["ties"] == "strict"].set_index("criterion")
        any_tie = rows[rows["ties"] == "any_tie"].set_index("criterion")
        exact = strict.loc["exact"]
        line = [_text(values[name]) for name in shown]
        line += [str(exact["trials"]), f"{exact['rate']:.3f}    {exact['low']:.3f} – {exact['high']:.3f}"]
        line += [f"{any_tie.loc['exact', 'rate']:.3f}"] if with_ties else []
        line += [f"{strict.loc[name, 'rate']:.3f}" if name in strict.index else "" for name in criteria[1:]]
        of_cell = trials[_agree(trials, values)]
        table.add_row(*map(Text, line), f"{of_cell['density'].median():.1%}")
    return table


def as_text(table: Table) -> str:
    """A table as plain text."""
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _agree(trials: pd.DataFrame, values: dict[str, object]) -> pd.Series:
    agree = pd.Series(True, index=trials.index)
    for name, value in values.items():
        agree &= trials[name].isna() if pd.isna(value) else trials[name] == value
    return agree


def _text(value: object) -> str:
    return "" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count} trials"


def _shown(path: Path) -> str:
    """The path as short as it can be typed from here."""
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
