"""Three sets of images that share none."""

import math
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images.sources import Images
from neural_sculpting.tasks.images.streams import stream

Value = TypeVar("Value")
Numbers = NDArray[np.int64]
"""Numbers of images, shape (images,)."""


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


def split_images(images: Images, classes: int, shares: Sets[float], seed: int) -> Sets[tuple[Numbers, ...]]:
    """Split the images of each class at random.

    Where the source has a test set of its own, that is the test set, and the other images are split into training
    and validation. What one class gets depends neither on the other classes nor on how many are asked for.

    Args:
        images: the images of all classes.
        classes: how many classes to split: those with the labels 0 to ``classes - 1``.
        shares: the sizes of the sets relative to each other. Every set gets at least one image of each class.
        seed: of the split.

    Returns:
        For each set and class the numbers of its images: ``split.training[3]`` are the training images of class 3.

    Raises:
        UserError: if a share is not above 0, or a class has too few images.
    """
    if classes < 1:
        raise UserError(f"classes={classes}: must be at least 1")
    for name, share in zip(Sets._fields, shares, strict=True):
        if not 0 < share < math.inf:
            raise UserError(f"shares.{name}={share}: must be above 0")
    split = [_split_class(images, label, shares, seed) for label in range(classes)]
    return Sets(*(tuple(numbers) for numbers in zip(*split, strict=True)))


def _split_class(images: Images, label: int, shares: Sets[float], seed: int) -> Sets[Numbers]:
    whose = f"{images.source}: class {label}"
    numbers = stream(seed, "split", label).permutation(np.flatnonzero(images.labels == label))
    if images.own_test is None:
        _check_enough(numbers, 3, whose, "", "for training, validation and test")
        return Sets(*_cut(numbers, shares))
    in_test = images.own_test[numbers]
    own_test, others = numbers[in_test], numbers[~in_test]
    _check_enough(own_test, 1, whose, " in the source's own test set", "for test")
    _check_enough(others, 2, whose, " outside the source's own test set", "for training and validation")
    training, validation = _cut(others, shares[:2])
    return Sets(training, validation, own_test)


def _check_enough(numbers: Numbers, least: int, whose: str, where: str, purpose: str) -> None:
    if len(numbers) < least:
        found = f"{len(numbers)} image{'s' * (len(numbers) != 1)}{where}"
        raise UserError(f"{whose} has {found}; must have at least {least}, {purpose}")


def _cut(numbers: Numbers, shares: Sequence[float]) -> list[Numbers]:
    """Cut into parts of these relative sizes, rounded, and of one number at least."""
    ends: list[int] = []
    for part in range(1, len(shares)):
        wanted = round(len(numbers) * sum(shares[:part]) / sum(shares))
        least, most = (ends[-1] if ends else 0) + 1, len(numbers) - (len(shares) - part)
        ends.append(min(max(wanted, least), most))
    return np.split(numbers, ends)
