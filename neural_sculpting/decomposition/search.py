"""Confirming candidates: which of them are bound sets, which of these are certain, and what they form together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations
from operator import attrgetter
from typing import TypeVar

from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets, Family, Inputs

SIGNIFICANT = 0.01
"""A set with three or more columns counts if a random function has as few in less than this share of cases, divided by
the number of sets of its size."""

ALL_SUBSETS = 10
LARGEST = 3
"""Of up to 10 things every choice is tried, of more those of at most three."""

Thing = TypeVar("Thing")


def confirmed(sets: BoundSets, candidates: Iterable[Collection[int]]) -> Family:
    """Confirm candidates: sets of one bit first, then what their unions form, then sets of more values.

    A set that can exchange one of its inputs for another and is as good afterwards is one of several: it is tied, and
    gives way to the set with both inputs, if that is a bound set too. So it is with conjunctions and parities.
    """
    sizes = [frozenset(each) for each in candidates]
    good = _with_rivals(sets, sizes)
    family = Family()
    for whole in (True, False):  # what all outputs see the same of is surer than what some do
        family = grown(sets, family.with_sets(each for each in good if each.whole >= whole), whole)
    few = (sets.of_few_values(each, family) for each in dict.fromkeys(sizes))
    significant = [each for each in few if each is not None and is_significant(each, len(sets.used))]
    return Family(family.with_sets(significant).strong, family.tied)


def is_significant(found: BoundSet, inputs: int) -> bool:
    """Whether a bound set is more than what chance gives among all sets of its size."""
    tried = len(list(combinations(range(inputs), len(found.inputs))))
    return found.chance is None or found.chance * tried < SIGNIFICANT


def _with_rivals(sets: BoundSets, candidates: Iterable[Inputs]) -> set[BoundSet]:
    """Confirm sets of one bit, with those that differ in one input, and with the unions of such."""
    pending, good = {*candidates}, set[BoundSet]()
    seen: set[Inputs] = set()
    while pending:
        inputs = pending.pop()
        seen.add(inputs)
        for found in filter(attrgetter("clear"), sets.of_one_bit(inputs)):
            rivals = [rival for rival in _exchanged(sets, found) if rival.outputs & found.outputs]
            good |= {found, *rivals}
            equals = [rival for rival in rivals if rival.clear]
            for outputs in {rival.outputs for rival in equals}:  # one operation may join all of them: not pair by pair
                pending |= {inputs.union(*(each.inputs for each in equals if each.outputs == outputs))} - seen
    return good


def _exchanged(sets: BoundSets, found: BoundSet) -> Iterator[BoundSet]:
    for left_out in found.inputs:
        for added in sets.outside(found):
            yield from sets.of_one_bit(found.inputs - {left_out} | {added})


def grown(sets: BoundSets, family: Family, whole: bool) -> Family:
    """Add the sets of one bit that are unions of a family's largest sets and of inputs outside of them.

    With what its blocks send as its inputs, a function has bound sets of its own: the modules between.
    """
    while True:
        top = [each.inputs for each in family.strong if not any(each.inputs < other.inputs for other in family.strong)]
        inside = frozenset[int]().union(*top)
        parts = [*dict.fromkeys(top), *(frozenset([index]) for index in sets.used if index not in inside)]
        unions = [frozenset[int]().union(*chosen) for chosen in choices(parts) if any(len(part) > 1 for part in chosen)]
        larger = family.with_sets(each for union in unions for each in sets.of_one_bit(union) if each.whole >= whole)
        if larger.strong == family.strong:
            return larger
        family = larger


def choices(things: Sequence[Thing]) -> Iterator[tuple[Thing, ...]]:
    """Choose two or more of some things, but not all, in every way; of more than 10 things, at most three."""
    for size in range(2, len(things) if len(things) <= ALL_SUBSETS else LARGEST + 1):
        yield from combinations(things, size)
