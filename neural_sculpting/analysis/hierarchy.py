"""The whole analysis: from the masks of one network to its modules and their hierarchy."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from neural_sculpting.analysis.clusters import IntArray, cluster_units, reachability_features
from neural_sculpting.analysis.condense import BoolArray, check_masks, condense, restrict

REMOVED = -1
"""The cluster and the module of a unit that condensing removes."""


def merge_clusters(
    masks: Sequence[BoolArray], clusters: Sequence[IntArray], merging_threshold: float
) -> list[IntArray]:
    """Merge the clusters of all layers, over masks of kept units only, into modules, from the inputs up.

    Clusters are numbered from 0 in order of the first unit in their layer, modules in order of appearance, from the
    inputs up and by unit within a layer.
    """
    modules = [clusters[0]]
    known = _count(clusters[0])
    for layer, mask in enumerate(masks):
        upper = clusters[layer + 1]
        edges = _edges_between(mask, modules[-1], upper, shape=(known, _count(upper)))
        joined = joined_modules(edges, merging_threshold, to_outputs=layer == len(masks) - 1)
        starts = joined < 0
        joined[starts] = known + np.arange(starts.sum())
        known += int(starts.sum())
        modules.append(joined[upper])
    return modules


def joined_modules(edges: IntArray, merging_threshold: float, *, to_outputs: bool) -> IntArray:
    """Find the module that each cluster of the next layer joins, -1 for none, ``(clusters,)``.

    ``edges`` counts those from each module to each cluster, ``(modules, clusters)``. A cluster joins a module if more
    than the threshold's share of the edges into the cluster come from the module, and more than this share of the
    module's edges to the next layer lead to the cluster. For output units only the first of the two counts. Below a
    threshold of one half several modules can pass: the cluster joins the one with the most edges to it, the first of
    equals.
    """
    if edges.size == 0:
        return np.full(edges.shape[1], -1)
    # Counts are whole and division rounds correctly, so that a share of exactly 9/10 does not exceed 0.9.
    incoming = edges / np.maximum(edges.sum(axis=0, keepdims=True), 1)
    outgoing = edges / np.maximum(edges.sum(axis=1, keepdims=True), 1)
    passes = (incoming > merging_threshold) & (to_outputs | (outgoing > merging_threshold))
    candidates = np.where(passes, edges, 0)
    return np.where(candidates.any(axis=0), candidates.argmax(axis=0), -1)


def _edges_between(mask: BoolArray, lower: IntArray, upper: IntArray, shape: tuple[int, int]) -> IntArray:
    source, target = mask.nonzero()
    pairs = lower[source] * shape[1] + upper[target]
    return np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)


def _count(labels: IntArray) -> int:
    return int(labels.max(initial=-1)) + 1


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The modules of one network.

    Attributes:
        kept: for each layer whether condensing keeps each unit, ``(units,)``.
        clusters: for each layer the cluster of each unit within its layer, ``REMOVED`` for a removed unit.
        modules: for each layer the module of each unit, ``REMOVED`` for a removed unit. Modules are numbered from 0 in
            order of appearance, from the inputs up and by unit within a layer.
        graph: a node for each module, with the sorted tuples ``inputs``, ``outputs`` and ``units`` (pairs (layer, unit)
            of its hidden units; the inputs are layer 0). An edge leads from a module to one that it feeds directly. Two
            modules may feed each other.
    """

    kept: tuple[BoolArray, ...]
    clusters: tuple[IntArray, ...]
    modules: tuple[IntArray, ...]
    graph: nx.DiGraph


def analyze(
    masks: Sequence[BoolArray], *, hops: int | None, modularity_threshold: float, merging_threshold: float
) -> Hierarchy:
    """Uncover the modules of a sculpted network and the hierarchy that they form (Patil et al. 2023).

    Args:
        masks: one boolean array ``(fan_in, fan_out)`` for each weight layer, from the inputs up.
        hops: how far ahead, in layers, the features of a unit look; None for all later layers.
        modularity_threshold: see :func:`~neural_sculpting.analysis.clusters.cluster_units`.
        merging_threshold: see :func:`~neural_sculpting.analysis.hierarchy.joined_modules`.

    Raises:
        ValueError: the masks are not those of one network, or hops is below 1.
    """
    check_masks(masks)
    kept = condense(masks)
    condensed = restrict(masks, kept)
    features = reachability_features(condensed, hops)
    clusters = [cluster_units(layer, modularity_threshold) for layer in features]
    return join_clusters(masks, kept, clusters, merging_threshold)


