"""The examples of a task as networks read them: on their device, composed when they are needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from neural_sculpting import tasks
from neural_sculpting.networks.layout import Activations, Inputs, Logits, Targets
from neural_sculpting.tasks import PairedImages, Task
from neural_sculpting.tasks.images.sources import Images

ROWS_AT_ONCE = 1024
"""Rows that are evaluated at once. A constant: the rounding of sums of losses depends on it."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """Inputs of all rows, ``(row, input)``."""

    values: Inputs

    @property
    def n_inputs(self) -> int:
        """Inputs of a row."""
        return self.values.shape[1]

    def rows(self, indices: Tensor) -> Tensor:
        """Select rows, ``(...)`` → ``(..., input)``."""
        return _select(self.values, indices)

    def only(self, inputs: Tensor) -> "Matrix":
        """Keep some inputs of each row."""
        return Matrix(self.values[:, inputs])

    def to(self, device: torch.device) -> "Matrix":
        """Move the values to a device."""
        return Matrix(self.values.to(device))


@dataclass(frozen=True, eq=False)
class Pixels:
    """The pixels of all images, as bytes, of which ``largest`` becomes 1; a row shows two images side by side.

    ``left`` and ``right`` are ``(image, pixel)``, the pixels that are read on each side: the same tensor where all are.
    """

    left: Tensor
    right: Tensor
    largest: int

    @property
    def n_inputs(self) -> int:
        """Pixels of a row."""
        return self.left.shape[1] + self.right.shape[1]

    def rows(self, pairs: Tensor) -> Tensor:
        """Compose pairs of image indices, ``(..., 2)`` → ``(..., pixel)``, from 0 to 1."""
        sides = [_select(self.left, pairs[..., 0]), _select(self.right, pairs[..., 1])]
        return torch.cat(sides, dim=-1).float().div_(self.largest)

    def only(self, inputs: Tensor) -> "Pixels":
        """Keep some pixels of each pair."""
        pixels = self.left.shape[1]
        left, right = inputs[inputs < pixels], inputs[inputs >= pixels] - pixels
        return Pixels(self.left[:, left], self.right[:, right], self.largest)

    def to(self, device: torch.device) -> "Pixels":
        """Move the images to a device."""
        left = self.left.to(device)
        return Pixels(left, left if self.right is self.left else self.right.to(device), self.largest)


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs and targets of some rows, ``(row, output)``; several sets may share a source.

    ``pairs``, ``(row, 2)``, are the image indices of each row; None where the source is a :class:`Matrix`.
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
        """Select the inputs of rows, ``(...)`` → ``(..., input)``."""
        return self.source.rows(indices if self.pairs is None else _select(self.pairs, indices))

    def targets_of(self, indices: Tensor) -> Tensor:
        """Select the targets of rows, ``(...)`` → ``(..., output)``."""
        return _select(self.targets, indices)

    def chunks(self, networks: int) -> Iterator[tuple[Activations, Logits]]:
        """Yield inputs and targets of all rows in order, some rows at a time, as views repeated for each network."""
        for indices in torch.arange(len(self), device=self.targets.device).split(ROWS_AT_ONCE):
            rows, targets = self.rows(indices), self.targets_of(indices)
            yield rows.expand(networks, -1, -1), targets.expand(networks, -1, -1)


@dataclass(frozen=True)
class ExampleSets:
    """Training, validation and test sets of a batch.

    Units are ranked on the training set. Validation decides which epoch is the best and whether an attempt is accepted.
    The test set, if any, decides nothing.
    """

    training: Examples
    validation: Examples
    test: Examples | None = None

    @classmethod
    def of(cls, task: Task) -> "ExampleSets":
        """Turn a task's examples into tensors. Sets of the same rows stay one; sets of the same images share pixels."""

        @cache
        def pixels(images: Images) -> Pixels:
            values = torch.from_numpy(images.images.reshape(len(images), -1))
            return Pixels(values, values, images.largest)

        @cache
        def tensors(examples: tasks.Examples) -> Examples:
            targets = torch.from_numpy(examples.targets)
            if not isinstance(examples, PairedImages):
                return Examples(targets, Matrix(torch.from_numpy(examples.inputs)))
            sides = torch.from_numpy(examples.pairs.left), torch.from_numpy(examples.pairs.right)
            return Examples(targets, pixels(examples.images), torch.stack(sides, dim=1))

        return cls(tensors(task.training), tensors(task.validation), None if task.test is None else tensors(task.test))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows of each set."""
        return tuple(len(each) for each in (self.training, self.validation, self.test) if each is not None)

    def only(self, inputs: Tensor) -> "ExampleSets":
        """Keep some inputs of each row, given by their indices in ascending order."""
        only = cache(lambda source: source.only(inputs))
        return self._map(lambda examples: replace(examples, source=only(examples.source)))

    def to(self, device: torch.device) -> "ExampleSets":
        """Move the examples to a device."""
        source = cache(lambda source: source.to(device))

        def moved(examples: Examples) -> Examples:
            pairs = None if examples.pairs is None else examples.pairs.to(device)
            return Examples(examples.targets.to(device), source(examples.source), pairs)

        return self._map(moved)

    def _map(self, change: Callable[[Examples], Examples]) -> "ExampleSets":
        """Change each set; sets that are the same object stay the same object."""
        changed = cache(change)
        test = None if self.test is None else changed(self.test)
        return ExampleSets(changed(self.training), changed(self.validation), test)


def _select(table: Tensor, indices: Tensor) -> Tensor:
    """Rows of a table, ``(..., column)``; much faster than indexing it."""
    selected = table.index_select(0, indices.flatten())
    return selected.view(*indices.shape, *table.shape[1:])
