"""Accuracies and losses of networks on whole sets of examples, one value for each network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Literal

import torch
from torch import Tensor

from neural_sculpting.networks.examples import ROWS_AT_ONCE, Examples
from neural_sculpting.networks.layout import Activations, Logits, Numbers, Targets, Values
from neural_sculpting.training.losses import Loss

Forward = Callable[[Activations], list[Tensor]]
"""From the inputs to the activations of each hidden layer and last the logits."""


def correct_bits(logits: Logits, targets: Logits) -> Numbers:
    """How many output bits are right, ``(network,)``; a bit is 1 where its sigmoid is above 0.5."""
    return ((logits > 0) == (targets > 0.5)).flatten(1).sum(dim=1)


def correct_examples(logits: Logits, targets: Logits, one_hot: Sequence[int] = ()) -> Numbers:
    """How many examples are entirely right, ``(network,)``.

    ``one_hot`` has the sizes of consecutive groups of outputs that each name a class by their largest output. Empty:
    every bit must be right.
    """
    if not one_hot:
        return ((logits > 0) == (targets > 0.5)).all(dim=2).sum(dim=1)
    groups = zip(logits.split(list(one_hot), dim=2), targets.split(list(one_hot), dim=2), strict=True)
    right = [found.argmax(dim=2) == wanted.argmax(dim=2) for found, wanted in groups]
    return torch.stack(right).all(dim=0).sum(dim=1)


@dataclass(frozen=True)
class Accuracy:
    """The accuracy that decides which epoch is the best and whether an attempt is accepted.

    Attributes:
        by: ``bits``, the share of correct output bits; ``examples``, that of examples that are entirely right; or
            ``variance``, the share of the squares of the targets that is explained. Where the targets have the mean 0
            this is the coefficient of determination, R². It is negative for outputs worse than 0 everywhere.
        one_hot: as for :func:`correct_examples`.
    """

    by: Literal["bits", "examples", "variance"] = "bits"
    one_hot: tuple[int, ...] = ()

    @property
    def reported(self) -> "tuple[Accuracy, ...]":
        """Accuracies to report on a test set: by bits and by examples; of a regression the explained variance."""
        if self.by == "variance":
            return (self,)
        return replace(self, by="bits"), replace(self, by="examples")

    def correct(self, logits: Logits, targets: Logits) -> Numbers | Values:
        """How many bits or examples are right, or how much is explained, ``(network,)``."""
        if self.by == "variance":
            return (targets.double().square() - (logits.double() - targets).square()).flatten(1).sum(dim=1)
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
    """Divide counts in double precision, so that shares compare with a threshold exactly."""
    # A tensor, since devices may multiply by the inverse of a plain number.
    return correct.double() / torch.full((), number, dtype=torch.float64, device=correct.device)


class EvaluationSet:
    """Examples on which networks are evaluated again and again.

    A small table is laid out once for all networks, which saves time for tiny networks.
    """

    def __init__(self, examples: Examples, networks: int) -> None:
        self._examples, self._networks = examples, networks
        self._laid_out: list[tuple[Activations, Logits]] = []
        if len(examples) <= ROWS_AT_ONCE:
            self._laid_out = [(rows.contiguous(), targets) for rows, targets in examples.chunks(networks)]

    def measure(self, forward: Forward, loss: Loss, *accuracies: Accuracy) -> tuple[list[Values], Values]:
        """Measure accuracies, in the order asked for, and the mean loss of each network, ``(network,)`` each."""
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
