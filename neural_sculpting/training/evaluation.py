"""Networks on whole sets of examples."""

from collections.abc import Callable
from functools import reduce
from operator import add

from torch import Tensor

from neural_sculpting.networks.examples import ROWS_AT_ONCE, Examples
from neural_sculpting.networks.layout import Activations, Logits, Values
from neural_sculpting.training.losses import Loss
from neural_sculpting.training.metrics import Accuracy, share

Forward = Callable[[Activations], list[Tensor]]
"""From the inputs to the activations of each hidden layer and last the logits."""


class EvaluationSet:
    """Examples on which networks are evaluated again and again.

    A small table is laid out once for all networks, which saves tiny networks a part of their time.

    Args:
        examples: the rows.
        networks: how many are evaluated.
    """

    def __init__(self, examples: Examples, networks: int) -> None:
        self._examples, self._networks = examples, networks
        self._laid_out: list[tuple[Activations, Logits]] = []
        if len(examples) <= ROWS_AT_ONCE:
            self._laid_out = [(rows.contiguous(), targets) for rows, targets in examples.chunks(networks)]

    def measure(self, forward: Forward, loss: Loss, *accuracies: Accuracy) -> tuple[list[Values], Values]:
        """Accuracies, in the order asked for, and the mean loss of each network, ``(network,)`` each."""
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
