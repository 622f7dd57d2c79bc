"""The success rates of a sweep, of a paper's figure, and the accuracies of its trials, as lines that fit a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from neural_sculpting.config.values import typed
from neural_sculpting.paper.figures.tables import CELL, NEARLY_SEPARABLE
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.columns import TASK_PARAMETERS
from neural_sculpting.records.criteria import CRITERIA, ORACLE, SELECTIONS

CHOICES = [name for name in SELECTIONS if name != "sparsest"]

MOST_CELLS = 100
"""Cells up to which each has its line."""

NAMING = ("task", "layers", *TASK_PARAMETERS)
"""What names a cell wherever it has a value; other parameters of a task do where they distinguish cells."""

MOST_ACCURACIES = 8
"""Tasks and depths up to which the accuracies of each are listed."""

FIGURE_HEADINGS = {"hidden_layers": "layers", "overlap": "shared"}
FIGURE_RATES = {
    ORACLE: "oracle",
    **{f"{name}_rate": name for name in SELECTIONS if name != "finest"},
    **{"sparsest_any_tie_rate": "any", "paper_rate": "paper"},
}
"""Columns of a figure's table and their headings; *any* of the sparsest is how the paper counts."""

FIGURE_CRITERIA = ("input_separability", NEARLY_SEPARABLE, "output_sub_functions", "middle_layer_separability")
"""Criteria with a column for pairs of images, of the sparsest networks."""


def rates_lines(trials: pd.DataFrame, rates: pd.DataFrame, width: int) -> list[str]:
    """The rates as lines, the headings first; where a table is too wide, the cells are named above their numbers.

    Args:
        trials: one row for each trial and selection.
        rates: one row for each cell, criterion and rule for ties; of many cells the first ones are shown.
        width: the longest line that fits; criteria for which there is no room are left out, the last ones first.
    """
    number = rates.groupby(cell_names(rates), sort=False, dropna=False).ngroup()
    lines = _lines_of_cells(trials, rates[number < MOST_CELLS], width)
    further = int(number.max()) + 1 - MOST_CELLS
    return [*lines, f"and {further:,} further cells, in success_rates.csv"] if further > 0 else lines


def rates_table(
    trials: pd.DataFrame, rates: pd.DataFrame, named: bool = True, gap: int = 2, most: int | None = None
) -> Table:
    """One line for each cell: the success rate with its 95 % interval, the other criteria and the density.

    After a search the other selections among a trial's networks replace all criteria but the first, as the line has no
    room for both. All criteria are in ``success_rates.csv``. The ceiling is what the examples determine without a
    network: ``exact``, the expected hierarchy; ``relation``, its relation of inputs and outputs; ``finer`` blocks; or
    another one, ``other``.

    Args:
        trials: as for :func:`rates_lines`.
        rates: likewise.
        named: whether the cells have their names in front.
        gap: spaces between two columns.
        most: criteria beside success that are shown; None for all that have a column.
    """
    cell = cell_names(rates)
    names = shown_names(rates) if named else []
    known = {*rates["criterion"]}
    criteria = [name for name, each in CRITERIA.items() if name != "exact" and name in known and each.on_terminal][
        :most
    ]
    sparsest = trials[trials["selection"] == "sparsest"]
    with_ties = bool((trials["ties"] > 1).any())
    choices = _choices(rates)
    searched = bool(choices)
    with_ceiling = "ceiling_exact" in rates and bool(rates["ceiling_exact"].notna().any())
    table = _table(gap)
    for name in names:
        table.add_column(_short(name), no_wrap=True)
    table.add_column("trials", justify="right")
    table.add_column(f"{CRITERIA['exact'].heading}  95 % interval", no_wrap=True)
    criteria = criteria[:1] if searched else criteria
    headings = [CRITERIA[name].heading for name in criteria] + ([*choices, "oracle"] if searched else ["density"])
    headings += ["ceiling"] * with_ceiling
    for heading in ([("any" if searched else "any tie")] if with_ties else []) + headings:
        table.add_column(heading, justify="right")
    for key, rows in rates.groupby(cell, sort=False, dropna=False):
        values = dict(zip(cell, key, strict=True))
        of_cell = sparsest[_matching(sparsest, values)]
        rate = {(row["selection"], row["ties"], row["criterion"]): row for _, row in rows.iterrows()}
        exact = rate["sparsest", "strict", "exact"]
        shown = [("sparsest", "any_tie", "exact")] if with_ties else []
        shown += [("sparsest", "strict", name) for name in criteria]
        shown += [(name, "strict", "exact") for name in choices]
        line = [_text(values[name]) for name in names]
        line += [str(exact["trials"]), f"{exact['rate']:.3f}    {exact['low']:.3f} – {exact['high']:.3f}"]
        line += [f"{rate[each]['rate']:.3f}" if each in rate else "" for each in shown]
        line += [f"{of_cell[ORACLE].mean():.3f}" if searched else f"{of_cell['density'].median():.1%}"]
        line += [_ceiling(exact)] if with_ceiling else []
        table.add_row(*map(Text, line))
    return table


