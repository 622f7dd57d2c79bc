"""Sets of inputs that a sparse graph suggests as blocks: what its clusters, its units and its bottlenecks divide.

Nothing here asks what the network computes; whether a candidate is a block is for others to confirm.
"""

from collections.abc import Iterator, Mapping, Sequence

import networkx as nx
import numpy as np

from neural_sculpting.analysis.clusters import IntArray, cluster_units, reachability_features
from neural_sculpting.analysis.condense import BoolArray, condense, restrict
from neural_sculpting.analysis.readers.base import StageGraph

Inputs = frozenset[int]


def candidates(graph: StageGraph, modularity_threshold: float = 0.2, least: int = 2) -> Mapping[Inputs, str]:
    """Suggest sets of so many inputs or more, but not all, each with what suggests it.

    - ``cluster``: inputs that one cluster of the paper's reader holds, and that are linked inside of it, see
      :func:`linked_clusters`. The modularity of a partition has a resolution limit (Fortunato & Barthélemy 2007), links
      have none.
    - ``unit``: the inputs below a hidden unit.
    - ``bottleneck``: the inputs of which every path to the outputs passes through a hidden unit (its dominated inputs:
      Lengauer & Tarjan 1979), or through the hidden units of a layer with the same inputs below them.
    """
    kept = condense(graph.masks)
    masks = restrict(graph.masks, kept)
    names = np.flatnonzero(kept[0])
    found: dict[Inputs, str] = {}
    for kind, sets in (
        ("cluster", linked_clusters(masks, modularity_threshold)),
        ("unit", _below(masks)),
        ("bottleneck", _dominated(masks)),
    ):
        for inputs in sets:
            if least <= len(inputs) < len(names):
                found.setdefault(frozenset(names[inputs].tolist()), kind)
    return found


def linked_clusters(masks: Sequence[BoolArray], modularity_threshold: float) -> Iterator[IntArray]:
    """Divide the clusters of the inputs further: inputs stay together if links inside of the cluster connect them.

    Two inputs are linked if they share a direct successor. A unit that reads one unit alone only relays it, and stands
    for it. Masks are of kept units only; yields the inputs of each part.
    """
    clusters = cluster_units(reachability_features(masks, None)[0], modularity_threshold)
    readers = _readers(masks).astype(np.float32)
    links = nx.from_numpy_array((readers @ readers.T > 0) & (clusters[:, None] == clusters))
    for part in nx.connected_components(links):
        yield np.array(sorted(part))


def _readers(masks: Sequence[BoolArray]) -> BoolArray:
    """The units of all layers that read each input, directly or by relays, ``(inputs, units)``."""
    at = np.eye(len(masks[0]), dtype=np.bool_)  # where each input arrives unmixed
    found = []
    for layer, mask in enumerate(masks):
        reached = at.astype(np.float32) @ mask.astype(np.float32) > 0
        is_relay = (mask.sum(axis=0) == 1) & (layer < len(masks) - 1)
        found.append(reached & ~is_relay)
        at = reached & is_relay
    return np.concatenate(found, axis=1)


def _below(masks: Sequence[BoolArray]) -> Iterator[IntArray]:
    for _, patterns in _inputs_below(masks):
        for pattern in patterns:
            yield np.flatnonzero(pattern)


def _dominated(masks: Sequence[BoolArray]) -> Iterator[IntArray]:
    """For each layer and each set of inputs below some of its units, those that reach outputs by no other unit."""
    for below, patterns in _inputs_below(masks):
        for pattern in patterns:
            alike = (below == pattern[:, None]).all(axis=0)
            elsewhere = below[:, ~alike].any(axis=1)
            yield np.flatnonzero(pattern & ~elsewhere)


def _inputs_below(masks: Sequence[BoolArray]) -> Iterator[tuple[BoolArray, BoolArray]]:
    """For each hidden layer the inputs below each unit, ``(inputs, units)``, and the different sets of them as rows."""
    below = np.eye(len(masks[0]), dtype=np.bool_)
    for mask in masks[:-1]:
        below = (below.astype(np.float32) @ mask.astype(np.float32)) > 0
        yield below, np.unique(below, axis=1).T
