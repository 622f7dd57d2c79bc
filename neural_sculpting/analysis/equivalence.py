"""Which hierarchies are the same up to the names of their modules."""

from collections.abc import Sequence
from typing import Any

import networkx as nx


def same_hierarchy(one: nx.DiGraph, other: nx.DiGraph) -> bool:
    """Whether two graphs of modules are isomorphic, modules being labeled by their inputs and outputs."""
    labels, theirs = ({node: _ends(graph.nodes[node]) for node in graph} for graph in (one, other))
    if len(one.edges) != len(other.edges) or sorted(labels.values()) != sorted(theirs.values()):
        return False
    named = {label: node for node, label in theirs.items()}
    if len(named) == len(labels):  # labels say which module is which
        return all(other.has_edge(named[labels[used]], named[labels[user]]) for used, user in one.edges)
    return bool(nx.is_isomorphic(one, other, node_match=_same_label))


def as_in(graph: nx.DiGraph, other: nx.DiGraph) -> nx.DiGraph:
    """Return a hierarchy with its outputs where another one has them, if that is a matter of convention.

    In a network nothing reads an output. A module that is an output and is read by others too is therefore shown as one
    module, or as two of which one reads the other alone and has the output. They are joined where ``other`` has the
    output in a module that has inputs or is read.
    """
    own = {_ends(ends)[1] for node, ends in other.nodes(data=True) if ends["inputs"] or other.out_degree(node)}
    joined = graph.copy()
    for node, ends in graph.nodes(data=True):
        outputs = _ends(ends)[1]
        if (
            outputs
            and outputs in own
            and not ends["inputs"]
            and not graph.out_degree(node)
            and graph.in_degree(node) == 1
        ):
            [read] = graph.predecessors(node)
            if graph.out_degree(read) > 1 and not joined.nodes[read]["outputs"]:
                joined.nodes[read]["outputs"] = outputs
                joined.remove_node(node)
    return joined


def is_expected(found: nx.DiGraph, expected: nx.DiGraph) -> bool:
    """Whether a hierarchy is the expected one, see :func:`same_hierarchy` and :func:`as_in`."""
    return same_hierarchy(as_in(found, expected), expected)


def hierarchy_classes(graphs: Sequence[nx.DiGraph | None]) -> list[int | None]:
    """Number the hierarchies 0, 1, … in order of first appearance; None where there is no hierarchy."""
    alike: dict[str, list[tuple[int, nx.DiGraph]]] = {}
    known: dict[int, int] = {}  # the same object again, as networks with equal masks share theirs
    classes: list[int | None] = []
    for graph in graphs:
        if graph is None:
            classes.append(None)
            continue
        if id(graph) not in known:
            candidates = alike.setdefault(_fingerprint(graph), [])
            found = next((number for number, other in candidates if same_hierarchy(graph, other)), None)
            if found is None:
                found = sum(map(len, alike.values()))
                candidates.append((found, graph))
            known[id(graph)] = found
        classes.append(known[id(graph)])
    return classes


def _fingerprint(graph: nx.DiGraph) -> str:
    """A text that equal hierarchies share, so that few pairs have to be compared."""
    labels = {node: f"{sorted(of['inputs'])}{sorted(of['outputs'])}" for node, of in graph.nodes(data=True)}
    modules = sorted(f"{labels[node]}<{sorted(labels[user] for user in graph.successors(node))}" for node in graph)
    return "\n".join(modules)


def _ends(attributes: dict[str, Any]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(sorted(attributes[ends])) for ends in ("inputs", "outputs"))


def _same_label(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(set(one[ends]) == set(other[ends]) for ends in ("inputs", "outputs"))
