"""Columns that older groups lack or name otherwise, and that follow from what they have."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.records.readings import with_masks
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.selection import any_tie
from neural_sculpting.scoring.success import Comparison

FORMER_NAMES = {"confidence": "window_share"}
"""Names that columns had, and have now."""

NEWER_CRITERIA = ("relation", "refines")


def with_newer_columns(record: GroupRecord) -> GroupRecord:
    """Add the reader, and the criteria that are newer than the networks of a group; name columns as today."""
    reader = {"reader": record.config.analysis.reader}
    networks, trials = record.networks.assign(**reader), record.trials.assign(**reader).rename(columns=FORMER_NAMES)
    missing = [name for name in NEWER_CRITERIA if name not in networks]
    if not missing:
        return replace(record, networks=networks, trials=trials)
    met = _met(record, missing)
    for name in missing:
        networks.insert(networks.columns.get_loc("exact") + 1 + missing.index(name), name, met[name])
        trials.insert(trials.columns.get_loc("exact") + 1 + missing.index(name), name, _of(met[name], trials))
    for name in missing:
        ties = trials["seed"].map(any_tie(networks, name)).where(trials["selection"] == "sparsest", trials[name])
        at = trials.columns.get_loc("exact_any_tie") + 1 + missing.index(name)
        trials.insert(at, f"{name}_any_tie", ties.astype("boolean").mask(trials[name].isna()))
    return replace(record, networks=networks, trials=trials)


def _met(record: GroupRecord, criteria: Sequence[str]) -> pd.DataFrame:
    """Whether each network meets each criterion; missing where no hierarchy is expected."""
    if record.expected is None:
        return pd.DataFrame(pd.NA, index=record.networks.index, columns=list(criteria), dtype="boolean")
    rows = []
    for network, status in enumerate(record.networks["status"]):
        graph, both = record.graphs[network], None
        if graph is not None and status in ("sculpted", "constant"):
            masks = record.masks_of(network)
            both = Comparison(masks, with_masks(graph, masks), record.expected, record.ignore_pruned_inputs)
        rows.append([both is not None and CRITERIA[name].is_met(both) for name in criteria])
    return pd.DataFrame(rows, index=record.networks.index, columns=list(criteria), dtype="boolean")


def _of(values: pd.Series, trials: pd.DataFrame) -> pd.Series:
    """The values of the networks that trials select."""
    return values.loc[trials["network"]].set_axis(trials.index)
