"""The differences between the hierarchy that was found and the expected one, in short sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import networkx as nx

from neural_sculpting.scoring.labels import Label, Labels

Ends = Mapping[str, Label]
"""How to name ``inputs`` and ``outputs``."""


def hierarchy_contrasts(found: nx.DiGraph, wanted: nx.DiGraph, labels: Labels) -> list[str]:
    """List the differences between two hierarchies of the same inputs and outputs, the most telling first.

    How modules divide the inputs and the outputs comes first. Where that is as expected, it is which inputs and outputs
    share a module; then the modules that have neither; then the connections.

    Returns:
        Sentences without capital and full stop, at least one if the hierarchies differ.
    """
    ends = {"inputs": labels.inputs, "outputs": labels.outputs}
    if divided := [line for end in ends for line in _divided(found, wanted, end, ends[end])]:
        return divided
    if shared := list(_shared_modules(found, wanted, ends)):
        return shared
    between, expected = (sum(not any(_ends_of(graph, module)) for module in graph) for graph in (found, wanted))
    modules = "1 module" if between == 1 else f"{between or 'no'} modules"
    lines = [f"{modules} between inputs and outputs, expected {expected}"] if between != expected else []
    lines += _connections(found, wanted, ends)
    return lines or ["the modules between inputs and outputs are connected in another way"]


def hidden_layers_needed(expected: nx.DiGraph) -> int:
    """Count the hidden layers that a hierarchy needs if each module on its longest path has its own hidden units.

    A module that has one input and nothing else, or one output and nothing else, needs none. There must be no cycles.
    """
    depths: dict[Any, int] = {}
    for module in nx.topological_sort(expected):
        below = max((depths[used] for used in expected.predecessors(module)), default=0)
        depths[module] = below + (sum(map(len, _ends_of(expected, module))) != 1)
    return max(depths.values(), default=0)


def _ends_of(graph: nx.DiGraph, module: Any) -> tuple[Sequence[int], Sequence[int]]:
    return graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]


def _divided(found: nx.DiGraph, wanted: nx.DiGraph, end: str, label: Label) -> Iterator[str]:
    module_of, expected_module_of = (
        {number: module for module, numbers in graph.nodes(data=end) for number in numbers} for graph in (found, wanted)
    )
    for _, numbers in wanted.nodes(data=end):
        modules = {module_of[number] for number in numbers if number in module_of}
        if len(modules) > 1:
            yield f"{label(numbers)} are spread over {len(modules)} modules"
    for _, numbers in found.nodes(data=end):
        groups: dict[Any, list[int]] = {}
        for number in numbers:
            groups.setdefault(expected_module_of.get(number), []).append(number)
        if len(groups) > 1:
            *others, last = map(label, groups.values())
            yield f"{', '.join(others)} and {last} are joined in one module"


def _shared_modules(found: nx.DiGraph, wanted: nx.DiGraph, ends: Ends) -> Iterator[str]:
    now, expected = (
        {tuple(map(tuple, _ends_of(graph, module))) for module in graph if all(_ends_of(graph, module))}
        for graph in (found, wanted)
    )
    for pairs, counts in ((now - expected, "one module, expected two"), (expected - now, "two modules, expected one")):
        for inputs, outputs in sorted(pairs):
            yield f"{ends['inputs'](inputs)} and {ends['outputs'](outputs)} are {counts}"


def _connections(found: nx.DiGraph, wanted: nx.DiGraph, ends: Ends) -> Iterator[str]:
    now, expected = (_edges_by_name(graph, ends) for graph in (found, wanted))
    for used, user in sorted(expected - now):
        yield f"no connection from the module of {used} to that of {user}"
    for used, user in sorted(now - expected):
        yield f"a connection from the module of {used} to that of {user}, which is not expected"


def _edges_by_name(graph: nx.DiGraph, ends: Ends) -> set[tuple[str, str]]:
    names = {
        module: " ".join(label(graph.nodes[module][end]) for end, label in ends.items() if graph.nodes[module][end])
        for module in graph
    }
    return {(names[used], names[user]) for used, user in graph.edges if names[used] and names[user]}
