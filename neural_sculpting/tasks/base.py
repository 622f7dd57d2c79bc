"""A task as the rest of the package sees it: its examples and its true hierarchy."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.examples import Examples, Table, arrays_of
from neural_sculpting.tasks.graph import Graph
from neural_sculpting.tasks.parameters import ParameterValue
from neural_sculpting.tasks.tables.codebook import ColumnCode
from neural_sculpting.tasks.units import Units, check_shapes, check_units, flat_names, flattened

if TYPE_CHECKING:
    import networkx as nx

NAMED_BY_FILE = ("table", "truth_table", "sequences", "images")
"""Tasks whose parameter ``path`` is a file, whose name is that of the task."""


@dataclass(frozen=True, eq=False)
class TaskContent:
    """The examples of a task and its true hierarchy: what a registered function returns.

    Attributes:
        graph: the sub-functions behind the examples, in terms of units; None if they are not known.
        training: what networks learn from.
        validation: decides which epoch is the best and whether a pruned network is accepted. In a Boolean task both
            are the whole truth table.
        test: is reported and decides nothing; None if there is none.
        one_hot: the sizes of groups of outputs, in order. In each row exactly one output of a group is 1; a group of
            one is an output by itself. Empty if outputs are independent.
        image_shape: (height, width) if the inputs are the pixels of two such images side by side.
        details: parameters that the title of the task leaves out.
        loss: ``cross_entropy``, for targets of 0 and 1; or ``squared_error``, for any numbers with mean 0. Accuracy is
            then the share of the sum of squares that is explained.
        input_names: the names of the inputs, in order, or of their units; empty if they are numbered.
        output_names: likewise for the outputs.
        input_encoding: how the columns of a table became the inputs, so that networks can be used on further rows;
            empty where that is not known.
        output_encoding: likewise for the outputs.
        one_hot_inputs: the sizes of groups of inputs, as ``one_hot``; of a group at most one input may be 1 in a row.
        input_shape: what a row of inputs is, in row-major order: ``(tokens, features)`` of a sequence, ``(channels,
            height, width)`` of an image; empty for plain inputs.
        output_shape: ``(positions, outputs)`` of a sequence, whose targets are those of its last tokens, in row-major
            order; empty otherwise.
        input_units: groups of inputs that count as one input of the hierarchy: a feature over all tokens, a channel;
            empty where each counts by itself.
        output_units: likewise of outputs: an output over all positions.
        longer: sequences of more tokens than those learned, a second test set.

    Raises:
        UserError: if these do not fit together.
    """

    graph: Graph | None
    training: Examples
    validation: Examples
    test: Examples | None = None
    one_hot: tuple[int, ...] = ()
    image_shape: tuple[int, int] | None = None
    details: tuple[str, ...] = ()
    loss: Literal["cross_entropy", "squared_error"] = "cross_entropy"
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    one_hot_inputs: tuple[int, ...] = ()
    input_encoding: tuple[ColumnCode, ...] = ()
    output_encoding: tuple[ColumnCode, ...] = ()
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()
    input_units: Units = ()
    output_units: Units = ()
    longer: Table | None = None

    def __post_init__(self) -> None:
        self._check_sets()
        check_units("input_units", self.input_units, self.n_inputs)
        check_units("output_units", self.output_units, self.n_outputs)
        check_shapes(self.input_shape, self.output_shape, self.n_inputs, self.n_outputs, self.longer)
        for kind, number in (("input_names", self.n_input_units), ("output_names", self.n_output_units)):
            if (named := len(getattr(self, kind))) not in (0, number):
                raise UserError(f"{kind}: {named} names; must be {number}, or none")
        for kind, units, number in (
            ("one_hot", "outputs", self.n_outputs),
            ("one_hot_inputs", "inputs", self.n_inputs),
        ):
            if (sizes := getattr(self, kind)) and (sum(sizes) != number or min(sizes) < 1):
                raise UserError(f"{kind}={sizes}: must add up to the {number} {units} of the task")
        if self.image_shape and 2 * prod(self.image_shape) != self.n_inputs:
            found = f"image_shape={self.image_shape}: two such images have {2 * prod(self.image_shape)} pixels"
            raise UserError(f"{found}; must have the {self.n_inputs} inputs of the task")

    def _check_sets(self) -> None:
        if empty := [name for name, examples in self._sets.items() if not len(examples)]:
            raise UserError(f"{empty[0]} examples: none; must be at least one")
        for side, units in (("inputs", self.input_units), ("outputs", self.output_units)):
            number, source = getattr(self, f"n_{side}"), "the training examples"
            if self.graph is not None:
                in_graph = getattr(self.graph, f"n_{side}")
                number, source = (number, source) if units else (in_graph, "its sub-functions have")
                if units and len(units) != in_graph:
                    raise UserError(f"{side[:-1]}_units: {len(units)}; must be {in_graph}, as its sub-functions have")
            for name, examples in self._sets.items():
                found = examples.n_inputs if side == "inputs" else examples.targets.shape[1]
                if found != number:
                    raise UserError(f"{name} examples: {found} {side}; must be {number}, as {source}")

    @property
    def _sets(self) -> dict[str, Examples]:
        sets = {"training": self.training, "validation": self.validation, "test": self.test}
        return {name: examples for name, examples in sets.items() if examples is not None}

    @property
    def n_inputs(self) -> int:
        """The number of input units of a network for this task."""
        return self.training.n_inputs

    @property
    def n_outputs(self) -> int:
        """The number of output units of a network for this task."""
        return int(self.training.targets.shape[1])

    @property
    def n_input_units(self) -> int:
        """The number of inputs of the hierarchy."""
        return len(self.input_units) or self.n_inputs

    @property
    def n_output_units(self) -> int:
        """The number of outputs of the hierarchy."""
        return len(self.output_units) or self.n_outputs

    @property
    def flat_input_names(self) -> tuple[str, ...]:
        """The names of the inputs of a row; those of a unit are numbered, such as ``a.0``."""
        return flat_names(self.input_names, self.input_units)

    @property
    def flat_output_names(self) -> tuple[str, ...]:
        """Likewise of the outputs."""
        return flat_names(self.output_names, self.output_units)

    @property
    def inputs_are_bits(self) -> bool:
        """Whether all inputs of all examples are 0 or 1; pixels never count as bits, whatever their values."""
        sets = self._sets.values()
        return all(isinstance(each, Table) and bool(np.isin(each.inputs, (0, 1)).all()) for each in sets)

    @property
    def outputs_are_bits(self) -> bool:
        """Whether all targets are 0 or 1."""
        return self.loss == "cross_entropy"

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each set of examples."""
        return tuple(map(len, self._sets.values()))

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of all examples, in hexadecimal digits: it changes with the files or functions behind them."""
        digest, seen = hashlib.sha256(), set[int]()
        for examples in (self.training, self.validation, self.test, *((self.longer,) if self.longer else ())):
            if examples is None or id(examples) in seen:
                digest.update(b"no rows of its own")
                continue
            seen.add(id(examples))
            for array in arrays_of(examples):
                if id(array) not in seen:
                    seen.add(id(array))
                    digest.update(f"{array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @property
    def ignore_pruned_inputs(self) -> bool:
        """Whether pruning inputs away does not count against success."""
        return self.graph is not None and self.graph.ignore_pruned_inputs

    def expected_hierarchy(self, hidden_layers: int, *, by_unit: bool = False) -> nx.DiGraph | None:
        """Return the hierarchy that counts as success in a network with this many hidden layers; None if not known.

        Every node has the attributes ``inputs`` and ``outputs``, sorted tuples of indices: of the inputs and outputs of
        a row, which a perceptron reads and gives, or with ``by_unit`` of their units. An edge leads from the module
        that is used to the module that uses it.
        """
        if self.graph is None:
            return None
        hierarchy = self.graph.hierarchy(hidden_layers)
        return hierarchy if by_unit else flattened(hierarchy, self.input_units, self.output_units)

    def min_width(self) -> int:
        """Return the least number of units in a hidden layer: one for each separable part of the task."""
        return self.graph.n_separable_parts() if self.graph else 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Task(TaskContent):
    """A task of a family.

    Attributes:
        name: the name of the family.
        parameters: the parameters of the family, such as ``{"uses": 8}``.
    """

    name: str
    parameters: Mapping[str, ParameterValue]

    @property
    def title(self) -> str:
        """The name and the most informative parameters, such as ``boolean_overlap overlap=2 uses=8``."""
        return title_of(self.name, self.parameters, self.details)


def title_of(name: str, parameters: Mapping[str, ParameterValue], details: Collection[str]) -> str:
    """Name a task in one line, by its family or its file, and its parameters without the details."""
    file = str(parameters.get("path", "")) if name in NAMED_BY_FILE else ""
    shown = (
        f"{key}={value}" for key, value in parameters.items() if key not in details and not (file and key == "path")
    )
    return " ".join((PurePath(file).name or name, *shown))
