"""The axes of stacked networks, and the index of each weight and bias in a network's row of parameters.

The leading axis is always ``network``: one sculpting of one trial by one pair of steps. The ``parameter`` axis has all
weights of a network, layer by layer, and then all its biases; ``edge`` is the weights alone. ``unit`` counts the hidden
units of all layers, ``element`` what a phase prunes: units or edges.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.errors import UserError
from neural_sculpting.networks.architecture import Architecture, Edits, split_edges

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
OutputFlags = Bool[Tensor, "network output"]
Numbers = Int64[Tensor, " network"]
Inputs = Float[Tensor, "row input"]
Targets = Float[Tensor, "row output"]


@dataclass(frozen=True)
class Layout(Architecture):
    """The shape of one multilayer perceptron, given by the units of each layer, and its parameters in one row.

    A row has all weights, layer by layer, each ``(fan_in, fan_out)`` in row-major order, and then the biases of all
    layers. One row per network makes copies, choices between networks and the ranking of all edges single operations.
    """

    layers: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.layers) < 3 or min(self.layers) < 1:
            raise ValueError(f"layers={self.layers}: needs inputs, hidden layers and outputs, all of one unit or more")

    @property
    def by_unit(self) -> bool:
        """Perceptrons know no units of the task."""
        return False

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """``(fan_in, fan_out)`` of each weight layer."""
        return tuple(pairwise(self.layers))

    @property
    def scales(self) -> tuple[float, ...]:
        """Standard deviations of Kaiming-normal weights (fan-in, gain √2).

        Reference: He et al. 2015, "Delving deep into rectifiers".
        """
        return tuple((2 / fan_in) ** 0.5 for fan_in, _ in self.shapes)

    @property
    def inputs(self) -> int:
        """Inputs of a row."""
        return self.layers[0]

    @property
    def outputs(self) -> int:
        """Outputs of a row."""
        return self.layers[-1]

    @cached_property
    def _sizes(self) -> list[int]:
        return [fan_in * fan_out for fan_in, fan_out in self.shapes] + list(self.layers[1:])

    @property
    def hidden_units(self) -> int:
        """Number of hidden units of all layers."""
        return sum(self.layers[1:-1])

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(self._sizes)

    @property
    def groups(self) -> NDArray[np.int64]:
        """Every edge is a group by itself."""
        return np.arange(self.edges)

    @property
    def activations(self) -> int:
        """The units of all layers."""
        return sum(self.layers)

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of a row: one for each edge."""
        return self.edges

    def split(self, rows: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """View rows as weights ``(network, fan_in, fan_out)`` and biases ``(network, 1, fan_out)`` of each layer."""
        pieces = rows.split(self._sizes, dim=1)
        weights = [piece.view(len(rows), *shape) for piece, shape in zip(pieces, self.shapes, strict=False)]
        return weights, [piece.unsqueeze(1) for piece in pieces[len(self.shapes) :]]

    def logits(self, parameters: Parameters, rows: Tensor) -> Logits:
        """Compute the logits of every network from its own rows."""
        return propagate(*self.split(parameters), rows)[-1]

    def unit_behind(self, stage: int, node: int) -> tuple[str, int]:
        """Each hidden layer is a kind of its own, named by its number."""
        return str(stage), node

    def forward(self, parameters: Parameters, rows: Tensor, edits: Edits) -> Logits:
        """Compute logits with changes of what the units of hidden layers give."""
        weights, biases = self.split(parameters)
        values = torch.baddbmm(biases[0], rows, weights[0])
        for layer, (weight, bias) in enumerate(zip(weights[1:], biases[1:], strict=True), 1):
            given = values.relu()
            values = torch.baddbmm(bias, edits[str(layer)](given.mT).mT if str(layer) in edits else given, weight)
        return values

    def sensitivity(self, parameters: Parameters, rows: Tensor, loss: Callable[[Tensor], Tensor]) -> UnitScores:
        """Sum |activation · ∂loss/∂activation| over the rows, ``(network, unit)``, which is |∂loss/∂gate|."""
        *hidden, logits = propagate(*self.split(parameters.detach().requires_grad_()), rows)
        gradients = torch.autograd.grad(loss(logits), hidden)
        sums = [(layer * gradient).abs().sum(dim=1) for layer, gradient in zip(hidden, gradients, strict=True)]
        return torch.cat(sums, dim=1).detach()

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
            _any(piece.view(len(edge_masks), *shape), 1) for piece, shape in zip(weights, self.shapes, strict=True)
        ]
        return torch.cat([edge_masks, *has_input], dim=1)

    def kept_parameters(self, edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Compute :meth:`with_bias_masks` several times faster, ``(network, edge)`` → ``(network, parameter)``."""
        pieces, start = [edges], 0
        for fan_in, fan_out in self.shapes:
            weights = edges[:, start : start + fan_in * fan_out]
            pieces.append(np.any(weights.reshape(-1, fan_in, fan_out), axis=1))
            start += fan_in * fan_out
        return np.concatenate(pieces, axis=1)

    def incoming_norm(self, rows: Parameters) -> UnitScores:
        """Compute the Euclidean norm of what enters each hidden unit."""
        weights, _ = self.split(rows)
        return torch.cat([weight.norm(dim=1) for weight in weights[:-1]], dim=1)

    def units_kept(self, masks: Masks) -> ChosenUnits:
        """Mark the hidden units of each network that have an edge on each side."""
        weights, _ = self.split(masks)
        connected = [_any(entering, 1) & _any(leaving, 2) for entering, leaving in pairwise(weights)]
        return torch.cat(connected, dim=1)

    def stage_masks(self, edges: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """The masks of the weight layers."""
        return split_edges(edges, self)

    def stage_weights(self, edges: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The weights of the layers, with their signs."""
        return split_edges(edges, self)


def _any(chosen: Tensor, dim: int) -> Tensor:
    """Compute ``any`` of an axis: on a CPU twice as fast as torch's for stacks of wide layers (280 × 48 × 48)."""
    return chosen.view(torch.uint8).amax(dim=dim).bool()


def as_perceptron(architecture: Architecture, what: str) -> Layout:
    """Return the shape of a perceptron.

    Raises:
        UserError: if it is another kind of network, which ``what`` is not for.
    """
    if not isinstance(architecture, Layout):
        raise UserError(f"{what}: for multilayer perceptrons alone (arch.name=mlp)")
    return architecture
