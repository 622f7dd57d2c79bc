"""Accuracies, one value for each network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch

from neural_sculpting.networks.layout import Logits, Numbers, Targets, Values


def correct_bits(logits: Logits, targets: Logits) -> Numbers:
    """How many output bits are right, ``(network,)``; a bit is 1 where its sigmoid is above 0.5."""
    return ((logits > 0) == (targets > 0.5)).flatten(1).sum(dim=1)


def correct_examples(logits: Logits, targets: Logits, one_hot: Sequence[int] = ()) -> Numbers:
    """How many examples are answered entirely right, ``(network,)``.

    Args:
        logits: ``(network, row, output)``.
        targets: likewise.
        one_hot: the sizes of groups of outputs, in their order, that name one class each. The answer of such a group
            is its largest output. Empty: every bit must be right.
    """
    if not one_hot:
        return ((logits > 0) == (targets > 0.5)).all(dim=2).sum(dim=1)
    groups = zip(logits.split(list(one_hot), dim=2), targets.split(list(one_hot), dim=2), strict=True)
    right = [answer.argmax(dim=2) == wanted.argmax(dim=2) for answer, wanted in groups]
    return torch.stack(right).all(dim=0).sum(dim=1)


def explained(outputs: Logits, targets: Logits) -> Values:
    """How much of the squares of the targets the outputs explain: all but the squared errors, ``(network,)``."""
    return (targets.double().square() - (outputs.double() - targets).square()).flatten(1).sum(dim=1)


@dataclass(frozen=True)
class Accuracy:
    """The accuracy that decides which epoch is the best and whether an attempt is accepted.

    Attributes:
        by: ``bits``, the share of correct output bits; ``examples``, that of examples answered entirely right; or
            ``variance``, that of the squares of the targets that is explained. Where the targets have the mean 0 this
            is the coefficient of determination, R². It is negative for answers worse than 0 everywhere.
        one_hot: as for :func:`correct_examples`.
    """

    by: Literal["bits", "examples", "variance"] = "bits"
    one_hot: tuple[int, ...] = ()

    @property
    def reported(self) -> "tuple[Accuracy, ...]":
        """What is reported of a test set: the accuracy by bits and by examples; of a regression what is explained."""
        if self.by == "variance":
            return (self,)
        return replace(self, by="bits"), replace(self, by="examples")

    def correct(self, logits: Logits, targets: Logits) -> Numbers | Values:
        """How many bits or examples are right, or how much is explained, ``(network,)``."""
        if self.by == "variance":
            return explained(logits, targets)
        return correct_bits(logits, targets) if self.by == "bits" else correct_examples(logits, targets, self.one_hot)

    def number(self, targets: Targets) -> float:
        """How many bits or examples there are, or how much there is to explain."""
        match self.by:
            case "bits":
                return targets.numel()
            case "examples":
                return len(targets)
            case "variance":
                return float(targets.double().square().sum())


def share(correct: Numbers | Values, number: float) -> Values:
    """Counts as shares of a number, in double precision, so that they can be compared with a threshold exactly."""
    # A tensor, since devices may multiply by the inverse of a plain number.
    return correct.double() / torch.full((), number, dtype=torch.float64, device=correct.device)
