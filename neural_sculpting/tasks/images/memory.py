"""The memory that a task of paired images takes."""

from dataclasses import dataclass

import numpy as np

from neural_sculpting.tasks.images.pairs import Pairs
from neural_sculpting.tasks.images.sources import Images
from neural_sculpting.tasks.images.splits import Sets

SINGLE = np.dtype(np.float32).itemsize
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Memory:
    """Bytes of a task of paired images.

    Attributes:
        images: all images, one byte for each pixel, with their labels and the split they came with.
        pairs: the numbers of the images of all pairs.
        targets: the targets of all pairs, as float32.
        composed: what all pairs would take as pictures in float32. They are never held: this is for comparison.
    """

    images: int
    pairs: int
    targets: int
    composed: int

    @property
    def held(self) -> int:
        """Bytes that are held for as long as the task is at hand."""
        return self.images + self.pairs + self.targets

    def __str__(self) -> str:
        held, *parts, composed = (
            f"{size / MEGABYTE:,.1f} MB" for size in (self.held, self.images, self.pairs, self.targets, self.composed)
        )
        named = " + ".join(f"{size} {name}" for size, name in zip(parts, ("images", "pairs", "targets"), strict=True))
        return f"{held} held ({named}); composed pairs would take {composed}"


def memory_of(images: Images, pairs: Sets[Pairs], n_outputs: int) -> Memory:
    """State the memory of a task.

    Args:
        images: the images that the pairs refer to.
        pairs: the pairs of all three sets.
        n_outputs: the number of targets of each pair.
    """
    rows = sum(map(len, pairs))
    arrays = (images.images, images.labels, images.own_test)
    return Memory(
        images=sum(array.nbytes for array in arrays if array is not None),
        pairs=sum(part.left.nbytes + part.right.nbytes for part in pairs),
        targets=rows * n_outputs * SINGLE,
        composed=rows * 2 * images.n_pixels * SINGLE,
    )