def _choices(rates: pd.DataFrame) -> list[str]:
    """The selections beside the sparsest network: the finest where the reader confirms what it finds."""
    known = {*rates["selection"]}
    return ["finest"] if "finest" in known else [name for name in CHOICES if name in known]


def _ceiling(rate: pd.Series) -> str:
    """What the examples alone determine: the expected hierarchy, its relation alone, finer blocks, or another one."""
    names = {"ceiling_exact": "exact", "ceiling_relation": "relation", "ceiling_refines": "finer"}
    if pd.isna(rate["ceiling_exact"]):
        return ""
    return next((word for name, word in names.items() if rate[name]), "other")


def cell_names(rates: pd.DataFrame) -> list[str]:
    """The columns that make a cell, without the selection: all selections are on one line."""
    return [name for name in rates.columns[: rates.columns.get_loc("criterion")] if name != "selection"]


def shown_names(rates: pd.DataFrame) -> list[str]:
    """The columns that name the cells; the number of hidden layers is known by the layers."""
    return [
        name
        for name in cell_names(rates)
        if name != "hidden_layers" and rates[name].notna().any()
        if name in NAMING or rates[name].nunique(dropna=False) > 1
    ]


def figure_lines_table(table: pd.DataFrame, ceilings: pd.DataFrame | None = None) -> Table:
    """A line for each cell of a figure's table that has trials: the rates of the exact hierarchy.

    The paper's rate, where there is one, is beside the others; so is the ceiling, if the rates of the sweep are given
    as ``ceilings``.
    """
    exact = table[(table["criterion"] == "exact") & (table["sparsest_trials"] > 0)]
    within = [name for name in CELL if name != "criterion"]
    names = [name for name in within if table[name].nunique() > 1]
    shown = {
        name: heading for name, heading in FIGURE_RATES.items() if name != "paper_rate" or exact[name].notna().any()
    }
    rates = exact[[*within, *shown]].rename(columns=shown)
    criteria = {*table["criterion"]}
    for criterion in FIGURE_CRITERIA if NEARLY_SEPARABLE in criteria else ():
        if criterion in criteria:
            heading = CRITERIA[criterion].heading if criterion in CRITERIA else "near"
            of_criterion = table.loc[table["criterion"] == criterion, [*within, "sparsest_rate"]]
            rates = rates.merge(of_criterion.rename(columns={"sparsest_rate": heading}), on=within)
    lines = _table(gap=1)
    for name in names:
        lines.add_column(FIGURE_HEADINGS.get(name, name), justify="left" if name == "task" else "right", no_wrap=True)
    numbers = [heading for heading in rates if heading not in within]
    cells = rates.to_dict("records")
    ceiling = [] if ceilings is None else [_ceiling_of(cell, ceilings) for cell in cells]
    for heading in ("trials", *numbers, *(["ceiling"] if any(ceiling) else [])):
        lines.add_column(heading, justify="right")
    for number, (trials, cell) in enumerate(zip(exact["sparsest_trials"], cells, strict=True)):
        values = [_text(cell[name]) for name in names]
        values += [str(trials), *("" if pd.isna(cell[name]) else f"{cell[name]:.2f}" for name in numbers)]
        lines.add_row(*values, *([ceiling[number]] if any(ceiling) else []))
    return lines


