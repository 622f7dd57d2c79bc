"""What is measured of the networks of a group: path weights, or what breaks and how far networks of a trial agree."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.records.lesions import lesions_of
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.path_weights import units_of_share, within_and_across
from neural_sculpting.scoring.stability import stability

PATHS = ("within", "across", "units_1", "units_2")
TESTED = ("lesion", "answer_lesion", "random_lesion", "steps_inputs", "steps_reach", "found")
READERS = ("paper", "confirmed")


def path_rows(group: GroupRecord) -> pd.DataFrame:
    """Return a row for each network with ``PATHS``, and of sculpted ones again with their weights dealt out anew.

    ``within`` and ``across`` are means over pairs of an input and an output, ``units_1`` and ``units_2`` the units of
    each hidden layer that make up 90 % of the path weight.
    """
    rows = []
    for network, row in enumerate(group.networks.to_dict("records")):
        weights = group.packed.weights_of(network)
        rows.append({**row, **_paths(weights, group)})
        if row["variant"] == "units_edges":
            random = np.random.default_rng(row["seed"])
            dealt = [random.permutation(each.ravel()).reshape(each.shape) for each in weights]
            rows.append({**row, **_paths(dealt, group), "variant": "dealt"})
    return pd.DataFrame(rows)


def _paths(weights: Any, group: GroupRecord) -> dict[str, float]:
    assert group.expected is not None
    within, across = within_and_across(weights, group.expected)
    units = dict(zip(PATHS[2:], units_of_share(weights), strict=False))
    return {"within": within.mean(), "across": across.mean() if len(across) else np.nan, **units}


def tested_rows(group: GroupRecord) -> pd.DataFrame:
    """Return a row for each trial and reader with ``TESTED``; ``found`` is its hierarchy as JSON."""
    return pd.DataFrame([row for reader in READERS for row in _tested(read_again(group, {"reader": reader}), reader)])


def _tested(group: GroupRecord, reader: str) -> Iterator[dict[str, Any]]:
    [cell] = Sweep((group,)).cells
    shape = group.layout.layers[0], group.layout.layers[-1]
    for trial, learned in zip(cell.trials.to_dict("records"), cell.learned, strict=True):
        network = trial["network"]
        row = {**trial, "reader": reader, **dict.fromkeys(TESTED)}
        own = lesions_of(group, network, seed=trial["seed"]) if learned else None
        if own is not None and cell.networks_answer is not None:
            by_answer = lesions_of(group, network, cell.networks_answer.hierarchy, draws=0)
            row |= {"lesion": own.score(), "random_lesion": own.control()}
            row |= {"answer_lesion": by_answer.score() if by_answer else np.nan}
            row["found"] = json.dumps(graph_to_json(own.hierarchy))
        able = group.networks["seed"].eq(trial["seed"]) & group.networks["status"].eq("sculpted")
        graphs = [graph for graph, one in zip(group.graphs, able, strict=True) if one and graph is not None]
        if agreement := stability([graphs], shape):
            row |= {"steps_inputs": agreement.inputs.mean, "steps_reach": agreement.reach.mean}
        yield row
