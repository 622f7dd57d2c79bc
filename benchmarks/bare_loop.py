"""The least that training many networks at once can cost: the yardstick of the engine.

Preallocated data, no masks, no shuffling, no noise, no pruning, no Lightning: batched matrix products, backward, fused
Adam, and one forward pass over the clean table after each epoch.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def forward(rows: Tensor, weights: Sequence[Tensor], biases: Sequence[Tensor]) -> Tensor:
    """Logits of stacked networks, ``(network, row, output)``."""
    for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        rows = torch.baddbmm(bias, rows, weight)
        if depth < len(weights) - 1:
            rows = rows.relu()
    return rows


class BareLoop:
    """Stacked networks with data for them.

    Args:
        networks: how many.
        layers: units of each layer.
        rows: rows of the table.
        batch_size: rows of a minibatch.
        lr: Adam's learning rate.
    """

    def __init__(self, networks: int, layers: Sequence[int], rows: int, batch_size: int, lr: float) -> None:
        self.weights = [
            (torch.randn(networks, fan_in, fan_out) * (2 / fan_in) ** 0.5).requires_grad_()
            for fan_in, fan_out in pairwise(layers)
        ]
        self.biases = [torch.zeros(networks, 1, fan_out).requires_grad_() for fan_out in layers[1:]]
        self.lr = lr
        self.table = torch.rand(networks, rows, layers[0])
        targets = (torch.rand(networks, rows, layers[-1]) > 0.5).float()
        self.minibatches = [
            (part.contiguous(), target.contiguous())
            for part, target in zip(self.table.split(batch_size, 1), targets.split(batch_size, 1), strict=True)
        ]

    def round(self, epochs: int) -> None:
        """Train for some epochs with a fresh optimizer."""
        optimizer = torch.optim.Adam([*self.weights, *self.biases], lr=self.lr, weight_decay=1e-4, fused=True)
        for _ in range(epochs):
            for rows, targets in self.minibatches:
                logits = forward(rows, self.weights, self.biases)
                loss = binary_cross_entropy_with_logits(logits, targets, reduction="sum")
                (loss / (targets.shape[1] * targets.shape[2])).backward()
                optimizer.step()
                optimizer.zero_grad()
            with torch.no_grad():
                forward(self.table, self.weights, self.biases)
