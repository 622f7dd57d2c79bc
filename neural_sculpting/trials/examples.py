"""The examples of a task as networks read them: on their device, composed when they are needed."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from neural_sculpting import tasks
from neural_sculpting.tasks import PairedImages, Task
from neural_sculpting.trials.shapes import Activations, Inputs, Logits, Numbers, Targets

ROWS_AT_ONCE = 1024
"""Rows that are evaluated at once. A constant: what sums of losses round to depends on it."""


@dataclass(frozen=True)
class Examples(ABC):
    """Rows of inputs with their targets.

    Attributes:
        targets: ``(row, output)``, of zeros and ones.
    """

    targets: Targets

    def __len__(self) -> int:
        return len(self.targets)

    @property
    @abstractmethod
    def n_inputs(self) -> int:
        """How many inputs a row has."""

    @abstractmethod
    def rows(self, numbers: Tensor) -> Tensor:
        """The inputs of some rows.

        Args:
            numbers: which, ``(...)``.

        Returns:
            ``(..., input)``.
        """

    @abstractmethod
    def only(self, inputs: Tensor) -> Self:
        """The same rows with some of their inputs, given by their numbers in rising order."""

    @abstractmethod
    def to(self, device: torch.device) -> Self:
        """The same on another device."""

    def chunks(self, networks: int) -> Iterator[tuple[Activations, Logits]]:
        """All rows in their order, a number of them at a time, for so many networks.

        Yields:
            ``(network, row, input)`` and ``(network, row, output)``; all networks share one memory.
        """
        for numbers in torch.arange(len(self), device=self.targets.device).split(ROWS_AT_ONCE):
            rows, targets = self.rows(numbers), self.targets[numbers]
            yield rows.expand(networks, -1, -1), targets.expand(networks, -1, -1)


@dataclass(frozen=True)
class TableExamples(Examples):
    """Rows that are written out.

    Attributes:
        inputs: ``(row, input)``.
    """

    inputs: Inputs

    @property
    def n_inputs(self) -> int:
        """How many inputs a row has."""
        return self.inputs.shape[1]

    def rows(self, numbers: Tensor) -> Tensor:
        """The inputs of some rows."""
        return _selected(self.inputs, numbers)

    def only(self, inputs: Tensor) -> Self:
        """The same rows with some of their inputs."""
        return replace(self, inputs=self.inputs[:, inputs])

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        return replace(self, inputs=self.inputs.to(device), targets=self.targets.to(device))


@dataclass(frozen=True)
class PairExamples(Examples):
    """Rows of two images side by side. Images are held once, as bytes; a pair is two numbers until it is needed.

    Attributes:
        left_pixels: of all images, ``(image, pixel)``, those that count on the left.
        right_pixels: likewise on the right.
        left: the image on the left of each row, ``(row,)``.
        right: likewise on the right.
        largest: the value of a pixel that becomes 1.
    """

    left_pixels: Tensor
    right_pixels: Tensor
    left: Numbers
    right: Numbers
    largest: int

    @property
    def n_inputs(self) -> int:
        """How many pixels both images have together."""
        return self.left_pixels.shape[1] + self.right_pixels.shape[1]

    def rows(self, numbers: Tensor) -> Tensor:
        """The pixels of some rows, from 0 to 1: those of the left image, then those of the right one."""
        left = _selected(self.left_pixels, self.left[numbers])
        right = _selected(self.right_pixels, self.right[numbers])
        return torch.cat([left, right], dim=-1).float().div_(self.largest)

    def only(self, inputs: Tensor) -> Self:
        """The same pairs with some of their pixels."""
        pixels = self.left_pixels.shape[1]
        left, right = inputs[inputs < pixels], inputs[inputs >= pixels] - pixels
        return replace(self, left_pixels=self.left_pixels[:, left], right_pixels=self.right_pixels[:, right])

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        names = ("left_pixels", "right_pixels", "left", "right", "targets")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})


@dataclass(frozen=True)
class ExampleSets:
    """What a batch learns from, is judged by, and is reported on.

    Attributes:
        training: the rows of the minibatches, and those by which units are ranked.
        validation: decides which epoch is the best and whether an attempt is accepted.
        test: decides nothing; None where there is none.
    """

    training: Examples
    validation: Examples
    test: Examples | None = None

    @classmethod
    def of(cls, task: Task) -> Self:
        """The examples of a task; where two of its sets are the same rows, so are these."""
        training = _tensors(task.training)
        validation = training if task.validation is task.training else _tensors(task.validation)
        return cls(training, validation, None if task.test is None else _tensors(task.test))

    def only(self, inputs: Tensor) -> Self:
        """The same rows with some of their inputs."""
        training = self.training.only(inputs)
        validation = training if self.validation is self.training else self.validation.only(inputs)
        return type(self)(training, validation, None if self.test is None else self.test.only(inputs))

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        training = self.training.to(device)
        validation = training if self.validation is self.training else self.validation.to(device)
        return type(self)(training, validation, None if self.test is None else self.test.to(device))


def _tensors(examples: tasks.Examples) -> Examples:
    targets = torch.from_numpy(examples.targets)
    if not isinstance(examples, PairedImages):
        return TableExamples(targets, torch.from_numpy(examples.inputs))
    pixels = torch.from_numpy(examples.images.images.reshape(len(examples.images), -1))
    left, right = torch.from_numpy(examples.pairs.left), torch.from_numpy(examples.pairs.right)
    return PairExamples(targets, pixels, pixels, left, right, examples.images.largest)


def _selected(table: Tensor, numbers: Tensor) -> Tensor:
    """Rows of a table, ``(..., column)``; much faster than indexing it."""
    selected = table.index_select(0, numbers.flatten())
    return selected.view(*numbers.shape, *table.shape[1:])
