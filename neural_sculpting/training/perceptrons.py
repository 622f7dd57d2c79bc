"""Stacked networks in training: their logits, and the gradients of their parameters."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import NARROW, Activations, Layout, Logits, Parameters, propagate


class InTraining(ABC):
    """Networks with a copy of their parameters that an optimizer changes in place."""

    parameters: Parameters

    @abstractmethod
    def logits(self, rows: Activations) -> Logits:
        """Compute the logits."""

    @abstractmethod
    def differentiate(self, rows: Activations, gradient: Callable[[Logits], Logits]) -> None:
        """Fill ``parameters.grad``; ``gradient`` is that of the loss with respect to the logits."""


class StackedNetworks(InTraining):
    """Networks of any architecture, differentiated by autograd."""

    def __init__(self, parameters: Parameters, architecture: Architecture) -> None:
        self.parameters = parameters.clone()
        self._architecture = architecture

    def logits(self, rows: Activations) -> Logits:
        """Compute the logits."""
        return self._architecture.logits(self.parameters, rows)

    @torch.enable_grad()
    def differentiate(self, rows: Activations, gradient: Callable[[Logits], Logits]) -> None:
        """Fill ``parameters.grad``."""
        parameters: Tensor = self.parameters.detach().requires_grad_()
        logits = self._architecture.logits(parameters, rows)
        [self.parameters.grad] = torch.autograd.grad(logits, parameters, gradient(logits.detach()).to(logits.dtype))


def in_training(parameters: Parameters, architecture: Architecture) -> InTraining:
    """Return what differentiates networks of an architecture fastest, on a copy of their parameters."""
    if isinstance(architecture, Layout):
        return StackedPerceptrons(parameters, architecture)
    return StackedNetworks(parameters, architecture)


class StackedPerceptrons(InTraining):
    """Perceptrons of one shape, with a copy of their parameters that an optimizer changes in place.

    The gradients are written out and equal those of autograd. The cost of small networks is mostly that of their calls,
    of which this takes half.
    """

    def __init__(self, parameters: Parameters, layout: Layout) -> None:
        self.parameters = parameters.clone()
        self.parameters.grad = torch.zeros_like(self.parameters)
        self._weights, self._biases = layout.split(self.parameters)
        self._weight_gradients, self._bias_gradients = layout.split(self.parameters.grad)

    def forward(self, rows: Activations) -> list[Tensor]:
        """Compute the activations of each hidden layer and the logits, ``(network, row, unit)`` each."""
        return propagate(self._weights, self._biases, rows)

    def logits(self, rows: Activations) -> Logits:
        """Compute the logits."""
        return self.forward(rows)[-1]

    def differentiate(self, rows: Activations, gradient: Callable[[Logits], Logits]) -> None:
        """Fill ``parameters.grad``; ``gradient`` is that of the loss with respect to the logits."""
        *hidden, logits = self.forward(rows)
        self.backward(rows, hidden, gradient(logits))

    def backward(self, rows: Activations, hidden: Sequence[Tensor], gradient: Logits) -> None:
        """Fill ``parameters.grad`` from inputs, activations of the hidden layers and the gradient of the logits."""
        sources = [rows, *hidden]
        for depth in reversed(range(len(sources))):
            source = sources[depth]
            self._weight_gradients[depth].copy_(_outer(source, gradient))
            self._bias_gradients[depth].copy_(gradient.sum(dim=1, keepdim=True))
            if depth > 0:
                # A ReLU's activation is zero or positive: its sign is the slope.
                gradient = torch.bmm(gradient, self._weights[depth].mT).mul_(source.sign())


def _outer(source: Tensor, gradient: Tensor) -> Tensor:
    """Sum over the rows of source × gradient, ``(network, fan_in, fan_out)``."""
    # Batched products are slow if their last axis is narrower than a vector: with the wide one last they are 4x faster.
    if gradient.shape[2] < min(source.shape[2], NARROW):
        return torch.bmm(gradient.mT, source).mT
    return torch.bmm(source.mT, gradient)
