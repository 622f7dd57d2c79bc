"""The matrix products of a round and nothing else: the yardstick of wide networks.

Preallocated data and results, no biases, activations, losses, optimizer, masks or composition of pairs.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


class MatrixProducts:
    """The products of stacked networks for minibatches of one size.

    Args:
        networks: how many.
        layers: units of each layer.
        rows: of a minibatch.
        device: where they are computed.
    """

    def __init__(self, networks: int, layers: Sequence[int], rows: int, device: torch.device) -> None:
        self._weights = [torch.randn(networks, *shape, device=device).div_(shape[0]) for shape in pairwise(layers)]
        self._weight_gradients = [torch.empty_like(weight) for weight in self._weights]
        self._activations, self._gradients = (
            [torch.rand(networks, rows, units, device=device) for units in layers] for _ in range(2)
        )

    def forward(self) -> None:
        """From the inputs to the logits, as many products as weight layers."""
        for weight, (source, target) in zip(self._weights, pairwise(self._activations), strict=True):
            torch.bmm(source, weight, out=target)

    def backward(self) -> None:
        """The gradients of all weights and of all activations but the inputs."""
        for depth in reversed(range(len(self._weights))):
            gradient = self._gradients[depth + 1]
            torch.bmm(self._activations[depth].mT, gradient, out=self._weight_gradients[depth])
            if depth > 0:
                torch.bmm(gradient, self._weights[depth].mT, out=self._gradients[depth])


class RoundOfProducts:
    """The products of a round, those of training and those of evaluation apart.

    Args:
        networks: how many.
        layers: units of each layer.
        training: rows of the minibatches of an epoch.
        evaluation: rows that are evaluated at once, in an epoch.
        final: likewise, once after all epochs.
        epochs: of the round.
        device: where they are computed.
    """

    def __init__(
        self,
        networks: int,
        layers: Sequence[int],
        training: Sequence[int],
        evaluation: Sequence[int],
        final: Sequence[int],
        epochs: int,
        device: torch.device,
    ) -> None:
        self._networks, self._layers = networks, layers
        self._training = [*training] * epochs
        self._evaluation = [*evaluation] * epochs + [*final]
        sizes = {*self._training, *self._evaluation}
        self._of_size = {size: MatrixProducts(networks, layers, size, device) for size in sizes}

    def train(self) -> None:
        """Forward and backward products of all minibatches."""
        for size in self._training:
            self._of_size[size].forward()
            self._of_size[size].backward()

    def evaluate(self) -> None:
        """Forward products of all evaluations."""
        for size in self._evaluation:
            self._of_size[size].forward()

    def operations(self) -> int:
        """Additions and multiplications of :meth:`train` and :meth:`evaluate` together."""
        shapes = list(pairwise(self._layers))
        forward = sum(fan_in * fan_out for fan_in, fan_out in shapes)
        training = 3 * forward - shapes[0][0] * shapes[0][1]
        return 2 * self._networks * (training * sum(self._training) + forward * sum(self._evaluation))


def matrix_peak(device: torch.device) -> tuple[Tensor, int]:
    """A large matrix in fp32 whose square shows the most that a device reaches, and the operations of that product."""
    side = 8192 if device.type == "cuda" else 2048
    return torch.rand(side, side, device=device), 2 * side**3
