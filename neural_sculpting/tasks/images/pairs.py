"""Pairs of images, drawn by a seed within three disjoint sets of images, and their targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images.sources import Images

Value = TypeVar("Value")
Indices = NDArray[np.int64]
"""Indices of images, shape (images,)."""

XOR_CLASSES = 8
"""The classes whose labels fit in three bits."""

STREAM_KEY = 0x696D6167
"""The first word of every key here ("imag"): it separates the draws from all others of the package."""

PURPOSES = ("split", "training", "validation", "test")
"""What randomness is used for. The position is part of the key: append, never reorder."""


class Sets(NamedTuple, Generic[Value]):
    """One value for each of the three sets.

    Attributes:
        training: what networks learn from.
        validation: what decides whether a pruned network is accepted.
        test: what is reported and decides nothing.
    """

    training: Value
    validation: Value
    test: Value


SHARES = Sets(training=0.6, validation=0.2, test=0.2)
"""How the images of each class are divided. A test set of the source is kept, and the other images are divided into
training and validation in the same proportion, 3 to 1."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of images side by side: the indices of the image on the left and of the one on the right, shape (rows,)."""

    left: Indices
    right: Indices

    def __len__(self) -> int:
        return len(self.left)


def draw_pairs(images: Images, classes: int, per_pair: Sets[int], seed: int) -> Sets[Pairs]:
    """Split the images, then draw pairs within each set, equally many for each ordered pair of classes.

    No image is in two sets. Left and right are drawn independently: an image appears in many pairs, rarely beside
    itself. No pair is drawn twice while there are enough different ones; otherwise all are drawn equally often, up to
    one. The draws for two classes depend only on their images, the counts and the seed: the pairs of classes 0 to 7
    are the same whether 8 or 10 classes are drawn.

    Args:
        images: the images of all classes.
        classes: those with the labels 0 to ``classes - 1`` are paired.
        per_pair: the number for each ordered pair of classes. Patil et al. 2023 have 800 to train and 200 to test.
        seed: determines the split and the draws.

    Returns:
        For each set ``classes² * per_pair`` pairs, sorted by the left class, then by the right class.

    Example:
        >>> from neural_sculpting.tasks.images.sources import load_images
        >>> len(draw_pairs(load_images("digits"), classes=10, per_pair=Sets(80, 20, 20), seed=0).training)
        8000
    """
    sets = zip(Sets._fields, split_images(images, classes, seed), per_pair, strict=True)
    return Sets(*(_draw_set(name, by_class, count, seed) for name, by_class, count in sets))


def split_images(images: Images, classes: int, seed: int) -> Sets[tuple[Indices, ...]]:
    """Split the images of each class at random by ``SHARES``; every set gets at least one image of each class.

    The split of a class does not depend on the other classes. ``split.training[3]`` are the indices of the training
    images of class 3.
    """
    return Sets(*zip(*(_split_class(images, label, seed) for label in range(classes)), strict=True))


def pair_targets(images: Images, pairs: Pairs, classes: int) -> NDArray[np.float32]:
    """Return the class on the left, then the class on the right, one-hot: shape (rows, 2 * classes), 0 or 1."""
    one_hot = np.eye(classes, dtype=np.float32)
    return np.hstack([one_hot[images.labels[pairs.left]], one_hot[images.labels[pairs.right]]])


def xor_targets(images: Images, pairs: Pairs) -> NDArray[np.float32]:
    """Return the exclusive or of both labels, which are 0 to 7: shape (rows, 3), the most significant bit first."""
    labels = images.labels[pairs.left] ^ images.labels[pairs.right]
    return np.asarray(labels[:, None] >> np.array([2, 1, 0]) & 1, dtype=np.float32)


def stream(seed: int, purpose: str, *classes: int) -> np.random.Generator:
    """Return the random stream of a seed for a purpose and the classes it concerns."""
    key = (STREAM_KEY, PURPOSES.index(purpose), *classes)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _split_class(images: Images, label: int, seed: int) -> Sets[Indices]:
    whose = f"{images.source}: class {label}"
    indices = stream(seed, "split", label).permutation(np.flatnonzero(images.labels == label))
    if images.own_test is None:
        _check_enough(indices, 3, whose, "", "for training, validation and test")
        return Sets(*_cut(indices, SHARES))
    in_test = images.own_test[indices]
    own_test, others = indices[in_test], indices[~in_test]
    _check_enough(own_test, 1, whose, " in the source's own test set", "for test")
    _check_enough(others, 2, whose, " outside the source's own test set", "for training and validation")
    training, validation = _cut(others, SHARES[:2])
    return Sets(training, validation, own_test)


def _check_enough(indices: Indices, least: int, whose: str, where: str, purpose: str) -> None:
    if len(indices) < least:
        found = f"{len(indices)} image{'s' * (len(indices) != 1)}{where}"
        raise UserError(f"{whose} has {found}; must have at least {least}, {purpose}")


def _cut(indices: Indices, shares: Sequence[float]) -> list[Indices]:
    """Cut into parts of these relative sizes, rounded, with at least one index each."""
    ends: list[int] = []
    for part in range(1, len(shares)):
        wanted = round(len(indices) * sum(shares[:part]) / sum(shares))
        least, most = (ends[-1] if ends else 0) + 1, len(indices) - (len(shares) - part)
        ends.append(min(max(wanted, least), most))
    return np.split(indices, ends)


def _draw_set(name: str, by_class: Sequence[Indices], count: int, seed: int) -> Pairs:
    """Draw from all pairs of images of two classes without replacement; once all are drawn, start again."""
    lefts, rights = [], []
    for (label, left), (other, right) in product(enumerate(by_class), repeat=2):
        different = len(left) * len(right)
        times, rest = divmod(count, different)
        drawn = stream(seed, name, label, other).choice(different, rest, replace=False)
        drawn = np.concatenate([np.tile(np.arange(different), times), drawn])
        lefts.append(left[drawn // len(right)])
        rights.append(right[drawn % len(right)])
    return Pairs(np.concatenate(lefts), np.concatenate(rights))
