"""The hidden units of modules that a reader has found by their inputs and outputs alone."""

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np

from neural_sculpting.analysis.condense import BoolArray, boolean_product, condense
from neural_sculpting.analysis.relations import inputs_seen, outputs_reached

Ends = tuple[frozenset[int], frozenset[int]]
"""The inputs below something and the outputs above it."""


def with_units(graph: nx.DiGraph, masks: Sequence[BoolArray]) -> nx.DiGraph:
    """Copy a hierarchy with ``units``: the pairs (layer, unit) of hidden units that belong to each module.

    A unit belongs to the module that sees the fewest inputs among those that see all below it, if possible one that
    reaches all outputs above it; of several to one with inputs of its own, then to one that reaches the fewest. Units
    that condensing removes, and units of inputs that no module sees, belong to none.

    Args:
        graph: nodes with ``inputs`` and ``outputs``.
        masks: of the network, ``(fan_in, fan_out)`` for each weight layer.
    """
    ends = {module: (inputs_seen(graph, module), outputs_reached(graph, module)) for module in graph}
    inputs = dict(graph.nodes(data="inputs"))
    units: dict[Any, list[tuple[int, int]]] = {module: [] for module in graph}
    chosen: dict[Ends, Any] = {}
    for unit, of in ends_of_units(masks):
        if of not in chosen:
            chosen[of] = _module_of(*of, ends, inputs)
        if chosen[of] is not None:
            units[chosen[of]].append(unit)
    copy = graph.copy()
    nx.set_node_attributes(copy, {module: tuple(found) for module, found in units.items()}, "units")
    return copy


def _module_of(below: frozenset[int], above: frozenset[int], ends: dict[Any, Ends], inputs: dict[Any, Any]) -> Any:
    seeing = [module for module, (seen, _) in ends.items() if below <= seen]
    reaching = [module for module in seeing if above <= ends[module][1]]

    def rank(module: Any) -> tuple[int, bool, int]:
        seen, reached = ends[module]
        return len(seen), not inputs[module], len(reached)

    return min(reaching or seeing, key=rank, default=None)


def ends_of_units(masks: Sequence[BoolArray]) -> list[tuple[tuple[int, int], Ends]]:
    """The hidden units that are left, as (layer, unit), with their inputs and outputs."""
    kept = condense(masks)
    below = [np.diag(kept[0])]
    for mask, of in zip(masks, kept[1:], strict=True):
        below.append(boolean_product(below[-1], mask) & of)
    above = [np.diag(kept[-1])]
    for mask, of in zip(reversed(masks), reversed(kept[:-1]), strict=True):
        above.insert(0, boolean_product(mask, above[0]) & of[:, None])
    return [
        ((layer, unit), (_set(below[layer][:, unit]), _set(above[layer][unit])))
        for layer in range(1, len(kept) - 1)
        for unit in np.flatnonzero(kept[layer]).tolist()
    ]


def _set(among: BoolArray) -> frozenset[int]:
    return frozenset(np.flatnonzero(among).tolist())
