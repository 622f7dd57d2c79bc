"""Stacked networks in training: their logits, and the gradients of their parameters."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import Activations, Logits, Parameters


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
