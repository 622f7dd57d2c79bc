"""Pairs of images, drawn by a seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images.sources import Images
from neural_sculpting.tasks.images.splits import Numbers, Sets, split_images
from neural_sculpting.tasks.images.streams import stream

KEYS = Sets("task.per_pair", "task.validation_per_pair", "task.test_per_pair")
"""Where the configuration says how many pairs of classes each set gets."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of images side by side, as numbers of images.

    Attributes:
        left: shape (rows,), the number of the image on the left.
        right: shape (rows,), the number of the image on the right.
    """

    left: Numbers
    right: Numbers

    def __len__(self) -> int:
        return len(self.left)


def draw_pairs(images: Images, classes: int, per_pair: Sets[int], shares: Sets[float], seed: int) -> Sets[Pairs]:
    """Split the images, then draw pairs within each set: as many for each ordered pair of classes.

    No image is in two sets. Left and right are drawn independently: an image stands in many pairs, rarely beside
    itself. No pair is drawn twice while there are enough different ones; else all are drawn equally often, up to one.
    What is drawn for two classes depends on nothing but their images, the numbers asked for, and the seed: the
    pairs of classes 0 to 7 are the same whether 8 or 10 classes are drawn.

    Args:
        images: the images of all classes.
        classes: how many classes to pair: those with the labels 0 to ``classes - 1``.
        per_pair: how many pairs of images for each ordered pair of classes, at least 1. Patil et al. 2023 have 800 to
            train and 200 to test.
        shares: the sizes of the sets of images relative to each other, as in :func:`split_images`.
        seed: of the split and the draws.

    Returns:
        For each set ``classes² * per_pair`` pairs, in the order of the left class, then of the right class.

    Raises:
        UserError: as :func:`split_images`, and if a number of pairs is below 1.
    """
    for key, count in zip(KEYS, per_pair, strict=True):
        if count < 1:
            raise UserError(f"{key}={count}: must be at least 1")
    split = split_images(images, classes, shares, seed)
    sets = zip(Sets._fields, split, per_pair, strict=True)
    return Sets(*(_draw_set(name, by_class, count, seed) for name, by_class, count in sets))


def _draw_set(name: str, by_class: Sequence[Numbers], count: int, seed: int) -> Pairs:
    pairs = [
        _draw(stream(seed, name, left, right), by_class[left], by_class[right], count)
        for left, right in product(range(len(by_class)), repeat=2)
    ]
    return Pairs(np.concatenate([pair.left for pair in pairs]), np.concatenate([pair.right for pair in pairs]))


def _draw(generator: np.random.Generator, left: Numbers, right: Numbers, count: int) -> Pairs:
    """Draw from all pairs without putting back; where all are drawn, start anew."""
    different = len(left) * len(right)
    times, rest = divmod(count, different)
    all_of_them = np.arange(times * different) % different
    drawn = np.concatenate([all_of_them, generator.choice(different, rest, replace=False)])
    return Pairs(left[drawn // len(right)], right[drawn % len(right)])
