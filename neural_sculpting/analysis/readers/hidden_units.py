"""Which hidden units belong to which module of a hierarchy that the function of a network has confirmed."""

import networkx as nx

from neural_sculpting.analysis.readers.base import StageGraph
from neural_sculpting.analysis.relations import inputs_seen, outputs_reached
from neural_sculpting.analysis.units import ends_of_units


def with_units(hierarchy: nx.DiGraph, graph: StageGraph) -> nx.DiGraph:
    """Copy a hierarchy with the hidden units that clearly belong to one of its modules as ``units``.

    A unit belongs to a module with inputs if all inputs below it are among them; to a module between if these are
    below the module, too, and all outputs above the unit are above the module; to a module with outputs if it leads to
    these alone. Of several such modules it is that with the fewest inputs below, and of equals the first in this order;
    where two are still equal, the unit is in none. Inputs that no module has do not count.
    """
    copy = hierarchy.copy()
    ends = [(node, inputs_seen(hierarchy, node), outputs_reached(hierarchy, node)) for node in hierarchy]
    found: dict[object, list[tuple[int, int]]] = {node: [] for node in copy}
    used = frozenset(index for _, inputs in hierarchy.nodes(data="inputs") for index in inputs)
    for unit, (below, above) in ends_of_units(graph.masks):
        ranks = {}
        for node, inputs, outputs in ends:
            own = hierarchy.nodes[node]
            within = below & used <= inputs and (own["inputs"] or above <= outputs)
            if below & used and (within or above <= {*own["outputs"]}):
                kind = 0 if own["inputs"] else 1 if hierarchy.out_degree(node) else 2
                ranks[node] = len(inputs), kind
        first = [node for node, rank in ranks.items() if rank == min(ranks.values())]
        if len(first) == 1:
            found[first[0]].append(unit)
    nx.set_node_attributes(copy, {node: tuple(units) for node, units in found.items()}, "units")
    return copy
