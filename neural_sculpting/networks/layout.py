"""The axes of stacked networks, and the index of each weight and bias in a network's row of parameters.

The leading axis is always ``network``: one sculpting of one trial by one pair of steps. The ``parameter`` axis has all
weights of a network, layer by layer, and then all its biases; ``edge`` is the weights alone. ``unit`` counts the hidden
units of all layers, ``element`` what a phase prunes: units or edges.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy.typing import NDArray
from torch import Tensor

Scalar = TypeVar("Scalar", bound=np.generic)
Parameters = Float[Tensor, "network parameter"]
Masks = Bool[Tensor, "network parameter"]
Activations = Float[Tensor, "network row unit"]
Logits = Float[Tensor, "network row output"]
Scores = Float[Tensor, "network element"]
UnitScores = Float[Tensor, "network unit"]
EdgeScores = Float[Tensor, "network edge"]
Chosen = Bool[Tensor, "network element"]
ChosenUnits = Bool[Tensor, "network unit"]
ChosenEdges = Bool[Tensor, "network edge"]
Values = Float[Tensor, " network"]
Flags = Bool[Tensor, " network"]
Numbers = Int64[Tensor, " network"]
Inputs = Float[Tensor, "row input"]
Targets = Float[Tensor, "row output"]


@dataclass(frozen=True)
class Layout:
    """The shape of one multilayer perceptron, given by the units of each layer, and its parameters in one row.

    A row has all weights, layer by layer, each ``(fan_in, fan_out)`` in row-major order, and then the biases of all
    layers. One row per network makes copies, choices between networks and the ranking of all edges single operations.
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
        return sum(self._sizes[: len(self.shapes)])

    @property
    def hidden_units(self) -> int:
        """Number of hidden units of all layers."""
        return sum(self.layers[1:-1])

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(self._sizes)

    def split(self, rows: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """View rows as weights ``(network, fan_in, fan_out)`` and biases ``(network, 1, fan_out)`` of each layer."""
        pieces = rows.split(self._sizes, dim=1)
        weights = [piece.view(len(rows), *shape) for piece, shape in zip(pieces, self.shapes, strict=False)]
        return weights, [piece.unsqueeze(1) for piece in pieces[len(self.shapes) :]]

    def edges_of_units(self, units: ChosenUnits) -> ChosenEdges:
        """Mark every edge that enters or leaves one of the chosen hidden units."""
        none = [units.new_zeros(len(units), size) for size in (self.layers[0], self.layers[-1])]
        ends = [none[0], *units.split(list(self.layers[1:-1]), dim=1), none[1]]
        touched = [(source[:, :, None] | target[:, None, :]).flatten(1) for source, target in pairwise(ends)]
        return torch.cat(touched, dim=1)

    def with_bias_masks(self, edge_masks: ChosenEdges) -> Masks:
        """Append masks of biases to masks of edges: a unit without incoming edges has no bias."""
        weights = edge_masks.split(self._sizes[: len(self.shapes)], dim=1)
        has_input = [
            piece.view(len(edge_masks), *shape).any(dim=1) for piece, shape in zip(weights, self.shapes, strict=True)
        ]
        return torch.cat([edge_masks, *has_input], dim=1)


def unpack_edges(edges: NDArray[Scalar], layout: Layout) -> list[NDArray[Scalar]]:
    """Split a row of edges into masks or weights, ``(fan_in, fan_out)`` for each weight layer."""
    ends = np.cumsum([fan_in * fan_out for fan_in, fan_out in layout.shapes])[:-1]
    return [piece.reshape(shape) for piece, shape in zip(np.split(edges, ends), layout.shapes, strict=True)]
