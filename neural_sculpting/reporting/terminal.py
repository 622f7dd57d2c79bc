"""What the terminal shows when a sweep is over."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from neural_sculpting.reporting.figure_lines import figure_lines_table
from neural_sculpting.reporting.records import CRITERIA, TASK_PARAMETERS

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
NAMING = ("task", "layers", *TASK_PARAMETERS)
"""What names a cell wherever it has a value; other parameters of a task do where they tell cells apart."""

TESTS = ("test_bit_accuracy", "test_example_accuracy")
REMARKS = {
    "never_learned": "never learned the task (no network reached the accuracy threshold)",
    "lost": "lost the task while edges were pruned (no accuracy at the threshold)",
    "failed": "could not be analyzed (see the column reason of trials.csv)",
}


def print_summary(
    trials: pd.DataFrame,
    rates: pd.DataFrame,
    folder: Path,
    pictures: Sequence[Path],
    missing: int,
    figure: Path | str | None = None,
    cells: pd.DataFrame | None = None,
) -> None:
    """Print the success rates, what went wrong, and where everything lies.

    Args:
        trials: one row for each trial.
        rates: one row for each cell, criterion and rule for ties.
        folder: the folder of the sweep.
        pictures: the pictures in it.
        missing: how many jobs have no row.
        figure: the figure of a paper's experiment, or why there is none.
        cells: the table of that figure, which then stands in place of the rates of each shape.
    """
    console = Console(highlight=False, soft_wrap=True)
    console.print()
    if cells is None:
        headings, *lines = rates_lines(trials, rates, console.width)
    else:
        headings, *lines = as_text(figure_lines_table(cells)).splitlines()
        if empty := int((cells.loc[cells["criterion"] == "exact", "sparsest_trials"] == 0).sum()):
            lines.append(f"{empty} further cells of the figure have no trial")
    console.print(headings, style="bold")
    for line in [*lines, *means_lines(trials)]:
        console.print(line)
    for status, remark in REMARKS.items():
        if count := trials.loc[trials["status"] == status, "job"].nunique():
            console.print(f"{_trials(count)} {remark}", style="yellow")
    if missing:
        console.print(f"{_trials(missing)} missing: not run yet, or failed (resume=true goes on)", style="red")
    console.print(f"Results  {_shown(folder)}")
    if pictures:
        more = f" and {len(pictures) - 1} more" if len(pictures) > 1 else ""
        console.print(f"Picture  {_shown(pictures[0])}{more}")
    if isinstance(figure, Path):
        console.print(f"Figure   {_shown(figure)}")
    elif figure:
        console.print(f"No figure: {figure}", style="yellow")


def means_lines(trials: pd.DataFrame) -> list[str]:
    """What tasks with a test set reach on average, a line for each number of hidden layers; none for other tasks.

    Args:
        trials: one row for each trial and selection; those of the sparsest networks count.
    """
    tested = trials[(trials["selection"] == "sparsest") & trials["test_bit_accuracy"].notna()]
    by_depth = tested.groupby(["task", "hidden_layers"], sort=False)
    means = by_depth[["input_agreement", *TESTS, *(f"dense_{name}" for name in TESTS)]].mean()
    several_tasks = tested["task"].nunique() > 1
    lines = []
    for (task, depth), mean in means.iterrows():
        label = f"{task} {depth}" if several_tasks else f"{depth} layers" if len(means) > 1 else "Means"
        bits, examples, *dense = (f"{mean[f'{of}{name}']:.1%}" for of in ("", "dense_") for name in TESTS)
        agree = f"inputs agree {mean['input_agreement']:.2f}"
        lines.append(f"{label:8} {agree}, test bits {bits}, examples {examples} (dense {', '.join(dense)})")
    return lines


def rates_lines(trials: pd.DataFrame, rates: pd.DataFrame, width: int) -> list[str]:
    """The rates as lines, the headings first; where a table is too wide, the cells are named above their numbers."""
    lines = as_text(rates_table(trials, rates)).splitlines()
    if max(map(len, lines)) <= width:
        return lines
    headings, *numbers = as_text(rates_table(trials, rates, named=False)).splitlines()
    names = shown_names(rates)
    cells = rates[cell_names(rates)].drop_duplicates()
    labels = [
        "  ".join(_labeled(name, cell[name]) for name in names if pd.notna(cell[name])) for _, cell in cells.iterrows()
    ]
    return [headings, *(line for pair in zip(labels, numbers, strict=True) for line in pair)]


def rates_table(trials: pd.DataFrame, rates: pd.DataFrame, named: bool = True) -> Table:
    """One line for each cell: the success rate with its 95 % interval, and beside it the criteria and the density.

    After a search the other choices among a trial's networks stand in their place, for which the line is too short.

    Args:
        trials: one row for each trial.
        rates: one row for each cell, criterion and rule for ties.
        named: whether the cells have their names in front.
    """
    cell = cell_names(rates)
    names = shown_names(rates) if named else []
    criteria = [name for name in CRITERIA if (rates["criterion"] == name).any()]
    with_ties = bool((trials["ties"] > 1).any())
    searched = rates["selection"].isin(CHOICES).any()
    table = _empty_table(names, criteria, with_ties, searched)
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


def _empty_table(names: Sequence[str], criteria: Sequence[str], with_ties: bool, searched: bool) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
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
    console = Console(width=500, color_system=None)
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


def _labeled(name: str, value: object) -> str:
    return _text(value) if name in ("task", "layers") else f"{_short(name)} {_text(value)}"


def _short(name: str) -> str:
    """A key without its group, except where two groups have one of that name: ``unit.step`` and ``edge.step``."""
    return name.removeprefix("pruning.") if name.startswith("pruning.") else name.rpartition(".")[2]


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count} trials"


def _shown(path: Path) -> str:
    """The path as short as it can be typed from here."""
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
