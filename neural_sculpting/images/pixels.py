"""Pixels that tell nothing."""

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.images.pairs import Pairs
from neural_sculpting.images.sources import Images
from neural_sculpting.images.splits import Numbers


def constant_pixels(images: Images, pairs: Pairs) -> NDArray[np.bool_]:
    """Find the inputs that are the same in all pairs, such as the background at the edges.

    Args:
        images: the images that the pairs refer to.
        pairs: the training pairs.

    Returns:
        Shape (2 * pixels,), true where constant: the pixels of the left image row by row, then of the right one.
    """
    return np.concatenate([_constant(images, pairs.left), _constant(images, pairs.right)])


def _constant(images: Images, numbers: Numbers) -> NDArray[np.bool_]:
    used = images.images[np.unique(numbers)].reshape(-1, images.n_pixels)
    return np.asarray(np.all(used == used[0], axis=0), dtype=np.bool_)
