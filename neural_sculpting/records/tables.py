"""The tables of a sweep, made from the rows of its groups."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from neural_sculpting.config.schemas import NOT_THE_RESULTS
from neural_sculpting.config.values import flat, typed
from neural_sculpting.records.ceilings import COLUMNS as CEILINGS
from neural_sculpting.records.criteria import CRITERIA, RULES
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.rates import success_rates

FILE, SHA256 = "network.file", "network.sha256"
"""Of the trained network that the trials of a group start from."""

VARIANTS = "pruning.variants"
"""Of which the names are enough, where they distinguish the groups."""

HAVE_COLUMNS = ("task", "arch", "seed", "selection")
"""Sections of the configuration that have columns already."""


def swept_settings(groups: Sequence[GroupRecord]) -> pd.DataFrame:
    """The settings in which groups of the same task and layers differ: a row for each group, a column for each."""
    exclude = {**NOT_THE_RESULTS, **dict.fromkeys(HAVE_COLUMNS, True)}
    settings = pd.DataFrame(
        [
            {
                key: _comparable(value)
                for key, value in flat(group.config.model_dump(mode="json", exclude=exclude)).items()
            }
            for group in groups
        ]
    )
    shapes = pd.Series([f"{group.config.task} {group.config.arch}" for group in groups])
    if {FILE, SHA256} <= {*settings} and settings.groupby(FILE)[SHA256].nunique().max() == 1:
        settings = settings.drop(columns=SHA256)  # the names of the files distinguish the networks
    differing = settings.groupby(shapes).nunique(dropna=False).max() > 1
    found = settings.loc[:, differing]
    if VARIANTS in found:
        names = pd.Series([" ".join(each.name for each in group.config.pruning.variants or ()) for group in groups])
        if names.nunique() == found[VARIANTS].nunique(dropna=False):
            found = found.assign(**{VARIANTS: names})
    return found


def _comparable(value: Any) -> Any:
    """A list as text, so that it can be compared and stored in a cell."""
    return " ".join(map(typed, value)) if isinstance(value, list) else value


def rates_of(trials: pd.DataFrame, cell: Sequence[str], criteria: Iterable[str] = CRITERIA) -> pd.DataFrame:
    """Success rates with 95 % Wilson intervals: a row for each cell, criterion and rule for ties.

    The columns of the ceiling, where trials have them, come last: they are the same for all trials of a cell. There is
    no row where a criterion does not apply to the task of a cell, is newer than the stored trials, or is not
    known of ties.
    """
    tables = []
    cells = trials.drop_duplicates(list(cell))  # in the order of the rates
    for rule, ending in RULES.items():
        columns = {f"{criterion}{ending}": criterion for criterion in criteria if f"{criterion}{ending}" in trials}
        table = success_rates(trials, list(cell), list(columns))
        table["criterion"] = table["criterion"].map(columns)
        table.insert(table.columns.get_loc("criterion") + 1, "ties", rule)
        ceilings = {name: cells[name].repeat(len(columns)).array for name in CEILINGS if name in trials}
        tables.append(table.assign(**ceilings))
    rates = pd.concat(tables, ignore_index=True)
    return rates[rates["trials"] > 0].reset_index(drop=True)


def best_first(trials: pd.DataFrame) -> pd.DataFrame:
    """Sort trials: successes, then those that learned, then by the agreement of their inputs, then the sparsest.

    Where no hierarchy is expected, those come first of whose hierarchy the trials found most.
    """
    learned = trials["status"] == "sculpted"
    unknown = trials[learned & trials["exact"].isna() & trials["hierarchy"].notna()]
    alike = unknown.groupby(["task", "hierarchy"])["job"].transform("size").reindex(trials.index, fill_value=0)
    keys = pd.DataFrame(
        {
            "failure": trials["exact"].eq(False).fillna(False),
            "unlearned": ~learned,
            "rareness": -alike,
            "disagreement": 0.0 - trials["input_agreement"].fillna(0.0),
            "edges": trials["edges"],
            "job": trials["job"],
        }
    )
    return trials.loc[keys.sort_values(list(keys)).index]
