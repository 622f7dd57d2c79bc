"""Reading the networks of a group: what a reader gets of them, and its result in the form that is stored."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy, condense, hierarchy_from_graph
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.readers import Examples, Function, Reading, StageGraph
from neural_sculpting.analysis.readers.registry import COSTLY, asks_for, reader_named, requires
from neural_sculpting.analysis.units import with_units
from neural_sculpting.errors import UserError
from neural_sculpting.formulas.network_function import (
    Answer,
    ByUnit,
    decisions,
    function_of_layers,
    network_function,
    probabilities,
)
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.matrices import MatrixArchitecture
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.tasks import Task
from neural_sculpting.tasks.examples import Table

MEMBERS = ("inputs", "outputs", "units")
"""Attributes of every module of a stored hierarchy."""


@dataclass(frozen=True, eq=False)
class AboutTask:
    """What readers may know of a task.

    Attributes:
        examples: see :func:`examples_of`.
        outputs_are_bits: whether outputs are bits or classes; else they are numbers.
        one_hot: sizes of consecutive groups of outputs of which one is 1.
        by_unit: how units are asked about, of networks whose graph is about them.
    """

    examples: Examples | None
    outputs_are_bits: bool
    one_hot: tuple[int, ...] = ()
    by_unit: ByUnit | None = None

    @classmethod
    def of(cls, task: Task, layout: Architecture | None = None) -> "AboutTask":
        """Collect it from a task, for networks of some shape; by default for perceptrons."""
        if isinstance(layout, MatrixArchitecture) and isinstance(task.training, Table):
            rows = task.training
            return cls.about_units(layout, rows.inputs, rows.targets, task.outputs_are_bits, task.one_hot)
        return cls(examples_of(task), task.outputs_are_bits, task.one_hot)

    @classmethod
    def about_units(
        cls,
        layout: MatrixArchitecture,
        inputs: NDArray[np.floating],
        targets: NDArray[np.floating] | None,
        outputs_are_bits: bool,
        one_hot: tuple[int, ...],
    ) -> "AboutTask":
        """Collect it from rows for networks whose graph is about units."""
        by_unit = ByUnit.of(layout, inputs)
        return cls(by_unit.examples(inputs, targets, outputs_are_bits), outputs_are_bits, one_hot, by_unit)

    @property
    def answer(self) -> Answer | None:
        """What the last layer stands for: numbers, or bits and classes, decided where inputs are bits.

        Around measured inputs it is how probable these are: a step says little about what is on one side of it.
        """
        if not self.outputs_are_bits:
            return None
        exact = self.examples is None or self.examples.inputs_are_bits
        return partial(decisions if exact else probabilities, one_hot=self.one_hot)

    def function_of(self, packed: PackedNetworks, network: int) -> Function:
        """What a packed network computes; a ValueError if only its masks are stored."""
        if self.by_unit is not None:
            return self.by_unit.function(packed, network, self.answer)
        return network_function(packed, network, self.answer)


class NetworkReader:
    """A reader with its settings, for networks of one task.

    Args:
        name: of the reader.
        settings: of the section ``analysis``; those that the reader does not take are left out.
        task: without it the reader gets neither function nor examples.

    Raises:
        UserError: as :func:`~neural_sculpting.analysis.readers.registry.reader_named`, or if the reader cannot do
            without a task.
    """

    def __init__(self, name: str, settings: Mapping[str, Any], task: AboutTask | None = None) -> None:
        reader = reader_named(name)
        given = {key: value for key, value in settings.items() if asks_for(reader, key)}
        if task is not None and asks_for(reader, "examples"):
            given["examples"] = task.examples
        if task is None and (needed := [each for each in COSTLY if requires(reader, each)]):
            raise UserError(f"analysis.reader={name}: needs the {needed[0]}, not masks alone; paper reads these")
        self._task = task
        self._read: Callable[..., Reading] = partial(reader, **given)
        self.needs_function = task is not None and asks_for(reader, "function")

    def read(self, masks: Sequence[BoolArray], function: Callable[[], Function] | None = None) -> Reading:
        """Read one network from its masks, ``(fan_in, fan_out)`` for each weight layer.

        ``function`` makes its function, if the reader asks for it.
        """
        asked: dict[str, Any] = {"function": function()} if self.needs_function and function else {}
        found = self._read(StageGraph(tuple(masks)), **asked)
        alternatives = tuple(map(as_stored, found.alternatives))
        evidence = plain(found.evidence) if found.evidence else {}
        has_units = any(units for _, units in found.hierarchy.nodes(data="units"))
        hierarchy = found.hierarchy if has_units else with_units(found.hierarchy, masks)
        return replace(found, hierarchy=as_stored(hierarchy), evidence=evidence, alternatives=alternatives)

    def function_of_layers(self, weights: Sequence[NDArray[Any]], biases: Sequence[NDArray[Any]]) -> Function:
        """What a network for the task with these weights and biases computes."""
        assert self._task is not None
        return function_of_layers(weights, biases, self._task.answer)

    def function_of(self, packed: PackedNetworks, network: int) -> Function:
        """What a packed network for the task computes; a ValueError if only its masks are stored."""
        assert self._task is not None
        return self._task.function_of(packed, network)


def check_reads(name: str, task: Task) -> None:
    """Raise a UserError, before anything is trained, if a reader needs rows of numbers and the task has none."""
    if not isinstance(task.training, Table) and requires(reader_named(name), "examples"):
        raise UserError(
            f"analysis.reader={name}: asks about rows of numbers, which images are not; for these use paper"
        )


def examples_of(task: Task) -> Examples | None:
    """The training examples of a task as readers get them; None where they are not rows of numbers."""
    if not isinstance(task.training, Table):
        return None
    inputs, targets = (values.astype(np.float64) for values in (task.training.inputs, task.training.targets))
    return Examples(inputs, targets, task.inputs_are_bits, task.outputs_are_bits, task.one_hot_inputs)


def as_stored(graph: nx.DiGraph) -> nx.DiGraph:
    """Copy a hierarchy with modules 0, 1, … in their order, sorted tuples, and ``units``, which may be missing.

    One that is in this form already is returned as it is.
    """
    tuples = all(type(members.get(each)) is tuple for members in graph.nodes.values() for each in MEMBERS)
    if tuples and [*graph] == [*range(len(graph))]:
        return graph
    stored = nx.DiGraph()
    numbers = {module: number for number, module in enumerate(graph)}
    for module, members in graph.nodes(data=True):
        known = {**dict.fromkeys(MEMBERS, ()), **members}
        stored.add_node(numbers[module], **{key: _sorted(value) for key, value in known.items()})
    stored.add_edges_from((numbers[used], numbers[user]) for used, user in graph.edges)
    return stored


def with_masks(graph: nx.DiGraph, masks: Sequence[BoolArray]) -> Hierarchy:
    """Restore the modules of all units; kept are those on a path from an input to an output, in a module or not."""
    found = hierarchy_from_graph(graph, (*map(len, masks), masks[-1].shape[1]))
    return replace(found, kept=condense(masks))


def plain(value: Any) -> Any:
    """Convert evidence to what JSON gives back: numbers and arrays of numpy, tuples and sets become plain ones.

    Raises:
        TypeError: if something in it is none of these.
    """
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"evidence has {type(value).__name__}; must be lists, text and numbers")


def _sorted(value: Any) -> Any:
    return tuple(sorted(value)) if isinstance(value, list | tuple | range | set | frozenset) else value
