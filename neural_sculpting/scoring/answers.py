"""The answer to a task: one hierarchy for all trials, and how many of them support each of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import networkx as nx

from neural_sculpting.analysis.equivalence import is_expected, same_hierarchy
from neural_sculpting.analysis.relations import inputs_seen, is_refinement, outputs_reached, relation_of
from neural_sculpting.scoring.rates import wilson_interval

Source = Literal["networks", "rows", "neither"]


@dataclass(frozen=True)
class Share:
    """A share of trials, its 95 % Wilson interval, and the numbers that it is made of."""

    share: float
    low: float
    high: float
    count: int
    trials: int

    @classmethod
    def of(cls, count: int, trials: int) -> Share:
        """Compute the share of a number of trials; 0 of none, with the interval from 0 to 1."""
        return cls(count / trials if trials else 0.0, *wilson_interval(count, trials), count, trials)


@dataclass(frozen=True, eq=False)
class Answer:
    """The hierarchy that all trials of a task together support.

    Attributes:
        hierarchy: nodes have ``inputs``, ``outputs`` and ``support``, edges have ``support``: the share of the trials
            that learned the task in whose own hierarchy they are.
        reader: that found it.
        trials: how many trials there are.
        learned: how many of them learned the task.
        agreement: the share of all trials whose own hierarchy is this one. It is no probability that it is right.
        alternatives: hierarchies that fit as well.
        refinement: a finer one that may be there by chance; None if there is none.
        identifiable: what the function determines: ``unique``, ``relation`` or ``convention``; empty if not known.
        source: what says it: ``networks``; ``rows``, the known rows of a truth table without a network; ``neither``,
            where these are too few for any hierarchy, and that of the answer divides nothing.
    """

    hierarchy: nx.DiGraph
    reader: str
    trials: int
    learned: int
    agreement: Share
    alternatives: tuple[nx.DiGraph, ...] = ()
    refinement: nx.DiGraph | None = None
    identifiable: str = ""
    source: Source = "networks"

    @property
    def modules(self) -> list[dict[str, Any]]:
        """The modules: inputs, outputs, and the share of trials that support each."""
        return [{"module": module, **members} for module, members in self.hierarchy.nodes(data=True)]

    @property
    def edges(self) -> list[tuple[Any, Any, float]]:
        """The edges, from a module to one that uses it, each with the share of trials that support it."""
        return list(self.hierarchy.edges(data="support"))


def answer_of(
    hierarchy: nx.DiGraph, reader: str, found: Sequence[nx.DiGraph | None], trials: int, **further: Any
) -> Answer:
    """Compare a hierarchy with those that trials found.

    Args:
        hierarchy: of all trials together.
        reader: that found it.
        found: the hierarchy of each trial that learned the task; None where its analysis failed.
        trials: how many there are, those that did not learn included.
        **further: attributes of the answer.
    """
    agreeing = sum(same_hierarchy(each, hierarchy) for each in found if each is not None)
    supported = with_support(hierarchy, found)
    return Answer(supported, reader, trials, len(found), Share.of(agreeing, trials), **further)


def with_support(hierarchy: nx.DiGraph, found: Sequence[nx.DiGraph | None]) -> nx.DiGraph:
    """Copy a hierarchy with the share of hierarchies that have each of its modules and edges as ``support``.

    A module is the same if it has the same inputs and outputs, sees the same inputs and reaches the same outputs.
    """
    parts = [({*_identities(each).values()}, _edges(each)) for each in found if each is not None]
    copy = hierarchy.copy()
    names = _identities(hierarchy)
    for module, members in copy.nodes(data=True):
        members["support"] = sum(names[module] in modules for modules, _ in parts) / max(len(found), 1)
    for used, user, members in copy.edges(data=True):
        members["support"] = sum((names[used], names[user]) in edges for _, edges in parts) / max(len(found), 1)
    return copy


def _identities(graph: nx.DiGraph) -> dict[Any, Any]:
    """What makes each module the same as one of another hierarchy."""
    ends = {module: (frozenset(of["inputs"]), frozenset(of["outputs"])) for module, of in graph.nodes(data=True)}
    return {each: (*ends[each], inputs_seen(graph, each), outputs_reached(graph, each)) for each in graph}


def _edges(graph: nx.DiGraph) -> set[tuple[Any, Any]]:
    names = _identities(graph)
    return {(names[used], names[user]) for used, user in graph.edges}


def criteria_met(graph: nx.DiGraph, expected: nx.DiGraph) -> dict[str, bool]:
    """Whether a hierarchy that is not of one network meets ``exact``, ``relation`` and ``refines``."""
    return {
        "exact": is_expected(graph, expected),
        "relation": relation_of(graph) == relation_of(expected),
        "refines": is_refinement(graph, expected),
    }
