"""Which hidden units belong to which module of a hierarchy that the function of a network has confirmed."""

from collections.abc import Iterator
from functools import reduce

import networkx as nx
import numpy as np

from neural_sculpting.analysis.condense import BoolArray, condense
from neural_sculpting.analysis.readers.base import StageGraph


def with_units(hierarchy: nx.DiGraph, graph: StageGraph) -> nx.DiGraph:
    """Copy a hierarchy with the hidden units that clearly belong to one of its modules as ``units``.

    A unit belongs to a module with inputs if all inputs below it are among them; to a module between if these are
    below the module, too, and all outputs above the unit are above the module; to a module with outputs if it leads to
    these alone. Of several such modules it is that with the fewest inputs below, and of equals the first in this order;
    where two are still equal, the unit is in none. Inputs that no module has do not count.
    """
    copy = hierarchy.copy()
    ends = [(node, *_ends(hierarchy, node)) for node in hierarchy]
    found: dict[object, list[tuple[int, int]]] = {node: [] for node in copy}
    used = frozenset(index for _, inputs in hierarchy.nodes(data="inputs") for index in inputs)
    for layer, unit, below, above in _hidden(graph):
        ranks = {}
        for node, inputs, outputs in ends:
            own = hierarchy.nodes[node]
            within = below & used <= inputs and (own["inputs"] or above <= outputs)
            if below & used and (within or above <= {*own["outputs"]}):
                kind = 0 if own["inputs"] else 1 if hierarchy.out_degree(node) else 2
                ranks[node] = len(inputs), kind
        first = [node for node, rank in ranks.items() if rank == min(ranks.values())]
        if len(first) == 1:
            found[first[0]].append((layer, unit))
    nx.set_node_attributes(copy, {node: tuple(units) for node, units in found.items()}, "units")
    return copy


def _ends(hierarchy: nx.DiGraph, node: object) -> tuple[frozenset[int], frozenset[int]]:
    """The inputs below a module and the outputs above it, its own included."""
    below, above = {node, *nx.ancestors(hierarchy, node)}, {node, *nx.descendants(hierarchy, node)}
    inputs = frozenset(index for each in below for index in hierarchy.nodes[each]["inputs"])
    return inputs, frozenset(index for each in above for index in hierarchy.nodes[each]["outputs"])


def _hidden(graph: StageGraph) -> Iterator[tuple[int, int, frozenset[int], frozenset[int]]]:
    """Each kept hidden unit: its layer, its index, the inputs below it and the outputs above it."""
    kept = condense(graph.masks)
    for layer in range(1, len(graph.masks)):
        below, above = reduce(_reach, graph.masks[:layer]), reduce(_reach, graph.masks[layer:])
        for unit in np.flatnonzero(kept[layer]).tolist():
            inputs, outputs = np.flatnonzero(below[:, unit]), np.flatnonzero(above[unit])
            yield layer, unit, frozenset(inputs.tolist()), frozenset(outputs.tolist())


def _reach(lower: BoolArray, upper: BoolArray) -> BoolArray:
    reached: BoolArray = lower.astype(np.float32) @ upper.astype(np.float32) > 0
    return reached
