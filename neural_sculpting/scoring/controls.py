"""Random masks, ``(fan_in, fan_out)`` for each weight layer: what analysis and scoring find in them is chance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def scattered_masks(masks: Sequence[NDArray[np.bool_]], generator: np.random.Generator) -> list[NDArray[np.bool_]]:
    """Draw masks with as many edges as the given ones, anywhere in the network."""
    ends = np.cumsum([mask.size for mask in masks])[:-1]
    edges = generator.permutation(np.concatenate([mask.ravel() for mask in masks]))
    return [layer.reshape(mask.shape) for layer, mask in zip(np.split(edges, ends), masks, strict=True)]


def shuffled_masks(masks: Sequence[NDArray[np.bool_]], generator: np.random.Generator) -> list[NDArray[np.bool_]]:
    """Draw masks with as many edges in each layer as the given ones, between the units that these use.

    Sizes and densities of all layers are those of the sculpted network; only the connections are random.
    """
    shuffled = []
    for mask in masks:
        random = np.zeros_like(mask)
        used = np.ix_(mask.any(axis=1), mask.any(axis=0))
        block = mask[used]
        random[used] = generator.permutation(block.ravel()).reshape(block.shape)
        shuffled.append(random)
    return shuffled
