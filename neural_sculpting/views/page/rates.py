"""Success rates, as the rows of the tables of a page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from neural_sculpting.records.ceilings import ceiling_columns
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.criteria import CRITERIA, ORACLE, SELECTIONS
from neural_sculpting.scoring.rates import success_rates, wilson_interval

ANY_TIE = ("Hierarchy, any tie", "counted as in the paper: one of several equally sparse networks suffices")
ANY_NETWORK = ("Oracle", "whether any network of the trial has it: no way of choosing can do better")


@dataclass(frozen=True)
class Rate:
    """A row: how many trials succeeded, with the 95 % interval of the rate.

    The ceiling is whether the examples determine as much without a network: ``yes``, ``no`` or nothing, if not known.
    """

    label: str
    note: str
    successes: int
    trials: int
    rate: float
    low: float
    high: float
    ceiling: str = ""


def rate_of(cell: Cell) -> Rate:
    """Count the trials that found the expected hierarchy, or the most common one if that is not known."""
    if cell.is_judged:
        [rate] = _rows(cell.trials, {"exact": (cell.label, "")})
        return rate
    agreed, trials = cell.hierarchies[0].trials if cell.hierarchies else 0, len(cell.trials)
    return Rate(cell.label, "", agreed, trials, agreed / trials, *wilson_interval(agreed, trials))


def by_criterion(cell: Cell) -> list[Rate]:
    """Return a row for each criterion that applies to the task, and one for ties if they change the rate."""
    words = {name: (criterion.label, criterion.meaning) for name, criterion in CRITERIA.items()}
    ties = cell.trials["exact_any_tie"]
    if not ties.equals(cell.trials["exact"]):
        words["exact_any_tie"] = ANY_TIE
    met = _ceilings(cell)
    return [replace(row, ceiling=met.get(row.label, "")) for row in _rows(cell.trials, words)]


def by_column(cell: Cell, column: str) -> list[Rate]:
    """Return a row for each architecture (``layers``) or depth (``hidden_layers``); none if there is only one."""
    if cell.trials[column].nunique() == 1 or not cell.is_judged:
        return []
    rates = success_rates(cell.trials, [column], ["exact"])
    ceiling = _ceilings(cell).get(CRITERIA["exact"].label, "")
    return [replace(_row(str(row[column]), "", row), ceiling=ceiling) for _, row in rates.iterrows()]


def by_selection(cell: Cell) -> list[Rate]:
    """Return a row for each way to select among the networks of a trial; none if a trial has only one."""
    keys = ["group", "seed"]
    tables = [cell.sweep.groups[group].trials.assign(group=group) for group in cell.trials["group"].unique()]
    trials = pd.concat(tables, ignore_index=True).merge(cell.trials[keys], on=keys)
    if trials["selection"].nunique() == 1 or not cell.is_judged:
        return []
    by_name = {name: trials[trials["selection"] == name] for name in SELECTIONS}
    rows = [row for name, words in SELECTIONS.items() for row in _rows(by_name[name], {"exact": words})]
    ceiling = _ceilings(cell).get(CRITERIA["exact"].label, "")
    return [replace(row, ceiling=ceiling) for row in rows + _rows(by_name["sparsest"], {ORACLE: ANY_NETWORK})]


def _ceilings(cell: Cell) -> dict[str, str]:
    """Whether the examples alone meet criteria, by the labels of these."""
    met = ceiling_columns(cell.first_group.ceiling, cell.expected)
    known = {name.removeprefix("ceiling_"): value for name, value in met.items() if pd.notna(value)}
    words = {CRITERIA[name].label: "yes" if value else "no" for name, value in known.items()}
    exact = words.get(CRITERIA["exact"].label)
    return words if exact is None else {**words, ANY_TIE[0]: exact}


def _rows(trials: pd.DataFrame, words: Mapping[str, tuple[str, str]]) -> list[Rate]:
    rates = success_rates(trials, [], list(words))
    return [_row(*words[row["criterion"]], row) for _, row in rates[rates["trials"] > 0].iterrows()]


def _row(label: str, note: str, row: pd.Series) -> Rate:
    return Rate(label, note, row["successes"], row["trials"], row["rate"], row["low"], row["high"])
