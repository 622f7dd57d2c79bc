"""Examples of a task: rows of numbers, or pairs of images."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.images.pairs import Pairs, Sets
from neural_sculpting.tasks.images.sources import Images


@dataclass(frozen=True, eq=False)
class Table:
    """Examples as arrays.

    Attributes:
        inputs: shape (rows, n_inputs).
        targets: shape (rows, n_outputs), 0 or 1; any numbers in a regression.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def n_inputs(self) -> int:
        """The number of inputs of a row."""
        return int(self.inputs.shape[1])


@dataclass(frozen=True, eq=False)
class PairedImages:
    """Examples of two images side by side, their pixels scaled to [0, 1], which are composed when they are needed.

    Attributes:
        images: the images that the pairs refer to.
        pairs: one for each row.
        targets: shape (rows, n_outputs), 0 or 1.
    """

    images: Images
    pairs: Pairs
    targets: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def n_inputs(self) -> int:
        """The pixels of both images: those of the left one row by row, then those of the right one."""
        return 2 * self.images.n_pixels


Examples = Table | PairedImages


def divided(rows: Table) -> Sets[Table]:
    """Divide rows in random order: three quarters to learn from, half of the rest to validate, half to test."""
    ends = len(rows) * 3 // 4, len(rows) * 7 // 8
    return Sets(*map(Table, np.split(rows.inputs, ends), np.split(rows.targets, ends)))


def arrays_of(examples: Examples) -> list[NDArray[Any]]:
    """Return everything that examples consist of."""
    if isinstance(examples, Table):
        return [examples.inputs, examples.targets]
    return [examples.images.images, examples.pairs.left, examples.pairs.right, examples.targets]
