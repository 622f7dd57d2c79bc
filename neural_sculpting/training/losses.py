"""Losses: one value for each network, or a sum whose gradient is that of each network alone."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from neural_sculpting.networks.layout import Logits, Values


class Loss(ABC):
    """The loss of a network's outputs, for each row and output, and averaged over both."""

    @abstractmethod
    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """The loss of each row and output, ``(network, row, output)``."""

    @abstractmethod
    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """The gradient of :meth:`summed` with respect to the logits, ``(network, row, output)``."""

    def summed(self, logits: Logits, targets: Logits) -> Tensor:
        """Average over rows and outputs and sum over networks, whose gradients stay independent of each other."""
        return self.elementwise(logits, targets).sum() / _rows_and_outputs(logits)

    def of_each(self, logits: Logits, targets: Logits) -> Values:
        """Average over rows and outputs, ``(network,)``."""
        return self.elementwise(logits, targets).flatten(1).mean(dim=1).double()


class CrossEntropy(Loss):
    """Binary cross-entropy of the sigmoids of the logits; targets are 0 or 1."""

    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """The loss of each row and output."""
        return binary_cross_entropy_with_logits(logits, targets, reduction="none")

    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """The sigmoid minus the target, divided by the number of rows and outputs."""
        return torch.sigmoid(logits).sub_(targets).div_(_rows_and_outputs(logits))


class SquaredError(Loss):
    """The squared difference of outputs and targets, both any numbers."""

    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """The loss of each row and output."""
        return mse_loss(logits, targets, reduction="none")

    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """Twice the difference, divided by the number of rows and outputs."""
        return (logits - targets).mul_(2 / _rows_and_outputs(logits))


LOSSES: dict[str, Loss] = {"cross_entropy": CrossEntropy(), "squared_error": SquaredError()}
"""By the names that tasks use."""


def _rows_and_outputs(logits: Logits) -> int:
    return logits.shape[1] * logits.shape[2]
