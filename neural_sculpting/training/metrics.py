"""Accuracies of networks, one value for each network, and the evaluation of networks on whole sets of examples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Literal

import torch
from torch import Tensor

from neural_sculpting.networks.examples import ROWS_AT_ONCE, Examples
from neural_sculpting.networks.layout import Activations, Logits, Numbers, Targets, Values
from neural_sculpting.training.losses import Loss, class_counts, classes_of, count_classes

Forward = Callable[[Activations], Logits]
"""From the inputs to the logits."""


def correct_bits(logits: Logits, targets: Logits) -> Numbers:
    """Count correct output bits; a bit is 1 where its sigmoid is above 0.5."""
    return ((logits > 0) == (targets > 0.5)).flatten(1).sum(dim=1)


def correct_examples(logits: Logits, targets: Logits, one_hot: Sequence[int] = ()) -> Numbers:
    """Count entirely correct examples.

    ``one_hot`` lists the sizes of consecutive groups of outputs that each name a class by their largest output; a group
    of one is a bit. If empty, every bit must be correct.
    """
    found, wanted = classes_of(logits, one_hot, above=0), classes_of(targets, one_hot, above=0.5)
    return (found == wanted).all(dim=2).sum(dim=1)


def correct_by_class(logits: Logits, targets: Logits, one_hot: Sequence[int] = ()) -> Tensor:
    """Count correct rows by their class, ``(network, group, class)``, as :func:`~.classes.count_classes`."""
    classes = classes_of(targets, one_hot, above=0.5)
    return count_classes(classes, one_hot, of=classes == classes_of(logits, one_hot, above=0))


@dataclass(frozen=True)
class Accuracy:
    """The accuracy that decides which epoch is the best and whether an attempt is accepted.

    Attributes:
        by: the share of correct output ``bits``, of entirely correct ``examples``, or of explained ``variance``: of the
            targets' squares, which is R² if their mean is 0, and negative for outputs worse than 0 everywhere. Or
            ``balanced``: the recall of each class c, correct rows of class c / rows of class c, averaged over the
            classes that occur, and then over outputs or groups. Always answering the same gives 1 / classes.
        one_hot: as for :func:`correct_examples`.
    """

    by: Literal["bits", "examples", "balanced", "variance"] = "bits"
    one_hot: tuple[int, ...] = ()

    @property
    def reported(self) -> "tuple[Accuracy, ...]":
        """Accuracies to report on a test set: by bits, by examples and balanced; in a regression explained variance."""
        if self.by == "variance":
            return (self,)
        return replace(self, by="bits"), replace(self, by="examples"), replace(self, by="balanced")

    def correct(self, logits: Logits, targets: Logits) -> Numbers | Values | Tensor:
        """Count correct bits or examples, or rows by class (:func:`correct_by_class`); or sum explained squares."""
        if self.by == "variance":
            return (targets.double().square() - (logits.double() - targets).square()).flatten(1).sum(dim=1)
        if self.by == "balanced":
            return correct_by_class(logits, targets, self.one_hot)
        return correct_bits(logits, targets) if self.by == "bits" else correct_examples(logits, targets, self.one_hot)

    def share(self, correct: Numbers | Values | Tensor, targets: Targets) -> Values:
        """Turn counts, summed over all rows of a set, into the accuracy."""
        if self.by == "variance":
            return share(correct, float(targets.double().square().sum()))
        if self.by != "balanced":
            return share(correct, targets.numel() if self.by == "bits" else len(targets))
        recalls = correct.double() / class_counts(targets, self.one_hot).double()
        return recalls.nanmean(dim=2).mean(dim=1)


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
            logits = forward(rows).to(rows.dtype)
            correct.append([accuracy.correct(logits, targets) for accuracy in accuracies])
            losses.append(loss.of_each(logits, targets) * targets.shape[1])
        shares = [
            accuracy.share(reduce(add, counts), self._examples.targets)
            for accuracy, counts in zip(accuracies, zip(*correct, strict=True), strict=True)
        ]
        return shares, reduce(add, losses) / len(self._examples)
