"""Success rates as the lines of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from neural_sculpting.records.cell import Cell
from neural_sculpting.records.network_rows import CRITERIA
from neural_sculpting.scoring.rates import success_rates, wilson_interval

CRITERION_WORDS: Mapping[str, tuple[str, str]] = {
    "exact": ("Hierarchy", "the modules, what they hold and what they use are all as expected"),
    "input_separability": ("Inputs", "the inputs are divided among the modules as expected"),
    "output_sub_functions": ("Outputs", "the outputs are divided among the modules as expected"),
    "hidden_unit_separability": ("Hidden units", "no hidden unit serves outputs of two sub-functions"),
    "middle_layer_separability": ("Middle modules", "the modules in the middle are divided by output"),
}
ANY_TIE = ("Hierarchy, any tie", "counted as in the paper: one of several equally sparse networks suffices")
CHOICE_WORDS: Mapping[str, tuple[str, str]] = {
    "sparsest": ("Sparsest", "the network with the fewest edges"),
    "consensus": ("Consensus", "the hierarchy that most of the sparse networks agree on"),
    "simplest": ("Simplest", "the smallest hierarchy among the sparse networks"),
    "among": ("Any network", "whether any network of the trial has it: no way of choosing can do better"),
}


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
    words: dict[str, tuple[str, str]] = {name: CRITERION_WORDS[name] for name in CRITERIA}
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
    found = []
    for choice, words in CHOICE_WORDS.items():
        of_choice = rows[rows["selection"] == ("sparsest" if choice == "among" else choice)]
        found += _lines(of_choice, {"among" if choice == "among" else "exact": words})
    return found


def _lines(trials: pd.DataFrame, words: Mapping[str, tuple[str, str]]) -> list[Rate]:
    rates = success_rates(trials, [], list(words))
    return [_line(*words[row["criterion"]], row) for _, row in rates[rates["trials"] > 0].iterrows()]


def _line(label: str, note: str, row: pd.Series) -> Rate:
    return Rate(label, note, row["successes"], row["trials"], row["rate"], row["low"], row["high"])
