"""Bound sets: inputs that reach the outputs through fewer values than they could take, and which are certain."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import permutations
from math import exp, lgamma, log

import numpy as np

from neural_sculpting.decomposition.functions import Decomposable

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
        chance: a bound of the probability that a random function has as few columns; None for two columns, which count
            whatever their probability: a function without structure has no such set.
    """

    inputs: Inputs
    outputs: Outputs
    values: int
    whole: bool = True
    residual: float = field(default=0.0, compare=False)
    chance: float | None = field(default=None, compare=False)

    def is_clearer(self, other: BoundSet) -> bool:
        """Whether this set explains what is seen of it so much better that the other one gives way."""
        return self.residual * CLEARER < other.residual

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
        fitting = {*good, *self.tied} - self.strong
        fitting = {each for each in fitting if not any(map(each.conflicts, self.strong))}
        pairs = [pair for pair in permutations(fitting, 2) if pair[0].conflicts(pair[1])]
        fitting -= {worse for better, worse in pairs if better.is_clearer(worse)}
        fighting = {each for pair in pairs if fitting.issuperset(pair) for each in pair}
        return Family(self.strong | (fitting - fighting), frozenset(fighting))


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
        if (signal := self.function.signal(inputs, outputs)).values == 2:
            return [BoundSet(inputs, outputs, 2, residual=signal.residual)]
        groups: list[Outputs] = []  # outputs that see the same bit
        for output in sorted(outputs) if len(outputs) > 1 else ():
            alone = frozenset([output])
            same = (group for group in groups if self.function.signal(inputs, group | alone).values == 2)
            if (group := next(same, None)) is not None:
                groups[groups.index(group)] = group | alone
            elif self.function.signal(inputs, alone).values == 2:
                groups.append(alone)
        return [
            BoundSet(inputs, group, 2, whole=False, residual=self.function.signal(inputs, group).residual)
            for group in groups
            if self._others(inputs, group)
        ]

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