def _ceiling_of(cell: dict[str, object], rates: pd.DataFrame) -> str:
    """The ceiling of a cell of a figure; several where the cell has several depths and they differ."""
    rows = rates[_matching(rates, {name: cell[name] for name in ("task", "overlap", "uses") if name in rates})]
    same_depth = rows["hidden_layers"].astype(str) == str(cell["hidden_layers"])
    rows = rows[same_depth] if same_depth.any() else rows
    return "/".join(dict.fromkeys(_ceiling(row) for _, row in rows.iterrows()))


def as_text(table: Table) -> str:
    """A table as plain text."""
    text = StringIO()
    # Not the standard output: a dumb terminal would have 80 columns, and a notebook shows the text at once.
    Console(file=text, width=500, color_system=None, force_terminal=False, force_jupyter=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def accuracy_lines(tasks: Sequence[Cell]) -> list[str]:
    """List the accuracies of tasks where these are measured, a table for each task and number of hidden layers."""
    parts = [
        (cell, depth, trials)
        for cell in tasks
        if cell.is_measured
        for depth, trials in cell.trials.groupby("hidden_layers", sort=False)
    ]
    depths = {depth for _, depth, _ in parts}
    lines = []
    for cell, depth, trials in parts[:MOST_ACCURACIES]:
        words = [*([cell.task] if len(tasks) > 1 else []), *([f"{depth} hidden layers"] if len(depths) > 1 else [])]
        lines += _accuracy_table(", ".join(words) or "accuracy", replace(cell, trials=trials))
    further = len(parts) - MOST_ACCURACIES
    return [*lines, f"and the accuracies of {further} more, in trials.csv"] if further > 0 else lines


def _accuracy_table(heading: str, cell: Cell) -> list[str]:
    accuracies, table = cell.accuracies, _table(3)
    table.add_column(heading)
    for stage in accuracies[0].of:
        table.add_column(stage)
    for accuracy in accuracies:
        table.add_row(accuracy.examples, *accuracy.of.values())
    if pd.notna(agreement := cell.trials["input_agreement"].mean()):
        table.add_row("inputs agree", "", f"{agreement:.2f}")
    return as_text(table).splitlines()


def _table(gap: int) -> Table:
    return Table(box=None, header_style="bold", pad_edge=False, padding=(0, gap, 0, 0))


def _lines_of_cells(trials: pd.DataFrame, rates: pd.DataFrame, width: int) -> list[str]:
    lines = as_text(rates_table(trials, rates)).splitlines()
    if max(map(len, lines)) <= width:
        return lines
    for gap, most in ((2, None), *((1, most) for most in range(len(CRITERIA), 0, -1))):
        headings, *numbers = as_text(rates_table(trials, rates, named=False, gap=gap, most=most)).splitlines()
        if max(map(len, [headings, *numbers])) <= width:
            break
    names = shown_names(rates)
    cells = rates[cell_names(rates)].drop_duplicates()
    labels = [[_labeled(name, cell[name]) for name in names if pd.notna(cell[name])] for _, cell in cells.iterrows()]
    pairs = zip(labels, numbers, strict=True)
    return [headings, *(line for label, rates in pairs for line in (*_wrapped(label, width), rates))]


def _matching(trials: pd.DataFrame, values: dict[str, object]) -> pd.Series:
    matching = pd.Series(True, index=trials.index)
    for name, value in values.items():
        matching &= trials[name].isna() if pd.isna(value) else trials[name] == value
    return matching


def _text(value: object) -> str:
    return "" if pd.isna(value) else typed(value)


def _labeled(name: str, value: object) -> str:
    return _text(value) if name in ("task", "layers") else f"{_short(name)} {_text(value)}"


def _wrapped(labels: Sequence[str], width: int) -> Iterator[str]:
    """Join labels to lines that fit; a label that alone is too long is cut."""
    line = ""
    for label in labels:
        if line and len(f"{line}  {label}") > width:
            yield line
            line = ""
        line = f"{line}  {label}" if line else label if len(label) <= width else f"{label[: width - 1]}…"
    yield line


def _short(name: str) -> str:
    """A key without its group, except where two groups have one of that name: ``unit.step`` and ``edge.step``."""
    return name.removeprefix("pruning.") if name.startswith("pruning.") else name.rpartition(".")[2]
