"""What a reader gets and gives: a sculpted network as a graph, perhaps its function, and the hierarchy in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray

FloatArray = NDArray[np.float64]

Function = Callable[[FloatArray], FloatArray]
"""What a network computes: rows ``(rows, inputs)`` → outputs ``(rows, outputs)``.

Bits and classes are what the network decides, 0.0 or 1.0, or how probable they are where inputs are measured; measured
outputs are numbers.
"""


@dataclass(frozen=True)
class StageGraph:
    """The sparse graph of a sculpted network, stage by stage.

    Attributes:
        masks: ``(fan_in, fan_out)`` for each weight layer, from the inputs up.
    """

    masks: tuple[BoolArray, ...]

    @property
    def layers(self) -> tuple[int, ...]:
        """The number of units of each layer, inputs and outputs included."""
        return *(len(mask) for mask in self.masks), self.masks[-1].shape[1]


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows to ask a network's function about: of a Boolean task the whole table, of others the training rows.

    Attributes:
        inputs: ``(rows, inputs)``.
        targets: ``(rows, outputs)``; None where they are not known, as in records of earlier versions.
        inputs_are_bits: whether all inputs are 0 or 1.
        outputs_are_bits: whether outputs are bits or classes; else they are numbers.
        one_hot_inputs: the sizes of consecutive groups of inputs of which at most one is 1; empty if there are none.
        columns: groups of inputs that are asked about as one; empty for one-hot groups, and others by themselves.
        nodes: the inputs of the graph that each column belongs to; empty where inputs of graph and function are the
            same.
        output_nodes: the output of the graph that each output belongs to, such as all classes to one; likewise.
    """

    inputs: FloatArray
    targets: FloatArray | None
    inputs_are_bits: bool = False
    outputs_are_bits: bool = True
    one_hot_inputs: tuple[int, ...] = ()
    columns: tuple[tuple[int, ...], ...] = ()
    nodes: tuple[tuple[int, ...], ...] = ()
    output_nodes: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader found in one network.

    Attributes:
        hierarchy: a node for each module, with the sorted tuples ``inputs`` and ``outputs``, and if known ``units``
            (pairs (layer, unit) of its hidden units; the inputs are layer 0). An edge leads from a module to one that
            uses it.
        evidence: what speaks for it, in plain lists, strings and numbers, so that it can be stored as JSON.
        alternatives: hierarchies that are as good.
        undetermined: what the network leaves open, a line for each.
        refinement: a finer hierarchy that may be there by chance; None if there is none. It is not stored.
    """

    hierarchy: nx.DiGraph
    evidence: Mapping[str, Any] = field(default_factory=dict)
    alternatives: tuple[nx.DiGraph, ...] = ()
    undetermined: tuple[str, ...] = ()
    refinement: nx.DiGraph | None = None

    @property
    def says_more(self) -> bool:
        """Whether there is anything beside the hierarchy."""
        return bool(self.evidence or self.alternatives or self.undetermined)


class Reader(Protocol):
    """From the graph of a network to the hierarchy in it.

    A reader takes as keywords what it needs: the ``function`` of the network, the ``examples`` of the task, or settings
    of the section ``analysis``. What its signature does not name, it does not get. Examples are None where they are not
    rows of numbers, as for images.
    """

    def __call__(
        self, graph: StageGraph, *, function: Function | None = None, examples: Examples | None = None, **settings: Any
    ) -> Reading:
        """Read one network."""
        ...
