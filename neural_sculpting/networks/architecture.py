"""The protocol of networks that can be sculpted.

A network is one row of parameters: the weights of all its edges, and then its biases. Hidden units and edges are what
phases prune. How they are connected is a graph of stages, from the units of the inputs to those of the outputs, which
is all that readers see of it. Everything is computed for many networks at once, along the leading axis.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.tasks.units import Units

Edits = Mapping[str, Callable[[Tensor], Tensor]]
"""By the kind of units, a change of what they give, ``(network, unit, …, row)``, with positions between, if any."""

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Pattern:
    """What a unit looks for: where a head attends, or the kernels of a channel.

    Attributes:
        name: of the unit, such as ``head 0``.
        of: what it belongs to, such as ``attention 1``.
        nodes: of the graph, ``(stage, unit)``: the one that the pattern is about, and then those of the same unit.
        images: ``(height, width)`` each, by name; attention is ``(token that reads, token that is read)``, from 0 to 1.
        signed: whether values are weights, with signs; else they are shares, from 0 to 1.
    """

    name: str
    of: str
    nodes: tuple[tuple[int, int], ...]
    images: dict[str, NDArray[np.float32]]
    signed: bool


class Architecture(ABC):
    """The shape of one network."""

    if TYPE_CHECKING:  # a field of some, which must not inherit anything, and a property of others

        @property
        def layers(self) -> tuple[int, ...]:
            """The units of each stage of the graph, those of the inputs and of the outputs included."""

    @property
    @abstractmethod
    def by_unit(self) -> bool:
        """Whether the graph begins and ends with units of the task; else with the inputs and outputs of a row."""

    @property
    def end_units(self) -> tuple[Units, Units]:
        """The inputs, and the outputs, of a row that belong to each unit of the task; empty unless :attr:`by_unit`."""
        return (), ()

    @property
    @abstractmethod
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """``(fan_in, fan_out)`` of each weight matrix, in the order of a row of parameters."""

    @property
    @abstractmethod
    def scales(self) -> tuple[float, ...]:
        """The standard deviation of the initial weights of each matrix."""

    @property
    @abstractmethod
    def hidden_units(self) -> int:
        """Number of units that can be pruned."""

    @property
    @abstractmethod
    def groups(self) -> NDArray[np.int64]:
        """The number of the group that each edge is in, ``(edge,)``, such as a kernel; the last has the largest."""

    @property
    @abstractmethod
    def activations(self) -> int:
        """About how many numbers a row becomes while it is computed."""

    @property
    @abstractmethod
    def macs(self) -> int:
        """About the multiply-accumulate operations of a row."""

    @property
    def nodes(self) -> Sequence[Sequence[tuple[str, int]]]:
        """The kind and the number of the unit behind each node of the hidden stages of the graph; empty without kinds.

        A unit has several nodes: one for each position that is laid out, or each stage that it is passed on through.
        """
        return ()

    def unit_behind(self, stage: int, node: int) -> tuple[str, int]:
        """The kind and the number of the unit behind a node of a hidden stage, counted from 1, for :meth:`forward`."""
        return self.nodes[stage - 1][node]

    def patterns(self, parameters: NDArray[np.float32], rows: NDArray[np.float32]) -> Sequence[Pattern]:
        """Show what the units of a network, ``(parameter,)``, look for in rows, ``(row, input)``."""
        return ()

    @property
    def n_groups(self) -> int:
        """Number of groups of edges."""
        return int(self.groups[-1]) + 1

    @property
    @abstractmethod
    def inputs(self) -> int:
        """Inputs of a row."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """Outputs of a row."""

    @cached_property
    def edges(self) -> int:
        """Number of weights."""
        return sum(fan_in * fan_out for fan_in, fan_out in self.shapes)

    @property
    @abstractmethod
    def parameters(self) -> int:
        """Number of weights and biases."""

    @abstractmethod
    def logits(self, parameters: Tensor, rows: Tensor) -> Tensor:
        """Compute ``(network, row, input)`` → ``(network, row, output)``, every network from its own rows."""

    @abstractmethod
    def forward(self, parameters: Tensor, rows: Tensor, edits: Edits) -> Tensor:
        """Compute logits, as :meth:`logits`, with changes of what units give on the way."""

    @abstractmethod
    def sensitivity(self, parameters: Tensor, rows: Tensor, loss: Callable[[Tensor], Tensor]) -> Tensor:
        """Sum |∂loss/∂gate| over the rows, ``(network, unit)``; a gate of 1 multiplies what its unit gives in a row.

        ``loss`` is a function of the logits whose value is the sum of the rows' own losses. Where positions share a
        unit, they share its gate.
        """

    @abstractmethod
    def edges_of_units(self, units: Tensor) -> Tensor:
        """Mark every edge that enters or leaves one of the chosen units, ``(network, unit)`` → ``(network, edge)``."""

    @abstractmethod
    def with_bias_masks(self, edge_masks: Tensor) -> Tensor:
        """Append masks of biases to masks of edges: what has no incoming edge has no bias."""

    @abstractmethod
    def incoming_norm(self, rows: Tensor) -> Tensor:
        """Compute the Euclidean norm of what enters each unit, ``(network, parameter)`` → ``(network, unit)``."""

    @abstractmethod
    def units_kept(self, masks: Tensor) -> Tensor:
        """Mark the units that have an edge on each side, ``(network, parameter)`` → ``(network, unit)``."""

    @abstractmethod
    def stage_masks(self, edges: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Lay out the remaining edges of one network, ``(edge,)``, as a graph of stages.

        Returns:
            For each stage ``(units, units of the next stage)``. The ends of a skip are connected for good.
        """

    @abstractmethod
    def stage_weights(self, edges: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Lay out the weights of one network likewise; where several lead from unit to unit, their sizes are added."""

    def kept_parameters(self, edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Compute :meth:`with_bias_masks` in numpy."""
        masks: NDArray[np.bool_] = self.with_bias_masks(torch.from_numpy(edges)).numpy()
        return masks


def split_edges(edges: NDArray[Scalar], architecture: Architecture) -> list[NDArray[Scalar]]:
    """Split values of all edges, ``(edge,)``, into ``(fan_in, fan_out)`` for each weight matrix."""
    ends = np.cumsum([fan_in * fan_out for fan_in, fan_out in architecture.shapes])[:-1]
    return [piece.reshape(shape) for piece, shape in zip(np.split(edges, ends), architecture.shapes, strict=True)]
