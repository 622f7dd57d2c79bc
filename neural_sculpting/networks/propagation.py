"""The activations of multilayer perceptrons."""

from collections.abc import Sequence

import torch
from torch import Tensor

NARROW = 16
"""Batched products whose last axis is narrower than this many floats are slow on CPUs."""


def propagate(weights: Sequence[Tensor], biases: Sequence[Tensor], rows: Tensor) -> list[Tensor]:
    """Run networks as :func:`~.network.forward`, from the weights and biases of each layer."""
    activations: list[Tensor] = []
    for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        source = activations[-1] if activations else rows
        if weight.shape[2] < NARROW <= source.shape[1]:
            weight = weight.mT.contiguous().mT  # the copy costs less than a product with a narrow last axis
        result = torch.baddbmm(bias, source, weight)
        activations.append(result.relu_() if depth < len(weights) - 1 else result)
    return activations
