"""The two separability tests: do two groups of units share more of what they reach than chance would give?

The modularity of a partition means little if everything belongs together or nothing does. Then the overlap of what two
groups reach is compared with the overlap expected of two random sets of the same sizes.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from neural_sculpting.analysis.condense import BoolArray

Verdict = Literal["separate", "single"]


@dataclass(frozen=True)
class Overlap:
    """How many of ``total`` later units two groups reach: ``first``, ``second`` and ``shared`` by both.

    Both reach at least one unit. By chance first * second / total units would be shared.
    """

    first: int
    second: int
    shared: int
    total: int

    @property
    def is_separate(self) -> bool:
        """At most what is expected by chance is shared, and less than the larger reach."""
        smaller = self.shared < max(self.first, self.second)
        return smaller and self.shared * self.total <= self.first * self.second

    @property
    def is_single(self) -> bool:
        """At least what is expected by chance is shared, as it always is by two equal reaches."""
        return self.shared * self.total >= self.first * self.second

    @property
    def squared_deviation(self) -> Fraction:
        """The square of (shared - expected) / s, exact, so that equal deviations are seen as equal.

        With p = first * second: expected = p / total and s² = total * x * (1 - x) for x = p / total². The
        deviation is 0 where s is.
        """
        product = self.first * self.second
        scaled_variance = product * (self.total**2 - product)
        if scaled_variance == 0:
            return Fraction(0)
        return Fraction((self.shared * self.total - product) ** 2 * self.total, scaled_variance)


def overlap(first: BoolArray, second: BoolArray) -> Overlap:
    """Count what two groups of units reach, from the features of each, boolean ``(units, later units)``."""
    reach, other = first.any(axis=0), second.any(axis=0)
    return Overlap(int(reach.sum()), int(other.sum()), int((reach & other).sum()), reach.size)


def separability_verdict(closest: Overlap, halves: Overlap) -> Verdict | None:
    """Decide whether all units of a layer are separate, all are one cluster, or neither (None).

    If even the two closest units are separate, all are; if even the two clusters of the partition in two belong
    together, all units do. Where both hold, the larger standardized deviation from chance wins, at equality "single".
    Signs do not matter: whichever holds deviates in its own direction.
    """
    if closest.is_separate and halves.is_single:
        return "separate" if closest.squared_deviation > halves.squared_deviation else "single"
    if closest.is_separate:
        return "separate"
    return "single" if halves.is_single else None
