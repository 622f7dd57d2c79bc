"""What the rest of the program knows of a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.graph import Graph

if TYPE_CHECKING:
    import networkx as nx

COMMON_CRITERIA = ("exact", "input_separability", "output_sub_functions")


@dataclass(frozen=True, eq=False)
class Task:
    """The examples of a task and its true hierarchy.

    Attributes:
        name: the name of its family.
        parameters: the parameters of the family, such as ``{"uses": 8}``.
        inputs: shape (rows, n_inputs), 0 or 1.
        targets: shape (rows, n_outputs), 0 or 1.
        graph: the sub-functions behind them.
    """

    name: str
    parameters: Mapping[str, int]
    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    graph: Graph

    @property
    def n_inputs(self) -> int:
        """The number of input units of a network for this task."""
        return int(self.inputs.shape[1])

    @property
    def n_outputs(self) -> int:
        """The number of output units of a network for this task."""
        return int(self.targets.shape[1])

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria of success that apply to this task."""
        return (*COMMON_CRITERIA, *self.graph.extra_criteria)

    def expected_hierarchy(self, hidden_layers: int) -> nx.DiGraph:
        """Return the hierarchy that counts as success in a network with so many hidden layers.

        Every node has the attributes ``inputs`` and ``outputs``, sorted tuples of numbers; an edge leads from
        the module that is used to the module that uses it.
        """
        return self.graph.hierarchy(hidden_layers)

    def min_width(self) -> int:
        """Return the least number of units that every hidden layer must have.

        Parts of the task that share nothing cannot share a unit: each needs one of its own in every layer.
        """
        return self.graph.n_separable_parts()
