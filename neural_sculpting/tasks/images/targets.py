"""What a network should answer to a pair of images."""

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images.pairs import Pairs
from neural_sculpting.tasks.images.sources import Images

XOR_CLASSES = 8
"""The classes whose labels three bits can write."""


def pair_targets(images: Images, pairs: Pairs, classes: int) -> NDArray[np.float32]:
    """Both classes, one-hot.

    Args:
        images: the images that the pairs refer to.
        pairs: shape (rows,) on each side.
        classes: the number of classes.

    Returns:
        Shape (rows, 2 * classes), 0 or 1: the class on the left, then the class on the right.

    Raises:
        UserError: if an image has a label outside the classes.
    """
    left, right = _labels(images, pairs, classes)
    one_hot = np.eye(classes, dtype=np.float32)
    return np.hstack([one_hot[left], one_hot[right]])


def xor_targets(images: Images, pairs: Pairs) -> NDArray[np.float32]:
    """The exclusive or of both labels, which are 0 to 7, bit by bit.

    Args:
        images: the images that the pairs refer to.
        pairs: shape (rows,) on each side.

    Returns:
        Shape (rows, 3), 0 or 1: the three bits, the most significant first.

    Raises:
        UserError: if an image has a label above 7.
    """
    left, right = _labels(images, pairs, XOR_CLASSES)
    bits = (left ^ right)[:, None] >> np.array([2, 1, 0]) & 1
    return np.asarray(bits, dtype=np.float32)


def _labels(images: Images, pairs: Pairs, classes: int) -> NDArray[np.int64]:
    """Return the labels on both sides, shape (2, rows)."""
    labels: NDArray[np.int64] = images.labels[np.stack([pairs.left, pairs.right])]
    if labels.max() >= classes:
        raise UserError(f"{images.source}: a pair has class {labels.max()}; must be from 0 to {classes - 1}")
    return labels