def join_clusters(
    masks: Sequence[BoolArray], kept: tuple[BoolArray, ...], clusters: Sequence[IntArray], merging_threshold: float
) -> Hierarchy:
    """Join clusters of kept units, for each layer but that of the outputs: the last steps of :func:`analyze`."""
    clusters = [*clusters, np.arange(masks[-1].shape[1])]  # every output is a separate cluster
    modules = merge_clusters(restrict(masks, kept), clusters, merging_threshold)
    labels = _spread(modules, kept)
    return Hierarchy(kept, _spread(clusters, kept), labels, module_graph(masks, labels))


def module_graph(masks: Sequence[BoolArray], modules: Sequence[IntArray]) -> nx.DiGraph:
    """Build the graph that :class:`Hierarchy` describes from its modules, its nodes in the order of their numbers."""
    last = len(masks)
    members: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for layer, labels in enumerate(modules):
        for unit, module in enumerate(labels.tolist()):
            if module != REMOVED:
                members[module].append((layer, unit))
    graph = nx.DiGraph()
    for module, units in sorted(members.items()):
        graph.add_node(
            module,
            inputs=tuple(unit for layer, unit in units if layer == 0),
            outputs=tuple(unit for layer, unit in units if layer == last),
            units=tuple((layer, unit) for layer, unit in units if 0 < layer < last),
        )
    graph.add_edges_from(sorted(_module_edges(masks, modules)))
    return graph


def hierarchy_from_graph(graph: nx.DiGraph, layers: Sequence[int]) -> Hierarchy:
    """Restore the modules of all units from a graph; clusters within modules are lost.

    ``layers`` counts the units of each layer, inputs and outputs included.
    """
    modules = tuple(np.full(size, REMOVED) for size in layers)
    for module, members in graph.nodes(data=True):
        modules[0][list(members["inputs"])] = module
        modules[-1][list(members["outputs"])] = module
        for layer, unit in members["units"]:
            modules[layer][unit] = module
    return Hierarchy(tuple(labels != REMOVED for labels in modules), modules, modules, graph)


def hierarchy_size(graph: nx.DiGraph, layers: int) -> int:
    """Count the connections that a hierarchy allows: pairs of units, plus edges between modules.

    A unit may be connected to the units of the next layer that belong to its module or to one that its module feeds.
    One module of many units allows all connections between adjacent layers; units that are divided among modules as
    they are used allow few more than they need. ``layers`` counts inputs and outputs too.
    """
    units = {module: np.zeros(layers, dtype=np.int64) for module in graph}
    for module, members in graph.nodes(data=True):
        units[module][[0, -1]] = len(members["inputs"]), len(members["outputs"])
        np.add.at(units[module], [layer for layer, _ in members["units"]], 1)
    feeds = [(module, module) for module in graph] + [edge for edge in graph.edges if edge[0] != edge[1]]
    between_units = sum(int(units[lower][:-1] @ units[upper][1:]) for lower, upper in feeds)
    return between_units + len(graph.edges)


def graph_to_json(graph: nx.DiGraph) -> dict[str, Any]:
    """Describe a graph of modules in networkx's node-link form: plain lists, strings and numbers."""
    data: dict[str, Any] = nx.node_link_data(graph, edges="edges")
    data["nodes"] = [{key: _nested(value, list) for key, value in node.items()} for node in data["nodes"]]
    return data


def graph_from_json(data: dict[str, Any]) -> nx.DiGraph:
    """Restore a graph of modules from :func:`graph_to_json`, lists as tuples again."""
    graph = nx.node_link_graph(data, edges="edges")
    for attributes in graph.nodes.values():
        attributes.update({key: _nested(value, tuple) for key, value in attributes.items()})
    return graph


def _spread(labels: Sequence[IntArray], kept: Sequence[BoolArray]) -> tuple[IntArray, ...]:
    """Expand labels of the kept units to all units."""
    spread = []
    for values, alive in zip(labels, kept, strict=True):
        full = np.full(len(alive), REMOVED)
        full[alive] = values
        spread.append(full)
    return tuple(spread)


def _module_edges(masks: Sequence[BoolArray], modules: Sequence[IntArray]) -> set[tuple[int, int]]:
    """Pairs of different modules of which the first directly feeds the second."""
    edges: set[tuple[int, int]] = set()
    for layer, mask in enumerate(masks):
        source, target = mask.nonzero()
        edges.update(zip(modules[layer][source].tolist(), modules[layer + 1][target].tolist(), strict=True))
    return {(lower, upper) for lower, upper in edges if lower != upper and REMOVED not in (lower, upper)}


def _nested(value: Any, kind: type) -> Any:
    return kind(_nested(item, kind) for item in value) if isinstance(value, tuple | list) else value
