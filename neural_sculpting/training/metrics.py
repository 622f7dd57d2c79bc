"""Losses and accuracies of networks, one value for each network, and their evaluation on whole sets of examples."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from neural_sculpting.networks.examples import ROWS_AT_ONCE, Examples
from neural_sculpting.networks.layout import Activations, Logits, Numbers, Targets, Values

Forward = Callable[[Activations], list[Tensor]]
"""From the inputs to the activations of each hidden layer and the logits."""


class Loss(ABC):
    """The loss of a network's outputs."""

    @abstractmethod
    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """Compute the loss of each row and output, ``(network, row, output)``."""

    @abstractmethod
    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """Compute the gradient of :meth:`summed` with respect to the logits."""

    def summed(self, logits: Logits, targets: Logits) -> Tensor:
        """Average over rows and outputs and sum over networks, whose gradients stay independent."""
        return self.elementwise(logits, targets).sum() / _rows_and_outputs(logits)

    def of_each(self, logits: Logits, targets: Logits) -> Values:
        """Average over rows and outputs, ``(network,)``."""
        return self.elementwise(logits, targets).flatten(1).mean(dim=1).double()


class CrossEntropy(Loss):
    """Binary cross-entropy of the sigmoids of the logits; targets are 0 or 1."""

    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """Compute the loss of each row and output."""
        return binary_cross_entropy_with_logits(logits, targets, reduction="none")

    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """Compute (sigmoid - target) / (rows · outputs)."""
        return torch.sigmoid(logits).sub_(targets).div_(_rows_and_outputs(logits))


class SquaredError(Loss):
    """The squared difference of outputs and targets, both any numbers."""

    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """Compute the loss of each row and output."""
        return mse_loss(logits, targets, reduction="none")

    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """Compute 2 · (output - target) / (rows · outputs)."""
        return (logits - targets).mul_(2 / _rows_and_outputs(logits))


LOSSES: dict[str, Loss] = {"cross_entropy": CrossEntropy(), "squared_error": SquaredError()}


def _rows_and_outputs(logits: Logits) -> int:
    return logits.shape[1] * logits.shape[2]


def correct_bits(logits: Logits, targets: Logits) -> Numbers:
    """Count correct output bits; a bit is 1 where its sigmoid is above 0.5."""
    return ((logits > 0) == (targets > 0.5)).flatten(1).sum(dim=1)


def correct_examples(logits: Logits, targets: Logits, one_hot: Sequence[int] = ()) -> Numbers:
    """Count entirely correct examples.

    ``one_hot`` lists the sizes of consecutive groups of outputs that each name a class by their largest output. If
    empty, every bit must be correct.
    """
    if not one_hot:
        return ((logits > 0) == (targets > 0.5)).all(dim=2).sum(dim=1)
    groups = zip(logits.split(list(one_hot), dim=2), targets.split(list(one_hot), dim=2), strict=True)
    correct = [found.argmax(dim=2) == wanted.argmax(dim=2) for found, wanted in groups]
    return torch.stack(correct).all(dim=0).sum(dim=1)


@dataclass(frozen=True)
class Accuracy:
    """The accuracy that decides which epoch is the best and whether an attempt is accepted.

    Attributes:
        by: the share of correct output ``bits``, of entirely correct ``examples``, or of explained ``variance``: of the
            targets' squares, which is R² if their mean is 0, and negative for outputs worse than 0 everywhere.
        one_hot: as for :func:`correct_examples`.
    """

    by: Literal["bits", "examples", "variance"] = "bits"
    one_hot: tuple[int, ...] = ()

    @property
    def reported(self) -> "tuple[Accuracy, ...]":
        """Accuracies to report on a test set: by bits and by examples; in a regression the explained variance."""
        if self.by == "variance":
            return (self,)
        return replace(self, by="bits"), replace(self, by="examples")

    def correct(self, logits: Logits, targets: Logits) -> Numbers | Values:
        """Count correct bits or examples, or sum the explained squares."""
        if self.by == "variance":
            return (targets.double().square() - (logits.double() - targets).square()).flatten(1).sum(dim=1)
        return correct_bits(logits, targets) if self.by == "bits" else correct_examples(logits, targets, self.one_hot)

    def number(self, targets: Targets) -> float:
        """Count all bits or examples, or sum all squares."""
        if self.by == "variance":
            return float(targets.double().square().sum())
        return targets.numel() if self.by == "bits" else len(targets)


def share(correct: Numbers | Values, number: float) -> Values:
    """Divide counts in double precision, so that shares compare with a threshold exactly."""
    # By a tensor: devices may multiply by the inverse of a plain number.
    return correct.double() / torch.full((), number, dtype=torch.float64, device=correct.device)


class EvaluationSet:
    """Examples on which networks are evaluated repeatedly; small tables are laid out once, which saves time."""

    def __init__(self, examples: Examples, networks: int) -> None:
        self._examples, self._networks = examples, networks
        self._laid_out: list[tuple[Activations, Logits]] = []
        if len(examples) <= ROWS_AT_ONCE:
            self._laid_out = [(rows.contiguous(), targets) for rows, targets in examples.chunks(networks)]

    def measure(self, forward: Forward, loss: Loss, *accuracies: Accuracy) -> tuple[list[Values], Values]:
        """Measure accuracies, in the given order, and the mean loss, ``(network,)`` each."""
        correct, losses = [], []
        for rows, targets in self._laid_out or self._examples.chunks(self._networks):
            logits = forward(rows)[-1].to(rows.dtype)
            correct.append([accuracy.correct(logits, targets) for accuracy in accuracies])
            losses.append(loss.of_each(logits, targets) * targets.shape[1])
        shares = [
            share(reduce(add, counts), accuracy.number(self._examples.targets))
            for accuracy, counts in zip(accuracies, zip(*correct, strict=True), strict=True)
        ]
        return shares, reduce(add, losses) / len(self._examples)
