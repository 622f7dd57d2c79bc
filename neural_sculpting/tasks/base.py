"""What the rest of the program knows of a task."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.examples import Examples, Table, arrays_of
from neural_sculpting.tasks.graph import Graph
from neural_sculpting.tasks.parameters import ParameterValue

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class TaskContent:
    """The examples of a task and its true hierarchy: what a registered function makes of its parameters.

    Attributes:
        graph: the sub-functions behind the examples; None where they are not known.
        training: what networks learn from.
        validation: decides which epoch is the best and whether a pruned network is accepted. Of a Boolean task both
            are the whole truth table.
        test: is reported and decides nothing; None where there is none.
        one_hot: the sizes of groups of outputs, in their order, of which each names one class: of the outputs of such
            a group exactly one is 1. Empty where outputs are independent.
        image_shape: (height, width) where the inputs are the pixels of two such images side by side.
        details: parameters that are left out where a task is named in one line.
        loss: ``cross_entropy``, for targets of 0 and 1; or ``squared_error``, for any numbers that have the mean 0, of
            which the share of the squares that is explained is the accuracy.
        input_names: of the inputs, in their order; empty where they are numbered.
        output_names: likewise of the outputs.

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

    def __post_init__(self) -> None:
        whole, whose = (self.graph, "as its sub-functions have") if self.graph else (self, "as the training examples")
        for name, examples in (("training", self.training), ("validation", self.validation), ("test", self.test)):
            if examples is None:
                continue
            rows, n_outputs = examples.targets.shape
            if not rows:
                raise UserError(f"{name} examples: none; must be at least one")
            sides = ("inputs", examples.n_inputs, whole.n_inputs), ("outputs", n_outputs, whole.n_outputs)
            for side, found, expected in sides:
                if found != expected:
                    raise UserError(f"{name} examples: {found} {side}; must be {expected}, {whose}")
        for kind, number in (("input_names", self.n_inputs), ("output_names", self.n_outputs)):
            if (named := len(getattr(self, kind))) not in (0, number):
                raise UserError(f"{kind}: {named} names; must be {number}, or none")
        if self.one_hot and sum(self.one_hot) != self.n_outputs:
            raise UserError(f"one_hot={self.one_hot}: must add up to the {self.n_outputs} outputs of the task")
        if self.image_shape and 2 * prod(self.image_shape) != self.n_inputs:
            found = f"image_shape={self.image_shape}: two such images have {2 * prod(self.image_shape)} pixels"
            raise UserError(f"{found}; must have the {self.n_inputs} inputs of the task")

    @property
    def n_inputs(self) -> int:
        """The number of input units of a network for this task."""
        return self.training.n_inputs

    @property
    def n_outputs(self) -> int:
        """The number of output units of a network for this task."""
        return int(self.training.targets.shape[1])

    @property
    def inputs_are_bits(self) -> bool:
        """Whether all inputs of all examples are 0 or 1; pixels never are, whatever their values."""
        return all(
            isinstance(each, Table) and bool(np.isin(each.inputs, (0, 1)).all())
            for each in (self.training, self.validation, self.test)
            if each is not None
        )

    @property
    def outputs_are_bits(self) -> bool:
        """Whether all targets are 0 or 1."""
        return self.loss == "cross_entropy"

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each set of examples."""
        return tuple(len(each) for each in (self.training, self.validation, self.test) if each is not None)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of all examples, in hexadecimal digits: it shows whether files or functions have changed."""
        digest, seen = hashlib.sha256(), set[int]()
        for examples in (self.training, self.validation, self.test):
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
        """Whether inputs may be pruned away without harm to success."""
        return self.graph is not None and self.graph.ignore_pruned_inputs

    def expected_hierarchy(self, hidden_layers: int) -> nx.DiGraph | None:
        """Return the hierarchy that counts as success in a network with so many hidden layers; None if not known.

        Every node has the attributes ``inputs`` and ``outputs``, sorted tuples of indices; an edge leads from
        the module that is used to the module that uses it.
        """
        return self.graph.hierarchy(hidden_layers) if self.graph else None

    def min_width(self) -> int:
        """Return the least number of units that every hidden layer must have.

        Parts of the task that share nothing cannot share a unit: each needs one of its own in every layer.
        """
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
    """Name a task in one line, by its family and those parameters that are no details."""
    return " ".join((name, *(f"{key}={value}" for key, value in parameters.items() if key not in details)))
