"""What is measured of each trial of a convolutional network or a transformer."""

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from experiments.architectures.inside import (
    HEADS,
    INSIDE,
    by_outputs,
    disturbed_heads,
    disturbed_parts,
    examples_of,
    heads_of_induction,
    inside,
)
from neural_sculpting.networks.architecture import split_edges
from neural_sculpting.nulls.rewired import rewired
from neural_sculpting.records.lesions import lesions_of
from neural_sculpting.records.null_readings import read_null
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.answers import criteria_met
from neural_sculpting.scoring.separation import stray_path_share, stray_unit_share

MEASURES = (
    *("paper_relation", "confirmed_relation", "confirmed_exact", "answer_relation", "answer_exact"),
    *("rewired_relation", "rewired_path_share", "rewired_unit_share"),
    *("lesion_agreement", "random_lesion_agreement"),
    *(*INSIDE, *(f"rewired_{name}" for name in INSIDE)),
)

MOST_ASKED = 64
"""Inputs of the graph."""


def measured(group: GroupRecord) -> pd.DataFrame:
    """Return the trials of a group with ``MEASURES``: by both readers, of rewired masks, and of lesions.

    Of many inputs, the function is not asked and no module is disturbed: either takes hours.
    """
    trials = group.trials[group.trials["selection"] == "sparsest"].reset_index(drop=True)
    confirmed, answer = None, None
    if group.layout.layers[0] <= MOST_ASKED:
        confirmed = read_again(group, {"reader": "confirmed"})
        [cell] = Sweep((confirmed,)).cells
        answer = cell.networks_answer.hierarchy if cell.networks_answer else None
    rows = [_of_trial(group, confirmed, int(trial.network), int(trial.seed)) for trial in trials.itertuples()]
    of_answer = {f"answer_{key}": value for key, value in _met(answer, group.expected).items()}
    trials = trials.drop(columns="stray_unit_share").join(pd.DataFrame(rows))
    return trials.assign(**of_answer, dense_edges=group.layout.edges)


def _of_trial(group: GroupRecord, confirmed: GroupRecord | None, network: int, seed: int) -> dict[str, Any]:
    expected = group.expected
    found: dict[str, Any] = dict.fromkeys([*MEASURES, "stray_unit_share"])
    if group.graphs[network] is None or expected is None:
        return found
    found["paper_relation"] = _met(group.graphs[network], expected)["relation"]
    parts, task, parameters = by_outputs(expected), group.trials["task"].iloc[0], group.packed.parameters_of(network)
    found |= dict(inside(task, group.layout, parameters, group.masks_of(network), group))
    found["stray_unit_share"] = stray_unit_share(group.masks_of(network), parts)
    found |= dict(_of_rewired(group, network, seed, parts, task))
    if confirmed is None:
        return found
    found |= {f"confirmed_{key}": value for key, value in _met(confirmed.graphs[network], expected).items()}
    lesioned = "lesion_agreement", "random_lesion_agreement"
    if task == "induction":
        heads = dict(heads_of_induction(group.layout, parameters, examples_of(group)))
        best = [int(heads[name].argmax()) for name in HEADS]
        found |= zip(lesioned, disturbed_heads(group, network, best, seed), strict=True)
    elif parts is not expected:
        found |= zip(lesioned, disturbed_parts(group, network, parts, seed), strict=True)
    elif lesions := lesions_of(confirmed, network, seed=seed):
        scores = lesions.score(balanced=False), lesions.control(balanced=False)
        found["lesion_agreement"], found["random_lesion_agreement"] = scores
    return found


def _met(graph: nx.DiGraph | None, expected: nx.DiGraph | None) -> dict[str, bool | None]:
    if graph is None or expected is None:
        return {"relation": None, "exact": None}
    met = criteria_met(graph, expected)
    return {"relation": met["relation"], "exact": met["exact"]}


def _of_rewired(
    group: GroupRecord, network: int, seed: int, parts: nx.DiGraph, task: str
) -> Iterator[tuple[str, float]]:
    """The separation in the same network with its edges rewired: their weights are dealt out among the new ones."""
    layout, edges = group.layout, group.packed.edges_of(network)
    other = np.concatenate([each.ravel() for each in rewired(split_edges(edges, layout), seed)])
    parameters = group.packed.parameters_of(network)
    weights = np.zeros_like(parameters[: layout.edges])
    weights[other] = np.random.default_rng(seed).permutation(parameters[: layout.edges][edges])
    yield "rewired_path_share", stray_path_share(layout.stage_weights(np.abs(weights)), group.expected)
    yield "rewired_unit_share", stray_unit_share(layout.stage_masks(other), parts)
    dealt = np.concatenate([weights, parameters[layout.edges :]])
    for name, value in inside(task, layout, dealt, layout.stage_masks(other), group):
        yield f"rewired_{name}", value
    yield "rewired_relation", criteria_met(read_null(group, network, seed, rewired), group.expected)["relation"]
