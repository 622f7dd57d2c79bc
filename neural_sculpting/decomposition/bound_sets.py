"""Bound sets: inputs that reach the outputs through fewer values than they could take, and which are certain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.decomposition.functions import BoolArray, Decomposable

CLEARER = 4
"""A set gives way to one that leaves a quarter of the variance unexplained that it leaves."""

Inputs = frozenset[int]
Outputs = frozenset[int]


@dataclass(frozen=True)
class BoundSet:
    """Inputs that act together through few values.

    Attributes:
        inputs: two or more.
        outputs: those that see the same of them; each depends on all of them, and one at least on further inputs.
        values: the column multiplicity as these outputs show it: what the set sends is one of so many values.
        whole: whether these are all outputs that depend on all of the inputs.
        residual: the share of the variance that so many values do not explain.
        clear: whether that is little enough for the set to count; others are only its rivals, and a set that does not
            stand out among them does not count either.
        chance: a bound of the probability that a random function has as few columns; None for two columns, which count
            whatever their probability: a function without structure has no such set.
    """

    inputs: Inputs
    outputs: Outputs
    values: int
    whole: bool = True
    residual: float = field(default=0.0, compare=False)
    clear: bool = field(default=True, compare=False)
    chance: float | None = field(default=None, compare=False)

    def conflicts(self, other: BoundSet) -> bool:
        """Whether the sets overlap partially and some output depends on both."""
        common = self.inputs & other.inputs
        return 0 < len(common) < min(len(self.inputs), len(other.inputs)) and bool(self.outputs & other.outputs)


@dataclass(frozen=True)
class Family:
    """Bound sets that were confirmed, and those that were given up.

    Attributes:
        strong: no two conflict, and none conflicts with a set that is as good: they form a tree for each output.
        tied: sets that conflict with others as good, as in conjunctions and parities: any of them is as right.
    """

    strong: frozenset[BoundSet] = frozenset()
    tied: frozenset[BoundSet] = frozenset()

    def with_sets(self, good: Iterable[BoundSet]) -> Family:
        """Add bound sets that are as good as each other, and give way to the strong ones that are there."""
        new = {*good, *self.tied} - self.strong
        fitting = [each for each in new if not any(map(each.conflicts, self.strong))]
        residual = np.array([each.residual for each in fitting])
        conflict = _conflicts(fitting)
        gives_way: BoolArray = np.any(conflict & (residual[:, None] * CLEARER < residual), axis=0)
        fights: BoolArray = np.any(conflict & ~gives_way[:, None], axis=0)
        counts = np.array([each.clear for each in fitting], dtype=np.bool_) & ~gives_way
        strong, tied = (frozenset(compress(fitting, counts & of)) for of in (~fights, fights))
        return Family(self.strong | strong, tied)


def _conflicts(sets: Sequence[BoundSet]) -> BoolArray:
    """See for each two sets whether they conflict, as :meth:`BoundSet.conflicts`, ``(sets, sets)``."""
    inputs, outputs = _members([each.inputs for each in sets]), _members([each.outputs for each in sets])
    common, sizes = inputs @ inputs.T, inputs.sum(axis=1)
    overlap: BoolArray = (common > 0) & (common < np.minimum(sizes[:, None], sizes))
    return overlap & (outputs @ outputs.T > 0)


def _members(sets: Sequence[Collection[int]]) -> NDArray[np.float32]:
    members = np.zeros((len(sets), max((max(each) for each in sets), default=-1) + 1), dtype=np.float32)
    for row, each in zip(members, sets, strict=True):
        row[list(each)] = 1
    return members


class BoundSets:
    """The bound sets of one function; each set of inputs is looked at once."""

    def __init__(self, function: Decomposable) -> None:
        self.function = function
        self.depends = function.depends
        self.support = [frozenset(np.flatnonzero(column).tolist()) for column in self.depends.T]
        self._of_one_bit: dict[Inputs, list[BoundSet]] = {}

    @property
    def used(self) -> list[int]:
        """The inputs that some output depends on."""
        return [index for index, row in enumerate(self.depends) if row.any()]

    def seen_by(self, inputs: Collection[int]) -> Outputs:
        """The outputs that depend on all of these inputs."""
        return frozenset(np.flatnonzero(self.depends[sorted(inputs)].all(axis=0)).tolist())

    def of_one_bit(self, inputs: Collection[int]) -> list[BoundSet]:
        """Confirm that inputs act through one bit: on all outputs that depend on them, or else on some."""
        key = frozenset(inputs)
        if key not in self._of_one_bit:
            self._of_one_bit[key] = self._confirm(key) if len(key) > 1 else []
        return self._of_one_bit[key]

    def _confirm(self, inputs: Inputs) -> list[BoundSet]:
        outputs = self.seen_by(inputs)
        if not self._others(inputs, outputs):
            return []
        if (whole := self._set(inputs, outputs)) and (whole.clear or len(outputs) == 1):
            return [whole]
        found: list[BoundSet] = []  # for each bit that some outputs see
        for output in sorted(outputs):
            joined = ((group, self._set(inputs, group.outputs | {output}, whole=False)) for group in found)
            if match := next(((group, larger) for group, larger in joined if larger and larger.clear), None):
                found[found.index(match[0])] = match[1]
            elif alone := self._set(inputs, frozenset([output]), whole=False):
                found.append(alone)
        return [each for each in found if self._others(inputs, each.outputs)]

    def _set(self, inputs: Inputs, outputs: Outputs, whole: bool = True) -> BoundSet | None:
        signal = self.function.signal(inputs, outputs)
        return BoundSet(inputs, outputs, 2, whole, signal.residual, signal.clear) if signal.values == 2 else None

    def of_few_values(self, inputs: Inputs, known: Family) -> BoundSet | None:
        """Confirm that inputs act through at most half of the values they can take.

        The chance is that of a random function of the smallest known bound set of one bit around them, if any.
        """
        outputs = self.seen_by(inputs)
        values = self.function.signal(inputs, outputs).values if outputs and len(inputs) > 1 else 1
        if not 2 < values <= max(3, 2 ** (len(inputs) - 1)):
            return None
        around = [each.inputs for each in known.strong if inputs < each.inputs and each.outputs >= outputs]
        labels = {int(self.function.output_classes[output]): self.support[output] - inputs for output in outputs}
        others = [len(min(around, key=len) - inputs)] if around else [len(support) for support in labels.values()]
        if not any(others):
            return None
        chance = _chance(values, 2 ** len(inputs), sum(2**count for count in others))
        return BoundSet(inputs, outputs, values, chance=chance)

    def _others(self, inputs: Inputs, outputs: Outputs) -> bool:
        return any(self.support[output] - inputs for output in outputs)

    def outside(self, found: BoundSet) -> Inputs:
        """The inputs that could take the place of one of a bound set."""
        return frozenset().union(*(self.support[output] for output in found.outputs)) - found.inputs


def _chance(values: int, draws: int, bits: int) -> float:
    """Bound the probability that so many columns, drawn from the 2^bits possible ones, have so few values.

    The union bound over the sets of ``values`` functions is C(N, values) (values / N)^draws for N = 2^bits. For large
    N it is below N^values / values! (values / N)^draws.
    """
    if values >= 2 ** min(bits, 30):
        return 1.0
    if bits > 30:
        choices = values * bits * log(2) - lgamma(values + 1)
    else:
        choices = lgamma(2**bits + 1) - lgamma(values + 1) - lgamma(2**bits - values + 1)
    return exp(min(0.0, choices + draws * (log(values) - bits * log(2))))
