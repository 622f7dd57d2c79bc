"""The examples of a task as networks read them: on their device, composed when they are needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from neural_sculpting import tasks
from neural_sculpting.networks.layout import Activations, Inputs, Logits, Targets
from neural_sculpting.tasks import PairedImages, Task
from neural_sculpting.tasks.images import Images

ROWS_AT_ONCE = 1024
"""Rows that are evaluated at once. A constant: the rounding of sums of losses depends on it."""


@dataclass(frozen=True)
class Matrix:
    """Inputs that are written out, ``(row, input)``."""

    values: Inputs

    @property
    def n_inputs(self) -> int:
        """Inputs of a row."""
        return self.values.shape[1]

    def rows(self, indices: Tensor) -> Tensor:
        """Select rows, ``(...)`` → ``(..., input)``."""
        return _selected(self.values, indices)

    def only(self, inputs: Tensor) -> "Matrix":
        """Reduce the rows to some of their inputs."""
        return Matrix(self.values[:, inputs])

    def to(self, device: torch.device) -> "Matrix":
        """Move the values to a device."""
        return Matrix(self.values.to(device))


@dataclass(frozen=True)
class Pixels:
    """The pixels of all images, as bytes, of which ``largest`` becomes 1; a row shows two images side by side.

    Those that count on the left and on the right are ``(image, pixel)``, the same tensor where all of them count.
    """

    left: Tensor
    right: Tensor
    largest: int

    @property
    def n_inputs(self) -> int:
        """Pixels of two images."""
        return self.left.shape[1] + self.right.shape[1]

    def rows(self, pairs: Tensor) -> Tensor:
        """Compose pairs of image indices, ``(..., 2)`` → ``(..., pixel)``, from 0 to 1."""
        sides = [_selected(self.left, pairs[..., 0]), _selected(self.right, pairs[..., 1])]
        return torch.cat(sides, dim=-1).float().div_(self.largest)

    def only(self, inputs: Tensor) -> "Pixels":
        """Reduce the images to some of their pixels."""
        pixels = self.left.shape[1]
        left, right = inputs[inputs < pixels], inputs[inputs >= pixels] - pixels
        return Pixels(self.left[:, left], self.right[:, right], self.largest)

    def to(self, device: torch.device) -> "Pixels":
        """Move the images to a device."""
        left = self.left.to(device)
        return Pixels(left, left if self.right is self.left else self.right.to(device), self.largest)


@dataclass(frozen=True)
class Examples:
    """Rows of inputs with their targets of zeros and ones, ``(row, output)``; several sets may share a source.

    ``pairs``, ``(row, 2)``, are the indices of the images of each row; None where the source is a matrix of all rows.
    """

    targets: Targets
    source: Matrix | Pixels
    pairs: Tensor | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def n_inputs(self) -> int:
        """Inputs of a row."""
        return self.source.n_inputs

    def rows(self, indices: Tensor) -> Tensor:
        """The inputs of some rows, ``(...)`` → ``(..., input)``."""
        return self.source.rows(indices if self.pairs is None else _selected(self.pairs, indices))

    def targets_of(self, indices: Tensor) -> Tensor:
        """The targets of some rows, ``(...)`` → ``(..., output)``."""
        return _selected(self.targets, indices)

    def chunks(self, networks: int) -> Iterator[tuple[Activations, Logits]]:
        """All rows in their order, some at a time, for so many networks.

        Yields:
            ``(network, row, input)`` and ``(network, row, output)``; all networks share one memory.
        """
        for indices in torch.arange(len(self), device=self.targets.device).split(ROWS_AT_ONCE):
            rows, targets = self.rows(indices), self.targets_of(indices)
            yield rows.expand(networks, -1, -1), targets.expand(networks, -1, -1)


@dataclass(frozen=True)
class ExampleSets:
    """What a batch learns from, is judged by, and is reported on.

    Units are ranked by the training set. Validation decides which epoch is the best and whether an attempt is accepted;
    test, where there is one, decides nothing.
    """

    training: Examples
    validation: Examples
    test: Examples | None = None

    @classmethod
    def of(cls, task: Task) -> "ExampleSets":
        """Turn a task's examples into tensors. Sets of the same rows stay one; sets of the same images share pixels."""

        def pixels_of(images: Images) -> Pixels:
            pixels = torch.from_numpy(images.images.reshape(len(images), -1))
            return Pixels(pixels, pixels, images.largest)

        def tensors_of(examples: tasks.Examples) -> Examples:
            targets = torch.from_numpy(examples.targets)
            if not isinstance(examples, PairedImages):
                return Examples(targets, Matrix(torch.from_numpy(examples.inputs)))
            sides = torch.from_numpy(examples.pairs.left), torch.from_numpy(examples.pairs.right)
            return Examples(targets, pixels(examples.images), torch.stack(sides, dim=1))

        pixels, tensors = _once(pixels_of), _once(tensors_of)
        return cls(tensors(task.training), tensors(task.validation), None if task.test is None else tensors(task.test))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each set."""
        return tuple(len(each) for each in (self.training, self.validation, self.test) if each is not None)

    def only(self, inputs: Tensor) -> "ExampleSets":
        """The same rows with some of their inputs, given by their indices in ascending order."""
        source = _once(lambda source: source.only(inputs))
        return self._map(lambda examples: replace(examples, source=source(examples.source)))

    def to(self, device: torch.device) -> "ExampleSets":
        """Move the examples to a device."""
        source = _once(lambda source: source.to(device))

        def moved(examples: Examples) -> Examples:
            pairs = None if examples.pairs is None else examples.pairs.to(device)
            return Examples(examples.targets.to(device), source(examples.source), pairs)

        return self._map(moved)

    def _map(self, change: Callable[[Examples], Examples]) -> "ExampleSets":
        changed = _once(change)
        test = None if self.test is None else changed(self.test)
        return ExampleSets(changed(self.training), changed(self.validation), test)


def _once(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Call a function once for each object: sets that share an object share the result."""
    known: dict[int, tuple[Any, Any]] = {}

    def called(value: Any) -> Any:
        if id(value) not in known:
            known[id(value)] = value, function(value)  # with the object, so that its id stays its own
        return known[id(value)][1]

    return called


def _selected(table: Tensor, indices: Tensor) -> Tensor:
    """Rows of a table, ``(..., column)``; much faster than indexing it."""
    selected = table.index_select(0, indices.flatten())
    return selected.view(*indices.shape, *table.shape[1:])
