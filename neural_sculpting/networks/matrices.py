"""Networks described by their weight matrices, and by the units that rows and columns of these belong to."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture, Edits, split_edges
from neural_sculpting.tasks import Task
from neural_sculpting.tasks.units import Units

Ends = tuple[tuple[str, int], ...]
"""The kinds of units that rows or columns of a matrix belong to, each with the number of consecutive ones of a unit."""

Amounts = Mapping[str, NDArray[np.float64]]
"""By the name of a weight matrix, what each of its edges amounts to, 0 or more, ``(fan_in, fan_out)``."""


@dataclass(frozen=True)
class Shapes:
    """What the inputs and the outputs of a task are, as in :class:`~neural_sculpting.tasks.base.TaskContent`."""

    n_inputs: int
    n_outputs: int
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()
    input_units: Units = ()
    output_units: Units = ()

    @classmethod
    def of(cls, task: Task) -> "Shapes":
        """Take them from a task."""
        return cls(**{each.name: getattr(task, each.name) for each in fields(cls)})


@dataclass(frozen=True)
class Weight:
    """A weight matrix.

    Attributes:
        name: of the matrix.
        shape: ``(fan_in, fan_out)``.
        sources: the units that its rows belong to.
        targets: those that its columns belong to.
        bias: whether its columns have biases.
        gain: its initial weights have the standard deviation gain / √fan_in.
        block: the rows and columns of a group of edges, such as a kernel; divides the shape.
    """

    name: str
    shape: tuple[int, int]
    sources: Ends = ()
    targets: Ends = ()
    bias: bool = True
    gain: float = 2**0.5
    block: tuple[int, int] = (1, 1)


class MatrixArchitecture(Architecture):
    """A kind of network that is described by its weight matrices; it adds what it computes, and its graph."""

    if TYPE_CHECKING:  # a field

        @property
        def task(self) -> Shapes:
            """What it reads and gives."""

    @property
    @abstractmethod
    def weights(self) -> Sequence[Weight]:
        """The matrices, in the order of a row of parameters."""

    @property
    @abstractmethod
    def units(self) -> Mapping[str, int]:
        """The number of hidden units of each kind, in the order of their scores."""

    @property
    @abstractmethod
    def nodes(self) -> list[list[tuple[str, int]]]:
        """The kind and the number of the unit behind each node of the hidden stages of the graph."""

    @abstractmethod
    def stages(self, amounts: Amounts) -> list[NDArray[np.float64]]:
        """Lay out amounts as a graph of stages; what is connected for good amounts to 1."""

    @property
    def activations(self) -> int:
        """Inputs, units and outputs, where a row has no positions."""
        return self.inputs + self.hidden_units + self.outputs

    @property
    def macs(self) -> int:
        """One for each edge, where positions do not share them."""
        return self.edges

    @property
    def inputs(self) -> int:
        """Inputs of a row."""
        return self.task.n_inputs

    @property
    def outputs(self) -> int:
        """Outputs of a row."""
        return self.task.n_outputs

    @property
    def by_unit(self) -> bool:
        """The graph is about units of the task."""
        return True

    @property
    def end_units(self) -> tuple[Units, Units]:
        """Those of the task."""
        return self.task.input_units, self.task.output_units

    @cached_property
    def layers(self) -> tuple[int, ...]:
        """The units of each stage."""
        stages = self.stages({weight.name: np.ones(weight.shape) for weight in self.weights})
        return *map(len, stages), stages[-1].shape[1]

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """``(fan_in, fan_out)`` of each weight matrix."""
        return tuple(each.shape for each in self.weights)

    @property
    def scales(self) -> tuple[float, ...]:
        """The standard deviation of the initial weights of each matrix."""
        return tuple(each.gain / each.shape[0] ** 0.5 for each in self.weights)

    @property
    def hidden_units(self) -> int:
        """Number of hidden units of all kinds."""
        return sum(self.units.values())

    @cached_property
    def _sizes(self) -> list[int]:
        return [prod(each.shape) for each in self.weights] + [each.shape[1] for each in self.weights if each.bias]

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(self._sizes)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """The number of the group that each edge is in, ``(edge,)``."""
        found, start = [], 0
        for weight in self.weights:
            (rows, columns), (high, wide) = weight.shape, weight.block
            row, column = np.arange(rows) // high, np.arange(columns) // wide
            found.append((start + row[:, None] * (columns // wide) + column).ravel())
            start += (rows // high) * (columns // wide)
        return np.concatenate(found)

    def split(self, rows: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """View rows as weights ``(network, fan_in, fan_out)`` and biases ``(network, 1, fan_out)``, by name."""
        pieces, number = rows.split(self._sizes, dim=1), len(self.weights)
        weights = zip(self.weights, pieces[:number], strict=True)
        biases = zip([each.name for each in self.weights if each.bias], pieces[number:], strict=True)
        return (
            {each.name: piece.view(len(rows), *each.shape) for each, piece in weights},
            {name: piece.unsqueeze(1) for name, piece in biases},
        )

    def by_kind(self, units: Tensor) -> dict[str, Tensor]:
        """Split values of all units, ``(…, unit)``, by the kind of unit."""
        return dict(zip(self.units, units.split([*self.units.values()], dim=-1), strict=True))

    def nodes_of(self, kind: str, number: int) -> list[tuple[int, int]]:
        """The nodes of a unit in the graph, ``(stage, index in the stage)``."""
        hidden = enumerate(self.nodes, 1)
        return [(stage, at) for stage, of in hidden for at, unit in enumerate(of) if unit == (kind, number)]

    def gated(self, gates: Tensor) -> Edits:
        """Multiply what units give by the gates of each row, ``(network, row, unit)``, at all positions."""

        def times(gate: Tensor) -> Callable[[Tensor], Tensor]:
            return lambda values: values * gate.mT.reshape(*values.shape[:2], *[1] * (values.dim() - 3), -1)

        return {kind: times(gate) for kind, gate in self.by_kind(gates).items()}

    def logits(self, parameters: Tensor, rows: Tensor) -> Tensor:
        """Compute the logits of every network from its own rows."""
        return self.forward(parameters, rows, {})

    def sensitivity(self, parameters: Tensor, rows: Tensor, loss: Callable[[Tensor], Tensor]) -> Tensor:
        """Sum |∂loss/∂gate| over the rows, ``(network, unit)``."""
        gates = torch.ones(*rows.shape[:2], self.hidden_units, dtype=parameters.dtype, device=parameters.device)
        value = loss(self.forward(parameters.detach(), rows, self.gated(gates.requires_grad_())))
        [gradient] = torch.autograd.grad(value, gates)
        return gradient.abs().sum(dim=1)

    def edges_of_units(self, units: Tensor) -> Tensor:
        """Mark every edge that enters or leaves one of the chosen units."""
        chosen, touched = self.by_kind(units), []
        for weight in self.weights:
            marked = units.new_zeros(len(units), *weight.shape)
            for axis, of in ((2, weight.sources), (1, weight.targets)):
                for kind, each in of:
                    marked |= chosen[kind].repeat_interleave(each, dim=1).unsqueeze(axis)
            touched.append(marked.flatten(1))
        return torch.cat(touched, dim=1)

    def with_bias_masks(self, edge_masks: Tensor) -> Tensor:
        """Append masks of biases to masks of edges: a column without incoming edges has no bias."""
        pieces = zip(self.weights, edge_masks.split(self._sizes[: len(self.weights)], dim=1), strict=True)
        shaped = [(each, piece.view(len(edge_masks), *each.shape)) for each, piece in pieces]
        return torch.cat([edge_masks, *(piece.any(dim=1) for each, piece in shaped if each.bias)], dim=1)

    def incoming_norm(self, rows: Tensor) -> Tensor:
        """Compute the Euclidean norm of what enters each unit."""
        weights, _ = self.split(rows)
        squares = {kind: rows.new_zeros(len(rows), size) for kind, size in self.units.items()}
        for weight in self.weights:
            for kind, each in weight.targets:
                squares[kind] += weights[weight.name].square().sum(dim=1).view(len(rows), -1, each).sum(dim=2)
        return torch.cat([*squares.values()], dim=1).sqrt()

    def units_kept(self, masks: Tensor) -> Tensor:
        """Mark the units that have an edge on each side."""
        weights, _ = self.split(masks)
        entered, left = ({kind: masks.new_zeros(len(masks), size) for kind, size in self.units.items()} for _ in "ab")
        for weight in self.weights:
            for side, of, axis in ((entered, weight.targets, 1), (left, weight.sources, 2)):
                has_edge = weights[weight.name].any(dim=axis)
                for kind, each in of:
                    side[kind] |= has_edge.view(len(masks), -1, each).any(dim=2)
        return torch.cat([entered[kind] & left[kind] for kind in self.units], dim=1)

    def stage_masks(self, edges: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Lay out the remaining edges of one network as a graph of stages."""
        return [each > 0 for each in self.stages(self._amounts(edges))]

    def stage_weights(self, edges: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Lay out the sizes of its weights likewise."""
        return [each.astype(np.float32) for each in self.stages(self._amounts(np.abs(edges)))]

    def _amounts(self, edges: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        pieces = zip(self.weights, split_edges(edges, self), strict=True)
        return {each.name: piece.astype(np.float64) for each, piece in pieces}


def unit_of(units: Sequence[Sequence[int]], number: int) -> NDArray[np.int64]:
    """The unit that each of some flat inputs or outputs belongs to, ``(number,)``; itself where there are no units."""
    found = np.arange(number)
    for unit, members in enumerate(units):
        found[list(members)] = unit
    return found
