"""Training of all networks of a cell in one batch, on the rows that each of them sees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.training.perceptrons import StackedPerceptrons
from neural_sculpting.training.round import RoundSettings

NEVER = -1
"""The epoch of what did not happen within those that were trained."""


@dataclass(frozen=True)
class Course:
    """What became of each network, ``(network,)``.

    Attributes:
        parameters: at the end, ``(network, parameter)``.
        learned: the first epoch after which all that counts was right, ``NEVER`` if there was none.
        correct: right bits at the end, ``(network, row, output)``.
        when_learned: those of the epoch ``learned``, else at the end.
    """

    parameters: Tensor
    learned: Tensor
    correct: Tensor
    when_learned: Tensor


class Counted:
    """Cross-entropy of the bits that count, averaged over those of each network; its gradient is all that is needed.

    ``counts`` is 1 for these and 0 for others, ``(network, row, output)``.
    """

    def __init__(self, counts: Tensor) -> None:
        self._share = counts / counts.sum(dim=(1, 2), keepdim=True)

    def gradient(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Compute share · (sigmoid - target)."""
        return torch.sigmoid(logits).sub_(targets).mul_(self._share)


def started(layout: Layout, edges: NDArray[np.bool_], seeds: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Draw new weights, Kaiming-normal by the edges that each unit really has, and zero biases.

    A unit with k of n possible incoming edges gets the weights of the dense network times √(n/k), so that their
    variance is 2/k (He et al. 2015): the same rule for every network.

    Returns:
        Parameters and their masks, ``(network, parameter)``.
    """
    masks = layout.with_bias_masks(torch.from_numpy(edges))
    parameters = start_parameters([*seeds], layout)
    for weights, mask in zip(layout.split(parameters)[0], layout.split(masks)[0], strict=True):
        left = mask.sum(dim=1, keepdim=True).clamp(min=1)
        weights.mul_((mask.shape[1] / left).sqrt())
    return parameters * masks, masks.to(parameters.dtype)


@torch.no_grad()
def train(
    layout: Layout,
    parameters: Tensor,
    masks: Tensor,
    rows: Tensor,
    targets: Tensor,
    counts: Tensor,
    settings: RoundSettings,
) -> Course:
    """Train all networks with Adam, an epoch being one step on all rows that count.

    Args:
        layout: their shape.
        parameters: where they start, ``(network, parameter)``.
        masks: likewise.
        rows: the whole truth table, ``(row, input)``.
        targets: ``(row, output)``.
        counts: 1 for the bits that are learned, else 0, ``(network, row, output)``.
        settings: of which the learning rate, the weight decay and the epochs count.
    """
    trained = StackedPerceptrons(parameters, layout)
    optimizer = settings.optimizer(trained.parameters)
    inputs = rows.expand(len(parameters), -1, -1).contiguous()
    wanted, loss, ignored = targets.expand(len(parameters), -1, -1).contiguous(), Counted(counts), counts == 0
    learned, first = torch.full((len(parameters),), NEVER), torch.zeros_like(ignored)
    for epoch in range(settings.epochs + 1):
        *hidden, logits = trained.forward(inputs)
        correct = (logits > 0) == (wanted > 0.5)
        new = (learned == NEVER) & (correct | ignored).flatten(1).all(dim=1)
        learned[new], first[new] = epoch, correct[new]
        if epoch < settings.epochs:
            trained.backward(inputs, hidden, loss.gradient(logits, wanted))
            optimizer.step()
            trained.parameters.mul_(masks)
    never = (learned == NEVER)[:, None, None]
    return Course(trained.parameters, learned, correct, torch.where(never, correct, first))
