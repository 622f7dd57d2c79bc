"""What readers share that divide all units of a network at once, whatever their layers."""

from collections.abc import Iterable
from itertools import pairwise

import networkx as nx
import numpy as np

from neural_sculpting.analysis.condense import check_masks, condense
from neural_sculpting.analysis.hierarchy import REMOVED, module_graph
from neural_sculpting.analysis.readers.base import StageGraph

Unit = tuple[int, int]
"""A layer, 0 for the inputs, and a unit in it."""


def unit_graph(graph: StageGraph) -> nx.Graph:
    """Build the undirected graph of the units that condensing keeps, a node for each in the order of the layers."""
    check_masks(graph.masks)
    kept = condense(graph.masks)
    units = nx.Graph()
    units.add_nodes_from((layer, unit) for layer, of in enumerate(kept) for unit in np.flatnonzero(of).tolist())
    for layer, (mask, (lower, upper)) in enumerate(zip(graph.masks, pairwise(kept), strict=True)):
        sources, targets = (mask & lower[:, None] & upper).nonzero()
        units.add_edges_from(
            ((layer, source), (layer + 1, target))
            for source, target in zip(sources.tolist(), targets.tolist(), strict=True)
        )
    return units


def hierarchy_of(graph: StageGraph, communities: Iterable[Iterable[Unit]]) -> nx.DiGraph:
    """Make each community a module, numbered in order of appearance from the inputs up, with the edges of the masks."""
    modules = [np.full(size, REMOVED) for size in graph.layers]
    for number, community in enumerate(sorted(map(sorted, communities))):
        for layer, unit in community:
            modules[layer][unit] = number
    return module_graph(graph.masks, modules)
