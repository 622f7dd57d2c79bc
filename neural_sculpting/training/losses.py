"""Losses of networks and their gradients."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss
from torch.nn.functional import one_hot as encoded

from neural_sculpting.networks.layout import Logits, Targets, Values


def sizes_of(outputs: int, one_hot: Sequence[int]) -> list[int]:
    """Return the sizes of consecutive groups of outputs: ``one_hot``, or groups of one where it is empty."""
    return list(one_hot) or [1] * outputs


def classes_of(values: Tensor, one_hot: Sequence[int], above: float) -> Tensor:
    """Return the class that each group of outputs names, ``(…, output)`` → ``(…, group)``.

    A group names its largest output, an output by itself 1 if it is above a number: 0 for logits, 0.5 for targets.
    """
    if not any(size > 1 for size in one_hot):
        return (values > above).long()
    groups = values.split(list(one_hot), dim=-1)
    named = [group.argmax(dim=-1) if group.shape[-1] > 1 else (group[..., 0] > above).long() for group in groups]
    return torch.stack(named, dim=-1)


def count_classes(classes: Tensor, one_hot: Sequence[int], of: Tensor | None = None) -> Tensor:
    """Count the rows of each class, ``(…, row, group)`` → ``(…, group, class)``; groups may have fewer classes.

    Args:
        classes: of each row and group.
        one_hot: the sizes of the groups.
        of: which rows and groups count; all by default.
    """
    rows = encoded(classes, max((2, *one_hot)))
    return (rows if of is None else rows * of.unsqueeze(-1)).sum(dim=-3)


def class_counts(targets: Targets, one_hot: Sequence[int]) -> Tensor:
    """Count the rows of each class in targets, ``(group, class)``."""
    return count_classes(classes_of(targets, one_hot, above=0.5), one_hot)


class Loss(ABC):
    """The loss of a network's outputs."""

    @abstractmethod
    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """Compute the loss of each row and output, ``(network, row, output)``."""

    @abstractmethod
    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """Compute the gradient of :meth:`summed` with respect to the logits."""

    def weights_of(self, targets: Tensor) -> Tensor | None:
        """The factor of each row's and output's loss, ``(…, row, output)``; None if all weigh alike."""
        return None

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


class BalancedCrossEntropy(CrossEntropy):
    """Binary cross-entropy in which the classes of an output weigh alike, however rare they are.

    The loss of a row is multiplied by n / (k · n_c), where n_c of the n training rows are of its class c, one of the k
    that occur: the weights that scikit-learn calls *balanced*. The classes of an output are 0 and 1; the outputs of a
    one-hot group share one class, and so one weight. A class without training rows weighs 1.

    Args:
        targets: of the training rows.
        one_hot: the sizes of consecutive groups of outputs that each name a class; empty if outputs are independent.
    """

    def __init__(self, targets: Targets, one_hot: Sequence[int] = ()) -> None:
        counts = class_counts(targets, one_hot)
        weights = len(targets) / ((counts > 0).sum(dim=1, keepdim=True) * counts)
        self._weights = weights.where(counts > 0, 1.0)  # (group, class)
        self._one_hot = tuple(one_hot)

    def elementwise(self, logits: Logits, targets: Logits) -> Tensor:
        """Compute the weighted loss of each row and output."""
        return super().elementwise(logits, targets) * self.weights_of(targets)

    def gradient(self, logits: Logits, targets: Logits) -> Logits:
        """Compute weight · (sigmoid - target) / (rows · outputs)."""
        return super().gradient(logits, targets).mul_(self.weights_of(targets))

    def weights_of(self, targets: Tensor) -> Tensor:
        """The weight of the class of each row and output."""
        classes, weights = classes_of(targets, self._one_hot, above=0.5), self._weights.to(targets)
        of_groups = weights[torch.arange(len(weights), device=targets.device), classes]
        sizes = torch.tensor(sizes_of(targets.shape[-1], self._one_hot), device=targets.device)
        return of_groups.repeat_interleave(sizes, dim=-1)


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
