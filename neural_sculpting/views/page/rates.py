"""Success rates as the lines of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from neural_sculpting.records.cell import Cell
from neural_sculpting.records.criteria import CRITERIA, ORACLE, SELECTIONS
from neural_sculpting.scoring.rates import success_rates, wilson_interval

ANY_TIE = ("Hierarchy, any tie", "counted as in the paper: one of several equally sparse networks suffices")
ANY_NETWORK = ("Oracle", "whether any network of the trial has it: no way of choosing can do better")


@dataclass(frozen=True)
class Rate:
    """One line: how many of some trials succeeded, with the 95 % interval of the rate."""

    label: str
    note: str
    successes: int
    trials: int
    rate: float
    low: float
    high: float


def rate_of(cell: Cell) -> Rate:
    """How many trials found the expected hierarchy; where that is not known, how many found the same one."""
    if cell.is_judged:
        [rate] = _lines(cell.trials, {"exact": (cell.label, "")})
        return rate
    agreed, trials = cell.consensus.trials if cell.consensus else 0, len(cell.trials)
    return Rate(cell.label, "", agreed, trials, agreed / trials, *wilson_interval(agreed, trials))


def by_criterion(cell: Cell) -> list[Rate]:
    """A line for each criterion that applies to the task, and one for ties where they change the rate."""
    words = {name: (criterion.label, criterion.meaning) for name, criterion in CRITERIA.items()}
    ties = cell.trials["exact_any_tie"]
    if not ties.equals(cell.trials["exact"]):
        words["exact_any_tie"] = ANY_TIE
    return _lines(cell.trials, words)


def by_column(cell: Cell, column: str) -> list[Rate]:
    """A line for each architecture (``layers``) or depth (``hidden_layers``); none where all trials have the same."""
    if cell.trials[column].nunique() == 1 or not cell.is_judged:
        return []
    rates = success_rates(cell.trials, [column], ["exact"])
    return [_line(str(row[column]), "", row) for _, row in rates.iterrows()]


def by_choice(cell: Cell) -> list[Rate]:
    """A line for each way to choose among the networks of a trial; none where a trial has but one."""
    keys = ["group", "seed"]
    asked = cell.trials[keys]
    rows = pd.concat(
        [cell.sweep.groups[group].trials.assign(group=group) for group in asked["group"].unique()], ignore_index=True
    ).merge(asked, on=keys)
    if rows["selection"].nunique() == 1 or not cell.is_judged:
        return []
    lines = [
        line for name, words in SELECTIONS.items() for line in _lines(rows[rows["selection"] == name], {"exact": words})
    ]
    return lines + _lines(rows[rows["selection"] == "sparsest"], {ORACLE: ANY_NETWORK})


def _lines(trials: pd.DataFrame, words: Mapping[str, tuple[str, str]]) -> list[Rate]:
    rates = success_rates(trials, [], list(words))
    return [_line(*words[row["criterion"]], row) for _, row in rates[rates["trials"] > 0].iterrows()]


def _line(label: str, note: str, row: pd.Series) -> Rate:
    return Rate(label, note, row["successes"], row["trials"], row["rate"], row["low"], row["high"])
