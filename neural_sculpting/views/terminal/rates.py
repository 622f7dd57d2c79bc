"""The success rates of a sweep as lines that fit a terminal."""

from collections.abc import Iterator, Sequence
from io import StringIO

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from neural_sculpting.records.network_rows import CRITERIA, TASK_PARAMETERS

HEADINGS = {
    "exact": "success",
    "input_separability": "inputs",
    "output_sub_functions": "outputs",
    "hidden_unit_separability": "hidden",
    "middle_layer_separability": "middle",
}
CHOICES = ("consensus", "simplest")
"""How the answer is chosen among a trial's networks, beside the sparsest."""

KNOWN_BY_LAYERS = "hidden_layers"
MOST_CELLS = 100
"""Cells up to which each has its line."""

NAMING = ("task", "layers", *TASK_PARAMETERS)
"""What names a cell wherever it has a value; other parameters of a task do where they tell cells apart."""


def rates_lines(trials: pd.DataFrame, rates: pd.DataFrame, width: int) -> list[str]:
    """The rates as lines, the headings first; where a table is too wide, the cells are named above their numbers.

    Args:
        trials: one row for each trial.
        rates: one row for each cell, criterion and rule for ties; of many cells the first ones are shown.
        width: the longest line that fits; from 76 on all do.
    """
    number = rates.groupby(cell_names(rates), sort=False, dropna=False).ngroup()
    lines = _lines_of_cells(trials, rates[number < MOST_CELLS], width)
    further = int(number.max()) + 1 - MOST_CELLS
    return [*lines, f"and {further:,} further cells, in success_rates.csv"] if further > 0 else lines


def _lines_of_cells(trials: pd.DataFrame, rates: pd.DataFrame, width: int) -> list[str]:
    lines = as_text(rates_table(trials, rates)).splitlines()
    if max(map(len, lines)) <= width:
        return lines
    for gap in (2, 1):
        headings, *numbers = as_text(rates_table(trials, rates, named=False, gap=gap)).splitlines()
        if max(map(len, [headings, *numbers])) <= width:
            break
    names = shown_names(rates)
    cells = rates[cell_names(rates)].drop_duplicates()
    labels = [[_labeled(name, cell[name]) for name in names if pd.notna(cell[name])] for _, cell in cells.iterrows()]
    pairs = zip(labels, numbers, strict=True)
    return [headings, *(line for label, rates in pairs for line in (*_wrapped(label, width), rates))]


def rates_table(trials: pd.DataFrame, rates: pd.DataFrame, named: bool = True, gap: int = 2) -> Table:
    """One line for each cell: the success rate with its 95 % interval, and beside it the criteria and the density.

    After a search the other choices among a trial's networks stand in their place, for which the line is too short.

    Args:
        trials: one row for each trial.
        rates: one row for each cell, criterion and rule for ties.
        named: whether the cells have their names in front.
        gap: spaces between two columns.
    """
    cell = cell_names(rates)
    names = shown_names(rates) if named else []
    criteria = [name for name in CRITERIA if (rates["criterion"] == name).any()]
    with_ties = bool((trials["ties"] > 1).any())
    searched = rates["selection"].isin(CHOICES).any()
    table = _empty_table(names, criteria, with_ties, searched, gap)
    for key, rows in rates.groupby(cell, sort=False, dropna=False):
        values = dict(zip(cell, key, strict=True))
        strict, any_tie = (_rates_of(rows, "sparsest", ties) for ties in ("strict", "any_tie"))
        exact = strict.loc["exact"]
        of_cell = trials[_agree(trials, values) & (trials["selection"] == "sparsest")]
        line = [_text(values[name]) for name in names]
        line += [str(exact["trials"]), f"{exact['rate']:.3f}    {exact['low']:.3f} – {exact['high']:.3f}"]
        line += [f"{any_tie.loc['exact', 'rate']:.3f}"] if with_ties else []
        if searched:
            line += [_rate_of_choice(rows, selection) for selection in CHOICES] + [f"{of_cell['among'].mean():.3f}"]
        else:
            line += [f"{strict.loc[name, 'rate']:.3f}" if name in strict.index else "" for name in criteria[1:]]
            line += [f"{of_cell['density'].median():.1%}"]
        table.add_row(*map(Text, line))
    return table


def cell_names(rates: pd.DataFrame) -> list[str]:
    """The columns that make a cell, without the way of selection: all ways stand on one line."""
    return [name for name in rates.columns[: rates.columns.get_loc("criterion")] if name != "selection"]


def _rates_of(rows: pd.DataFrame, selection: str, ties: str) -> pd.DataFrame:
    return rows[(rows["selection"] == selection) & (rows["ties"] == ties)].set_index("criterion")


def _rate_of_choice(rows: pd.DataFrame, selection: str) -> str:
    chosen = _rates_of(rows, selection, "strict")
    return f"{chosen.loc['exact', 'rate']:.3f}" if len(chosen) else ""  # nothing to choose in that cell


def shown_names(rates: pd.DataFrame) -> list[str]:
    """What names the cells: those of their columns that say something."""
    return [
        name
        for name in cell_names(rates)
        if name != KNOWN_BY_LAYERS and rates[name].notna().any()
        if name in NAMING or rates[name].nunique(dropna=False) > 1
    ]


def _empty_table(names: Sequence[str], criteria: Sequence[str], with_ties: bool, searched: bool, gap: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, gap, 0, 0))
    for name in names:
        table.add_column(_short(name), no_wrap=True)
    table.add_column("trials", justify="right")
    table.add_column("success  95 % interval", no_wrap=True)
    if with_ties:
        table.add_column("any" if searched else "any tie", justify="right")
    if searched:
        for selection in (*CHOICES, "among"):
            table.add_column(selection, justify="right")
    else:
        for heading in (*(HEADINGS[criterion] for criterion in criteria[1:]), "density"):
            table.add_column(heading, justify="right")
    return table


def as_text(table: Table) -> str:
    """A table as plain text."""
    text = StringIO()
    # Not the standard output: a dumb terminal would have 80 columns, whatever the width.
    Console(file=text, width=500, color_system=None, force_terminal=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _agree(trials: pd.DataFrame, values: dict[str, object]) -> pd.Series:
    agree = pd.Series(True, index=trials.index)
    for name, value in values.items():
        agree &= trials[name].isna() if pd.isna(value) else trials[name] == value
    return agree


def _text(value: object) -> str:
    return "" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)


def _labeled(name: str, value: object) -> str:
    return _text(value) if name in ("task", "layers") else f"{_short(name)} {_text(value)}"


def _wrapped(parts: Sequence[str], width: int) -> Iterator[str]:
    """Join parts to lines that fit; a part that alone is too long is cut."""
    line = ""
    for part in parts:
        if line and len(f"{line}  {part}") > width:
            yield line
            line = ""
        line = f"{line}  {part}" if line else part if len(part) <= width else f"{part[: width - 1]}…"
    yield line


def _short(name: str) -> str:
    """A key without its group, except where two groups have one of that name: ``unit.step`` and ``edge.step``."""
    return name.removeprefix("pruning.") if name.startswith("pruning.") else name.rpartition(".")[2]
