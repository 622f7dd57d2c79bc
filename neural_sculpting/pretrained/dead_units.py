"""Hidden units that pruning has cut off: what they still add becomes part of biases, and their edges go."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Weights = list[NDArray[np.float32]]
BoolMasks = list[NDArray[np.bool_]]


def without_dead_units(
    weights: Sequence[NDArray[np.float32]],
    biases: Sequence[NDArray[np.float32]],
    masks: Sequence[NDArray[np.bool_]],
) -> tuple[Weights, Weights, BoolMasks]:
    """Clear away hidden units that have edges on one side only; the network computes the same.

    A hidden unit without incoming edges is a constant, which is added to the biases of the units that it leads to. A
    hidden unit without outgoing edges adds nothing. Sculpting knows neither: there a unit has edges on both sides, or
    it is pruned and has no bias.

    Args:
        weights: ``(fan_in, fan_out)`` of each layer, zero where pruned.
        biases: ``(fan_out,)`` of each layer.
        masks: as the weights.

    Returns:
        The new weights, biases and masks; the arguments are not changed.
    """
    new_weights, new_biases = ([array.copy() for array in each] for each in (weights, biases))
    new_masks = [mask.copy() for mask in masks]
    last = len(new_masks) - 1
    for layer in range(last):
        constant = ~new_masks[layer].any(axis=0)
        values = np.maximum(new_biases[layer][constant], 0)
        new_biases[layer + 1] += values @ new_weights[layer + 1][constant]
        new_masks[layer + 1][constant] = False
        new_biases[layer][constant] = 0
    for layer in reversed(range(last)):
        unused = ~new_masks[layer + 1].any(axis=1)
        new_masks[layer][:, unused] = False
        new_biases[layer][unused] = 0
    for weight, mask in zip(new_weights, new_masks, strict=True):
        weight[~mask] = 0
    return new_weights, new_biases, new_masks
