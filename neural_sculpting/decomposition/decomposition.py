"""What a function says about its hierarchy, and what it leaves open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from neural_sculpting.analysis.equivalence import hierarchy_classes, same_hierarchy
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.decomposition.assembly import Assembly
from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets, Family
from neural_sculpting.decomposition.functions import Decomposable
from neural_sculpting.decomposition.search import choices, confirmed

MOST_ALTERNATIVES = 6

Identifiable = Literal["unique", "relation", "convention"]


@dataclass(frozen=True, eq=False)
class Decomposition:
    """What a function says about its hierarchy.

    Attributes:
        hierarchy: nodes with ``inputs`` and ``outputs``; an edge leads from a module to one that uses it.
        alternatives: other hierarchies that fit the function as well.
        identifiable: ``unique``: no other fits as well; ``relation``: which inputs form a block and which outputs
            depend on it follows from the function, not what is between; ``convention``: that is open too.
        refinement: a finer hierarchy that fits, by blocks with more than two values that may be there by chance; None
            if there is none.
        strong: the bound sets of the hierarchy.
        whole: whether all rows of the function were known.
    """

    hierarchy: nx.DiGraph
    alternatives: tuple[nx.DiGraph, ...]
    identifiable: Identifiable
    refinement: nx.DiGraph | None
    strong: frozenset[BoundSet] = frozenset()
    whole: bool = True


def decompose_function(function: Decomposable) -> Decomposition:
    """Decompose a function of bits without a network, by trying sets of inputs.

    With more than 10 inputs, sets of more than three are only found as unions of smaller bound sets and single inputs.
    """
    sets = BoundSets(function)
    return decompose_among(sets, list(choices(sets.used)))


def decompose_among(sets: BoundSets, candidates: Collection[Iterable[int]], shared: bool = False) -> Decomposition:
    """Decompose a function into blocks that are among the candidates, and what these form together.

    ``shared`` says whether outputs that read the same modules are taken to read them through a module of their own,
    which a function leaves open.
    """
    tried = [frozenset(each) for each in candidates]
    family = confirmed(sets, tried)
    graph = Assembly(sets, family.strong, shared).graph
    others = [Assembly(sets, family.strong, not shared).graph]
    others += [Assembly(sets, family.strong, shared, apart).graph for apart in (False, True)]
    others += [Assembly(sets, chosen, shared).graph for chosen in _completed(family)]
    classes = hierarchy_classes([graph, *others])
    alternatives = [others[classes.index(number) - 1] for number in sorted({each for each in classes if each})]
    same = all(relation_of(each) == relation_of(graph) for each in alternatives)
    identifiable: Identifiable = "unique" if not alternatives else "relation" if same else "convention"
    pairs = (sets.of_few_values(few, family) for few in tried if len(few) == 2)
    finer = family.with_sets(each for each in pairs if each)
    refined = Assembly(sets, finer.strong, shared).graph
    refinement = None if same_hierarchy(refined, graph) else refined
    return Decomposition(graph, tuple(alternatives[:MOST_ALTERNATIVES]), identifiable, refinement, family.strong)


def _completed(family: Family) -> Iterator[list[BoundSet]]:
    """Each way to complete a family by tied sets that begins with another one of them."""
    tied = sorted(family.tied, key=lambda each: (-len(each.inputs), sorted(each.inputs)))
    for first in tied[: 4 * MOST_ALTERNATIVES]:
        chosen = [*family.strong, first]
        chosen += [each for each in tied if not any(map(each.conflicts, chosen)) and each != first]
        yield chosen
