"""Which hierarchies the trials of a task found, how many of them agree, and when that is a consensus."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx

from neural_sculpting.analysis.equivalence import hierarchy_classes
from neural_sculpting.scoring.rates import wilson_interval


@dataclass(frozen=True, eq=False)
class FoundHierarchy:
    """A hierarchy, and how many trials found it.

    Attributes:
        graph: as the first of them found it.
        trials: how many did.
        share: of all trials, those without a hierarchy included.
        low: lower end of the 95 % Wilson interval of the share.
        high: upper end.
        members: their indices among all trials, in rising order.
    """

    graph: nx.DiGraph
    trials: int
    share: float
    low: float
    high: float
    members: tuple[int, ...]


def found_hierarchies(graphs: Sequence[nx.DiGraph | None]) -> list[FoundHierarchy]:
    """Group trials by the hierarchy that they found, None where there is none.

    Two hierarchies are the same if they are equal up to the names of their modules, with the same inputs and outputs in
    each module. The most frequent comes first; of equally frequent ones that with fewer modules, then that with fewer
    connections, then the one that was found first.
    """
    members: dict[int, list[int]] = {}
    for trial, number in enumerate(hierarchy_classes(graphs)):
        if number is not None:
            members.setdefault(number, []).append(trial)
    found = []
    for alike in members.values():
        interval = wilson_interval(len(alike), len(graphs))
        found.append(FoundHierarchy(graphs[alike[0]], len(alike), len(alike) / len(graphs), *interval, tuple(alike)))
    return sorted(found, key=lambda one: (-one.trials, len(one.graph), one.graph.number_of_edges(), one.members))


def consensus_of(found: Sequence[FoundHierarchy]) -> FoundHierarchy | None:
    """Return the hierarchy that at least two trials found, and more than found any other; None if there is none.

    Args:
        found: as :func:`found_hierarchies` sorts them.
    """
    most, second = [*(one.trials for one in found[:2]), 1, 1][:2]  # a single trial agrees with nobody
    return found[0] if most > second else None


def by_parts(graph: nx.DiGraph, input_parts: Sequence[Sequence[int]]) -> nx.DiGraph:
    """Copy a graph of modules, with ``inputs`` as indices of the parts that the inputs of a module belong to.

    Every trial keeps other pixels of an image, so that no two hierarchies would be the same pixel by pixel.
    """
    part_of = {number: index for index, part in enumerate(input_parts) for number in part}
    named = graph.copy()
    for attributes in named.nodes.values():
        attributes["inputs"] = tuple(sorted({part_of[number] for number in attributes["inputs"]}))
    return named
