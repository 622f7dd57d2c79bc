"""Which hierarchies the trials of a task found, and how many of them agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx

from neural_sculpting.analysis.equivalence import hierarchy_classes
from neural_sculpting.scoring.rates import wilson_interval


@dataclass(frozen=True, eq=False)
class Consensus:
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


def consensus_of(graphs: Sequence[nx.DiGraph | None]) -> list[Consensus]:
    """Group trials by the hierarchy that they found.

    Two hierarchies are the same if they are equal up to the names of their modules, with the same inputs and outputs in
    each module. Of images every trial keeps other pixels, so that no two would be the same: there hierarchies are
    compared as :func:`by_parts` gives them.

    Args:
        graphs: one for each trial; None where there is no hierarchy.

    Returns:
        The hierarchies, the most frequent first. Of equally frequent ones that with fewer modules comes first, then
        that with fewer connections, then the one that was found first.
    """
    members: dict[int, list[int]] = {}
    for trial, number in enumerate(hierarchy_classes(graphs)):
        if number is not None:
            members.setdefault(number, []).append(trial)
    found = [_consensus(graphs, alike) for alike in members.values()]
    return sorted(found, key=lambda one: (-one.trials, len(one.graph), one.graph.number_of_edges(), one.members))


def by_parts(graph: nx.DiGraph, input_parts: Sequence[Sequence[int]]) -> nx.DiGraph:
    """Return a hierarchy whose ``inputs`` are the indices of the parts that its modules hold inputs of.

    Args:
        graph: a graph of modules; it is not changed.
        input_parts: the parts that inputs are divided into.
    """
    part_of = {number: index for index, part in enumerate(input_parts) for number in part}
    named = graph.copy()
    for _, held in named.nodes(data=True):
        held["inputs"] = tuple(sorted({part_of[number] for number in held["inputs"]}))
    return named


def _consensus(graphs: Sequence[nx.DiGraph | None], members: Sequence[int]) -> Consensus:
    low, high = wilson_interval(len(members), len(graphs))
    return Consensus(graphs[members[0]], len(members), len(members) / len(graphs), low, high, tuple(members))
