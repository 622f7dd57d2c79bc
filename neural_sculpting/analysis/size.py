"""How large a hierarchy is."""

from typing import Any

import networkx as nx
import numpy as np

from neural_sculpting.analysis.clusters import IntArray


def hierarchy_size(graph: nx.DiGraph, layers: int) -> int:
    """Count the connections that a hierarchy allows: pairs of units, plus edges between modules.

    A unit may be connected to the units of the next layer that belong to its own module or to one that its module
    feeds. A network that is one module of many units allows all connections between adjacent layers; one whose units
    are divided among modules as they are used allows few more than it needs. ``layers`` counts inputs and outputs too.
    """
    units = {module: _units_by_layer(attributes, layers) for module, attributes in graph.nodes(data=True)}
    feeds = [(module, module) for module in graph] + [edge for edge in graph.edges if edge[0] != edge[1]]
    between_units = sum(int(units[lower][:-1] @ units[upper][1:]) for lower, upper in feeds)
    return between_units + len(graph.edges)


def _units_by_layer(attributes: dict[str, tuple[Any, ...]], layers: int) -> IntArray:
    counts = np.zeros(layers, dtype=np.int64)
    counts[0], counts[-1] = len(attributes["inputs"]), len(attributes["outputs"])
    for layer, _ in attributes["units"]:
        counts[layer] += 1
    return counts
