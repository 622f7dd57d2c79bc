"""Losses and accuracies, one value for each network."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from neural_sculpting.trials.shapes import Logits, Values


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


def bit_accuracy(logits: Logits, targets: Logits) -> Values:
    """Share of correct output bits, ``(network,)``; a bit is 1 where its sigmoid is above 0.5.

    Counted in whole numbers, so that it can be compared with a threshold exactly.
    """
    correct = (logits > 0) == (targets > 0.5)
    # A tensor, since devices may multiply by the inverse of a plain number.
    bits = torch.full((), correct.shape[1] * correct.shape[2], dtype=torch.float64, device=logits.device)
    return correct.flatten(1).sum(dim=1).double() / bits
