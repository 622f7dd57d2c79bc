"""What has changed between two hierarchies: modules, what they read, and the inputs and outputs in them."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import networkx as nx

Module = Hashable
Reads = tuple[Module, Module]


@dataclass(frozen=True)
class Changes:
    """The differences between an earlier hierarchy and a later one; modules have the names of their own graph.

    Attributes:
        kept: pairs (earlier, later) of modules with the same inputs and outputs of their own.
        altered: pairs that share some of them.
        gone: earlier modules without a later one.
        new: later modules without an earlier one.
        reads_gone: edges, (used, user), of the earlier graph that the later one lacks.
        reads_new: edges of the later graph that the earlier one lacks.
        inputs: those that are in another module, or in one of the two hierarchies alone; ascending.
        outputs: likewise.
    """

    kept: tuple[Reads, ...]
    altered: tuple[Reads, ...] = ()
    gone: tuple[Module, ...] = ()
    new: tuple[Module, ...] = ()
    reads_gone: tuple[Reads, ...] = ()
    reads_new: tuple[Reads, ...] = ()
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()

    @property
    def any(self) -> bool:
        """Whether something differs."""
        return bool(self.altered or self.gone or self.new or self.reads_gone or self.reads_new)


def changes_between(earlier: nx.DiGraph, later: nx.DiGraph) -> Changes:
    """Compare two hierarchies, nodes with ``inputs`` and ``outputs``, edges from the used to the using module.

    Modules are matched one by one, those first that are most alike: by |common| / |all| (P. Jaccard 1912) of their own
    inputs and outputs, at equal shares by that of all inputs below and outputs above them. What has nothing in common
    is no match; of modules without ends of their own it is what is below and above that they must have in common.

    Example:
        >>> one, two = nx.DiGraph(), nx.DiGraph()
        >>> one.add_node("A", inputs=(0, 1), outputs=(0,)), two.add_node("B", inputs=(0, 2), outputs=(0,))
        (None, None)
        >>> changes_between(one, two).inputs
        (1, 2)
    """
    own, reach = (
        {(side, node): ends(graph, node) for side, graph in enumerate((earlier, later)) for node in graph}
        for ends in (_own, _reach)
    )
    pairs = [
        (-_alike(own[0, one], own[1, other]), -_alike(reach[0, one], reach[1, other]), rank, one, other)
        for rank, (one, other) in enumerate(product(earlier, later))
        if bool(own[0, one]) == bool(own[1, other])
    ]
    match: dict[Any, Any] = {}
    for alike, related, _, one, other in sorted(pairs, key=lambda pair: pair[:3]):
        common = alike < 0 if own[0, one] else related < 0
        if common and one not in match and other not in match.values():
            match[one] = other
    match = {one: match[one] for one in earlier if one in match}
    kept = tuple((one, other) for one, other in match.items() if own[0, one] == own[1, other])
    theirs = {other: one for one, other in match.items()}
    moved = {
        kind: tuple(sorted(_moved(_modules(earlier, kind), _modules(later, kind), match)))
        for kind in ("inputs", "outputs")
    }
    return Changes(
        kept=kept,
        altered=tuple(pair for pair in match.items() if pair not in kept),
        gone=tuple(one for one in earlier if one not in match),
        new=tuple(other for other in later if other not in theirs),
        reads_gone=tuple(edge for edge in earlier.edges if not later.has_edge(*(match.get(end) for end in edge))),
        reads_new=tuple(edge for edge in later.edges if not earlier.has_edge(*(theirs.get(end) for end in edge))),
        **moved,
    )


def unchanged(hierarchy: nx.DiGraph) -> Changes:
    """Return that nothing differs."""
    return Changes(kept=tuple((module, module) for module in hierarchy))


def _own(graph: nx.DiGraph, node: Module) -> frozenset[tuple[str, int]]:
    return frozenset((kind, each) for kind in ("inputs", "outputs") for each in graph.nodes[node][kind])


def _reach(graph: nx.DiGraph, node: Module) -> frozenset[tuple[str, int]]:
    below, above = {node, *nx.ancestors(graph, node)}, {node, *nx.descendants(graph, node)}
    sides = (("inputs", below), ("outputs", above))
    return frozenset((kind, each) for kind, side in sides for module in side for each in graph.nodes[module][kind])


def _alike(one: frozenset[Any], other: frozenset[Any]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def _modules(graph: nx.DiGraph, kind: str) -> dict[int, Module]:
    return {each: node for node, ends in graph.nodes(data=kind) for each in ends}


def _moved(before: dict[int, Module], after: dict[int, Module], match: dict[Module, Module]) -> Iterable[int]:
    return (
        each
        for each in {*before, *after}
        if each not in before or each not in after or match.get(before[each]) != after[each]
    )
