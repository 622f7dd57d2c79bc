"""Which inputs a module sees, which outputs it reaches, and what a hierarchy says of its blocks of inputs."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import networkx as nx

Relation = dict[frozenset[int], frozenset[int]]
"""Each block, the inputs of a module, with the outputs that it reaches."""


def relation_of(graph: nx.DiGraph) -> Relation:
    """Map each block to the outputs that it reaches."""
    return {
        frozenset(inputs): outputs_reached(graph, module) for module, inputs in graph.nodes(data="inputs") if inputs
    }


def divides_inputs(graph: nx.DiGraph) -> bool:
    """Whether a hierarchy claims that inputs are apart: more than one module has some."""
    return len(relation_of(graph)) > 1


def is_refinement(found: nx.DiGraph, expected: nx.DiGraph) -> bool:
    """Whether the blocks of a hierarchy are those of another one, or finer ones that are joined to these again.

    Each expected block is a union of blocks that were found, which together reach the outputs that it reaches. Where
    these are several, some module must see exactly the expected block (the inputs in it and in all modules that lead to
    it), or for every two of them some module that sees several blocks must see one and not the other. Else every input
    by itself would refine whatever is expected.
    """
    blocks, wanted = relation_of(found), relation_of(expected)
    if blocks == wanted:
        return True
    if frozenset().union(*blocks) != frozenset().union(*wanted):
        return False
    seen = {inputs_seen(found, module) for module in found} - set(blocks)
    for block, outputs in wanted.items():
        parts = [part for part in blocks if part & block]
        if not frozenset().union(*parts) <= block or not (block in seen or _are_divided(parts, seen)):
            return False
        if frozenset().union(*(blocks[part] for part in parts)) != outputs:
            return False
    return True


def _are_divided(parts: Iterable[frozenset[int]], seen: Iterable[frozenset[int]]) -> bool:
    """Whether for every two of the parts some of the sets has the one and not the other."""
    return all(any((one <= each) != (other <= each) for each in seen) for one, other in combinations(parts, 2))


def outputs_reached(graph: nx.DiGraph, module: Any) -> frozenset[int]:
    """The outputs of a module and of all to which a path leads."""
    outputs = dict(graph.nodes(data="outputs"))
    return frozenset().union(*(outputs[user] for user in _with_all_after(module, graph.succ)))


def inputs_seen(graph: nx.DiGraph, module: Any) -> frozenset[int]:
    """The inputs of a module and of all that lead to it."""
    inputs = dict(graph.nodes(data="inputs"))
    return frozenset().union(*(inputs[used] for used in _with_all_after(module, graph.pred)))


def _with_all_after(module: Any, neighbors: Mapping[Any, Iterable[Any]]) -> set[Any]:
    """A module and all to which a path leads; networkx's own search costs several times as much on so few modules."""
    reached, ahead = {module}, [module]
    while ahead:
        further = [each for each in neighbors[ahead.pop()] if each not in reached]
        reached.update(further)
        ahead += further
    return reached
