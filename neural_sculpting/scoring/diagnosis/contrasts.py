"""How a hierarchy that was found differs from the expected one, in short sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import networkx as nx

from neural_sculpting.scoring.labels import Label, Labels

Ends = Mapping[str, Label]
"""How to name inputs and outputs."""


def hierarchy_contrasts(found: nx.DiGraph, wanted: nx.DiGraph, labels: Labels) -> list[str]:
    """Tell how two hierarchies of the same inputs and outputs differ, the most telling first.

    How modules divide the inputs and the outputs comes first. Where that is as expected: which inputs and outputs are
    held together; then the modules that hold neither; then the connections.

    Args:
        found: a graph of modules.
        wanted: the graph that counts as an exact success.
        labels: how inputs and outputs are named.

    Returns:
        Sentences without capital and full stop, at least one where the hierarchies differ.
    """
    ends = {"inputs": labels.inputs, "outputs": labels.outputs}
    divided = [line for end in ends for line in _divided(found, wanted, end, ends[end])]
    if divided:
        return divided
    together = list(_held_together(found, wanted, ends))
    if together:
        return together
    between = [sum(not any(_held(graph, module)) for module in graph) for graph in (found, wanted)]
    lines = (
        [f"{_modules(between[0])} between inputs and outputs, expected {between[1]}"] if len(set(between)) > 1 else []
    )
    lines += list(_connections(found, wanted, ends))
    return lines or ["the modules between inputs and outputs are connected in another way"]


def hidden_layers_needed(expected: nx.DiGraph) -> int:
    """The hidden layers that a hierarchy needs if each module on its longest path has hidden units of its own.

    A module that holds one input and nothing else, or one output and nothing else, needs none.

    Args:
        expected: a graph of modules without circles.
    """
    depths: dict[Any, int] = {}
    for module in nx.topological_sort(expected):
        below = max((depths[used] for used in expected.predecessors(module)), default=0)
        depths[module] = below + (sum(map(len, _held(expected, module))) != 1)
    return max(depths.values(), default=0)


def _held(graph: nx.DiGraph, module: Any) -> tuple[Sequence[int], Sequence[int]]:
    return graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]


def _divided(found: nx.DiGraph, wanted: nx.DiGraph, end: str, label: Label) -> Iterator[str]:
    """How the modules divide the inputs, or the outputs, in another way than expected."""
    holder = {number: module for module, numbers in found.nodes(data=end) for number in numbers}
    for _, numbers in wanted.nodes(data=end):
        holders = {holder[number] for number in numbers if number in holder}
        if len(holders) > 1:
            yield f"{label(numbers)} are spread over {len(holders)} modules"
    expected_module = {number: module for module, numbers in wanted.nodes(data=end) for number in numbers}
    for _, numbers in found.nodes(data=end):
        parts: dict[Any, list[int]] = {}
        for number in numbers:
            parts.setdefault(expected_module.get(number), []).append(number)
        if len(parts) > 1:
            *others, last = map(label, parts.values())
            yield f"{', '.join(others)} and {last} are joined in one module"


def _held_together(found: nx.DiGraph, wanted: nx.DiGraph, ends: Ends) -> Iterator[str]:
    """Which modules of inputs and outputs are one, or two, in the one hierarchy and not in the other."""
    pairs = [_pairs(graph) for graph in (found, wanted)]
    for inputs, outputs in sorted(pairs[0] - pairs[1]):
        yield f"{ends['inputs'](inputs)} and {ends['outputs'](outputs)} are one module, expected two"
    for inputs, outputs in sorted(pairs[1] - pairs[0]):
        yield f"{ends['inputs'](inputs)} and {ends['outputs'](outputs)} are two modules, expected one"


def _pairs(graph: nx.DiGraph) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    held = [tuple(map(tuple, _held(graph, module))) for module in graph]
    return {(inputs, outputs) for inputs, outputs in held if inputs and outputs}


def _connections(found: nx.DiGraph, wanted: nx.DiGraph, ends: Ends) -> Iterator[str]:
    """Which connections between modules that hold inputs or outputs are missing, and which are not expected."""
    connections = [_edges_by_name(graph, ends) for graph in (found, wanted)]
    for used, user in sorted(connections[1] - connections[0]):
        yield f"no connection from the module of {used} to that of {user}"
    for used, user in sorted(connections[0] - connections[1]):
        yield f"a connection from the module of {used} to that of {user}, which is not expected"


def _edges_by_name(graph: nx.DiGraph, ends: Ends) -> set[tuple[str, str]]:
    names = {
        module: " ".join(name(held) for name, held in zip(ends.values(), _held(graph, module), strict=True) if held)
        for module in graph
    }
    return {(names[used], names[user]) for used, user in graph.edges if names[used] and names[user]}


def _modules(count: int) -> str:
    return "1 module" if count == 1 else f"{count or 'no'} modules"
