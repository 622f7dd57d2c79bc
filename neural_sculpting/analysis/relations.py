"""Which inputs a module sees, which outputs it reaches, and what a hierarchy says of its blocks of inputs."""

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

Relation = dict[frozenset[int], frozenset[int]]
"""Each block, the inputs of a module, with the outputs that it reaches."""


def relation_of(graph: nx.DiGraph) -> Relation:
    """Map each block to the outputs that it reaches."""
    return {
        frozenset(inputs): outputs_reached(graph, module) for module, inputs in graph.nodes(data="inputs") if inputs
    }


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
