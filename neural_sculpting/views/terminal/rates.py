"""The success rates of a sweep, and the means of its test sets, as lines that fit a terminal."""

from collections.abc import Iterator, Sequence
from io import StringIO

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from neural_sculpting.config.values import typed
from neural_sculpting.records.columns import TASK_PARAMETERS
from neural_sculpting.records.criteria import CRITERIA, ORACLE, SELECTIONS

CHOICES = [name for name in SELECTIONS if name != "sparsest"]

KNOWN_BY_LAYERS = "hidden_layers"
MOST_CELLS = 100
"""Cells up to which each has its line."""

NAMING = ("task", "layers", *TASK_PARAMETERS)
"""What names a cell wherever it has a value; other parameters of a task do where they distinguish cells."""

TESTS = ("test_bit_accuracy", "test_example_accuracy")


def rates_lines(trials: pd.DataFrame, rates: pd.DataFrame, width: int) -> list[str]:
    """The rates as lines, the headings first; where a table is too wide, the cells are named above their numbers.

    Args:
        trials: one row for each trial and selection.
        rates: one row for each cell, criterion and rule for ties; of many cells the first ones are shown.
        width: the longest line that fits; from 76 on all do.
    """
    number = rates.groupby(cell_names(rates), sort=False, dropna=False).ngroup()
    lines = _lines_of_cells(trials, rates[number < MOST_CELLS], width)
    further = int(number.max()) + 1 - MOST_CELLS
    return [*lines, f"and {further:,} further cells, in success_rates.csv"] if further > 0 else lines


def rates_table(trials: pd.DataFrame, rates: pd.DataFrame, named: bool = True, gap: int = 2) -> Table:
    """One line for each cell: the success rate with its 95 % interval, and beside it the criteria and the density.

    After a search the other selections among a trial's networks replace the criteria, as the line has no room for both.

    Args:
        trials: as for :func:`rates_lines`.
        rates: likewise.
        named: whether the cells have their names in front.
        gap: spaces between two columns.
    """
    cell = cell_names(rates)
    names = shown_names(rates) if named else []
    criteria = [name for name in CRITERIA if name != "exact" and (rates["criterion"] == name).any()]
    sparsest = trials[trials["selection"] == "sparsest"]
    with_ties = bool((trials["ties"] > 1).any())
    searched = bool(rates["selection"].isin(CHOICES).any())
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, gap, 0, 0))
    for name in names:
        table.add_column(_short(name), no_wrap=True)
    table.add_column("trials", justify="right")
    table.add_column(f"{CRITERIA['exact'].heading}  95 % interval", no_wrap=True)
    headings = [*CHOICES, "oracle"] if searched else [*(CRITERIA[name].heading for name in criteria), "density"]
    for heading in ([("any" if searched else "any tie")] if with_ties else []) + headings:
        table.add_column(heading, justify="right")
    for key, rows in rates.groupby(cell, sort=False, dropna=False):
        values = dict(zip(cell, key, strict=True))
        of_cell = sparsest[_agree(sparsest, values)]
        rate = {(row["selection"], row["ties"], row["criterion"]): row for _, row in rows.iterrows()}
        exact = rate["sparsest", "strict", "exact"]
        shown = [("sparsest", "any_tie", "exact")] if with_ties else []
        shown += [(name, "strict", "exact") for name in CHOICES] if searched else []
        shown += [] if searched else [("sparsest", "strict", name) for name in criteria]
        line = [_text(values[name]) for name in names]
        line += [str(exact["trials"]), f"{exact['rate']:.3f}    {exact['low']:.3f} – {exact['high']:.3f}"]
        line += [f"{rate[each]['rate']:.3f}" if each in rate else "" for each in shown]
        line += [f"{of_cell[ORACLE].mean():.3f}" if searched else f"{of_cell['density'].median():.1%}"]
        table.add_row(*map(Text, line))
    return table


def cell_names(rates: pd.DataFrame) -> list[str]:
    """The columns that make a cell, without the way of selection: all ways are on one line."""
    return [name for name in rates.columns[: rates.columns.get_loc("criterion")] if name != "selection"]


def shown_names(rates: pd.DataFrame) -> list[str]:
    """The columns that name the cells: those that say something."""
    return [
        name
        for name in cell_names(rates)
        if name != KNOWN_BY_LAYERS and rates[name].notna().any()
        if name in NAMING or rates[name].nunique(dropna=False) > 1
    ]


def as_text(table: Table) -> str:
    """A table as plain text."""
    text = StringIO()
    # Not the standard output: a dumb terminal would have 80 columns, whatever the width.
    Console(file=text, width=500, color_system=None, force_terminal=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def means_lines(trials: pd.DataFrame, width: int = 80) -> list[str]:
    """What tasks with a test set reach on average, a line for each number of hidden layers; none for other tasks.

    Args:
        trials: one row for each trial and selection; those of the sparsest networks count.
        width: where this is too little, a line's name is put above its numbers.
    """
    tested = trials[(trials["selection"] == "sparsest") & trials["test_bit_accuracy"].notna()]
    by_depth = tested.groupby(["task", "hidden_layers"], sort=False)
    means = by_depth[["input_agreement", *TESTS, *(f"dense_{name}" for name in TESTS)]].mean()
    several_tasks = tested["task"].nunique() > 1
    lines = []
    for (task, depth), mean in means.iterrows():
        label = f"{task} {depth}" if several_tasks else f"{depth} layers" if len(means) > 1 else "Means"
        lines.append((label, _means(mean)))
    if any(len(f"{label:8} {numbers}") > width for label, numbers in lines):
        return [line for label, numbers in lines for line in (label, f"  {numbers}")]
    return [f"{label:8} {numbers}" for label, numbers in lines]


def _means(mean: pd.Series) -> str:
    """The means of one line; where no example can be entirely right the task is a regression."""
    if pd.isna(mean["test_example_accuracy"]):
        return f"test R² {mean['test_bit_accuracy']:.3f} (dense {mean['dense_test_bit_accuracy']:.3f})"
    bits, examples, *dense = (f"{mean[f'{of}{name}']:.1%}" for of in ("", "dense_") for name in TESTS)
    agree = "" if pd.isna(mean["input_agreement"]) else f"inputs agree {mean['input_agreement']:.2f}, "
    return f"{agree}test bits {bits}, examples {examples} (dense {', '.join(dense)})"


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


def _agree(trials: pd.DataFrame, values: dict[str, object]) -> pd.Series:
    agree = pd.Series(True, index=trials.index)
    for name, value in values.items():
        agree &= trials[name].isna() if pd.isna(value) else trials[name] == value
    return agree


def _text(value: object) -> str:
    return "" if pd.isna(value) else typed(value)


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
