"""The examples of a task as networks read them: on their device, composed when they are needed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor

from neural_sculpting import tasks
from neural_sculpting.networks.inputs import Matrix, Pixels
from neural_sculpting.networks.shapes import Activations, Logits, Numbers, Targets
from neural_sculpting.tasks import PairedImages, Task

ROWS_AT_ONCE = 1024
"""Rows that are evaluated at once. A constant: what sums of losses round to depends on it."""


@dataclass(frozen=True)
class Examples(ABC):
    """Rows of inputs with their targets.

    Attributes:
        targets: ``(row, output)``, of zeros and ones.
    """

    targets: Targets

    @property
    @abstractmethod
    def source(self) -> Matrix | Pixels:
        """What the inputs are taken from; several sets may share it."""

    @abstractmethod
    def rows(self, numbers: Tensor) -> Tensor:
        """The inputs of some rows.

        Args:
            numbers: which, ``(...)``.

        Returns:
            ``(..., input)``.
        """

    @abstractmethod
    def taken_from(self, source: Any) -> Self:
        """The same rows with inputs from another source of the same kind."""

    @abstractmethod
    def to(self, device: torch.device) -> Self:
        """The same on another device, but for the source."""

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def n_inputs(self) -> int:
        """How many inputs a row has."""
        return self.source.n_inputs

    def targets_of(self, numbers: Tensor) -> Tensor:
        """The targets of some rows, ``(..., output)``."""
        return _selected(self.targets, numbers)

    def chunks(self, networks: int) -> Iterator[tuple[Activations, Logits]]:
        """All rows in their order, a number of them at a time, for so many networks.

        Yields:
            ``(network, row, input)`` and ``(network, row, output)``; all networks share one memory.
        """
        for numbers in torch.arange(len(self), device=self.targets.device).split(ROWS_AT_ONCE):
            rows, targets = self.rows(numbers), self.targets_of(numbers)
            yield rows.expand(networks, -1, -1), targets.expand(networks, -1, -1)


@dataclass(frozen=True)
class TableExamples(Examples):
    """Rows that are written out.

    Attributes:
        inputs: of all rows.
    """

    inputs: Matrix

    @property
    def source(self) -> Matrix:
        """The inputs of all rows."""
        return self.inputs

    def rows(self, numbers: Tensor) -> Tensor:
        """The inputs of some rows."""
        return _selected(self.inputs.values, numbers)

    def taken_from(self, source: Matrix) -> Self:
        """The same rows with other inputs."""
        return replace(self, inputs=source)

    def to(self, device: torch.device) -> Self:
        """The same on another device, but for the inputs."""
        return replace(self, targets=self.targets.to(device))


@dataclass(frozen=True)
class PairExamples(Examples):
    """Rows of two images side by side. Images are held once, as bytes; a pair is two numbers until it is needed.

    Attributes:
        pixels: of all images.
        left: the image on the left of each row, ``(row,)``.
        right: likewise on the right.
    """

    pixels: Pixels
    left: Numbers
    right: Numbers

    @property
    def source(self) -> Pixels:
        """The pixels of all images."""
        return self.pixels

    def rows(self, numbers: Tensor) -> Tensor:
        """The pixels of some rows, from 0 to 1: those of the left image, then those of the right one."""
        left = _selected(self.pixels.left, self.left[numbers])
        right = _selected(self.pixels.right, self.right[numbers])
        return torch.cat([left, right], dim=-1).float().div_(self.pixels.largest)

    def taken_from(self, source: Pixels) -> Self:
        """The same pairs of other images, or of other pixels."""
        return replace(self, pixels=source)

    def to(self, device: torch.device) -> Self:
        """The same on another device, but for the pixels."""
        names = ("targets", "left", "right")
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
    def of(cls, task: Task) -> "ExampleSets":
        """The examples of a task; where two of its sets are the same rows, or of the same images, so are these."""
        held: dict[int, Any] = {}

        def tensors(examples: tasks.Examples) -> Examples:
            targets = torch.from_numpy(examples.targets)
            if not isinstance(examples, PairedImages):
                return TableExamples(targets, Matrix(torch.from_numpy(examples.inputs)))
            images, pairs = examples.images, examples.pairs
            if id(images) not in held:
                pixels = torch.from_numpy(images.images.reshape(len(images), -1))
                held[id(images)] = Pixels(pixels, pixels, images.largest)
            left, right = torch.from_numpy(pairs.left), torch.from_numpy(pairs.right)
            return PairExamples(targets, held[id(images)], left, right)

        training = tensors(task.training)
        validation = training if task.validation is task.training else tensors(task.validation)
        return cls(training, validation, None if task.test is None else tensors(task.test))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each set."""
        return tuple(len(examples) for examples in self._all)

    def only(self, inputs: Tensor) -> "ExampleSets":
        """The same rows with some of their inputs, given by their numbers in rising order."""
        return self._from_other_sources(lambda source: source.only(inputs))

    def to(self, device: torch.device) -> "ExampleSets":
        """The same on another device."""
        moved = self._from_other_sources(lambda source: source.to(device))
        training = moved.training.to(device)
        validation = training if moved.validation is moved.training else moved.validation.to(device)
        return ExampleSets(training, validation, None if moved.test is None else moved.test.to(device))

    @property
    def _all(self) -> list[Examples]:
        return [examples for examples in (self.training, self.validation, self.test) if examples is not None]

    def _from_other_sources(self, change: Callable[[Any], Any]) -> "ExampleSets":
        """Change each source once, however many sets share it."""
        changed = {
            id(source): change(source) for source in {id(each.source): each.source for each in self._all}.values()
        }
        sets = {id(examples): examples.taken_from(changed[id(examples.source)]) for examples in self._all}
        test = None if self.test is None else sets[id(self.test)]
        return ExampleSets(sets[id(self.training)], sets[id(self.validation)], test)


def _selected(table: Tensor, numbers: Tensor) -> Tensor:
    """Rows of a table, ``(..., column)``; much faster than indexing it."""
    selected = table.index_select(0, numbers.flatten())
    return selected.view(*numbers.shape, *table.shape[1:])
