"""Trained networks for tests, from torch's own layers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from neural_sculpting.pretrained import TrainedNetwork


def perceptron(layers: Sequence[int], seed: int = 0) -> nn.Sequential:
    """A multilayer perceptron with biases that matter."""
    torch.manual_seed(seed)
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(layers):
        parts += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def logits(network: TrainedNetwork, rows: Tensor) -> np.ndarray:
    """What a network that was read computes, by hand: ``(row, output)``."""
    values = rows.numpy()
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        values = values @ weight + bias
        if layer < len(network.weights) - 1:
            values = np.maximum(values, 0)
    return values


def rows_for(network: TrainedNetwork, seed: int = 0) -> Tensor:
    return torch.randn(20, network.layers[0], generator=torch.Generator().manual_seed(seed))


def check_same_function(network: TrainedNetwork, module: nn.Module) -> None:
    rows = rows_for(network)
    with torch.no_grad():
        expected = module.eval()(rows).numpy()
    np.testing.assert_allclose(logits(network, rows), expected, rtol=1e-4, atol=1e-5)
    for weight, mask in zip(network.weights, network.masks, strict=True):
        assert not weight[~mask].any()
