"""Random masks like those of large sculpted networks of two images side by side: few units with few edges each."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]


def sculpted_masks(layers: Sequence[int], live: Sequence[int], edges: int, seed: int = 0) -> list[BoolArray]:
    """Draw masks in which each half of the inputs has its own units up to the last hidden layer, which joins them.

    Every live unit has an edge on both sides, so that condensing leaves exactly the live ones.

    Args:
        layers: the units of every layer, inputs and outputs included.
        live: the number of units kept, even for all layers but the last, which stays whole.
        edges: the approximate number of edges; more where the live units need more, fewer where they allow fewer.
        seed: of the draw.

    Returns:
        One boolean array ``(fan_in, fan_out)`` for each weight layer.
    """
    generator = np.random.default_rng(seed)
    kept = [_drawn(generator, width, count) for width, count in zip(layers, live, strict=True)]
    pairs = [lower.size * upper.size for lower, upper in pairwise(kept)]
    masks = [np.zeros(shape, dtype=np.bool_) for shape in pairwise(layers)]
    for layer, mask in enumerate(masks):
        lower, upper = kept[layer : layer + 2]
        allowed = np.ones((lower.size, upper.size), dtype=np.bool_)
        if layer < len(masks) - 2:
            allowed = (lower < layers[layer] / 2)[:, None] == (upper < layers[layer + 1] / 2)
        share = edges * pairs[layer] / sum(pairs) / np.count_nonzero(allowed)
        mask[np.ix_(lower, upper)] = _connected(generator, allowed, share)
    return masks


def _drawn(generator: np.random.Generator, width: int, count: int) -> NDArray[np.int64]:
    """Draw as many units of the first half of a layer as of the second, in ascending order."""
    if count == width:
        return np.arange(width)
    halves = [generator.choice(width // 2, count // 2, replace=False) + start for start in (0, width // 2)]
    return np.sort(np.concatenate(halves))


def _connected(generator: np.random.Generator, allowed: BoolArray, share: float) -> BoolArray:
    """Draw a share of the allowed edges, and one more wherever a unit has none."""
    drawn = allowed & (generator.random(allowed.shape) < share)
    for source in np.flatnonzero(~drawn.any(axis=1)):
        drawn[source, generator.choice(np.flatnonzero(allowed[source]))] = True
    for target in np.flatnonzero(~drawn.any(axis=0)):
        drawn[generator.choice(np.flatnonzero(allowed[:, target])), target] = True
    return drawn
