"""Losses and accuracies, one value for each network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from neural_sculpting.trials.shapes import Logits, Numbers, Targets, Values


def summed_loss(logits: Logits, targets: Logits) -> Tensor:
    """Binary cross-entropy, averaged over rows and outputs, summed over networks.

    The sum makes the gradient of every network independent of all others.

    Returns:
        A scalar.
    """
    rows_and_outputs = logits.shape[1] * logits.shape[2]
    return binary_cross_entropy_with_logits(logits, targets, reduction="sum") / rows_and_outputs


def loss_gradient(logits: Logits, targets: Logits) -> Logits:
    """The gradient of :func:`summed_loss` by the logits, ``(network, row, output)``."""
    rows_and_outputs = logits.shape[1] * logits.shape[2]
    return torch.sigmoid(logits).sub_(targets).div_(rows_and_outputs)


def loss_of_each(logits: Logits, targets: Logits) -> Values:
    """Binary cross-entropy, averaged over rows and outputs, ``(network,)``."""
    losses = binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return losses.flatten(1).mean(dim=1).double()


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


@dataclass(frozen=True)
class Accuracy:
    """The accuracy that decides which epoch is the best and whether an attempt is accepted.

    Attributes:
        by: ``bits``, the share of correct output bits, or ``examples``, that of examples answered entirely right.
        one_hot: as for :func:`correct_examples`.
    """

    by: Literal["bits", "examples"] = "bits"
    one_hot: tuple[int, ...] = ()

    def correct(self, logits: Logits, targets: Logits) -> Numbers:
        """How many bits or examples are right, ``(network,)``."""
        return correct_bits(logits, targets) if self.by == "bits" else correct_examples(logits, targets, self.one_hot)

    def number(self, targets: Targets) -> int:
        """How many bits or examples there are."""
        return targets.numel() if self.by == "bits" else len(targets)


def share(correct: Numbers, number: int) -> Values:
    """Counts as shares of a number, in double precision, so that they can be compared with a threshold exactly."""
    # A tensor, since devices may multiply by the inverse of a plain number.
    return correct.double() / torch.full((), number, dtype=torch.float64, device=correct.device)
