"""Where each weight and bias of a stacked network lies in its row of parameters."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.networks.shapes import ChosenEdges, ChosenUnits, Masks


@dataclass(frozen=True)
class Layout:
    """The shape of one multilayer perceptron, and how its parameters lie in one row.

    A row holds all weights, layer by layer, each ``(fan_in, fan_out)`` in row-major order, and then the biases of
    all layers. One row a network makes copies, choices between networks and the ranking of all edges single
    operations.

    Args:
        layers: units of each layer, inputs first, outputs last.
    """

    layers: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.layers) < 3 or min(self.layers) < 1:
            raise ValueError(f"layers={self.layers}: needs inputs, hidden layers and outputs, all of one unit or more")

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """``(fan_in, fan_out)`` of each weight layer."""
        return tuple(pairwise(self.layers))

    @cached_property
    def _sizes(self) -> list[int]:
        return [fan_in * fan_out for fan_in, fan_out in self.shapes] + list(self.layers[1:])

    @property
    def edges(self) -> int:
        """Number of weights."""
        return sum(fan_in * fan_out for fan_in, fan_out in self.shapes)

    @property
    def hidden_units(self) -> int:
        """Number of hidden units of all layers."""
        return sum(self.layers[1:-1])

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(self._sizes)

    def split(self, rows: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Views of the weights and the biases in rows of parameters (or of masks).

        Args:
            rows: ``(network, parameter)``.

        Returns:
            The weights, ``(network, fan_in, fan_out)`` each, and the biases, ``(network, 1, fan_out)`` each.
        """
        parts = rows.split(self._sizes, dim=1)
        depth = len(self.shapes)
        weights = [part.view(len(rows), *shape) for part, shape in zip(parts, self.shapes, strict=False)]
        return weights, [part.unsqueeze(1) for part in parts[depth:]]

    def split_units(self, units: Tensor) -> tuple[Tensor, ...]:
        """Views of a ``(network, unit)`` tensor of all hidden units, one for each hidden layer."""
        return tuple(units.split(list(self.layers[1:-1]), dim=1))

    def edges_of_units(self, units: ChosenUnits) -> ChosenEdges:
        """Mark every edge that enters or leaves one of the given hidden units.

        Args:
            units: ``(network, unit)``, true for the units whose edges are wanted.

        Returns:
            ``(network, edge)``.
        """
        networks = len(units)
        ends = [
            units.new_zeros(networks, self.layers[0]),
            *self.split_units(units),
            units.new_zeros(networks, self.layers[-1]),
        ]
        touched = [(source[:, :, None] | target[:, None, :]).flatten(1) for source, target in pairwise(ends)]
        return torch.cat(touched, dim=1)

    def with_bias_masks(self, edge_masks: ChosenEdges) -> Masks:
        """Complete masks of edges by masks of biases: a unit without incoming edges has no bias.

        Args:
            edge_masks: ``(network, edge)``.

        Returns:
            ``(network, parameter)``.
        """
        sizes = self._sizes[: len(self.shapes)]
        weights = edge_masks.split(sizes, dim=1)
        has_input = [
            part.view(len(edge_masks), *shape).any(dim=1) for part, shape in zip(weights, self.shapes, strict=True)
        ]
        return torch.cat([edge_masks, *has_input], dim=1)


def unpack_edges(edges: NDArray[np.bool_], layout: Layout) -> list[NDArray[np.bool_]]:
    """The masks in a row of edges, ``(fan_in, fan_out)`` for each weight layer."""
    ends = np.cumsum([fan_in * fan_out for fan_in, fan_out in layout.shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(edges, ends), layout.shapes, strict=True)]
