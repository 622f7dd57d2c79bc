"""Where units are in their layer, for penalties on weights between units that are apart."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.methods.other_training import Training
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.matrices import Ends, MatrixArchitecture


def places_of(training: Training) -> list[tuple[Tensor, Tensor]]:
    """Spread the units of each layer evenly from 0 to 1.

    The order of inputs and of outputs is drawn from the seed of the network: that of a task may be by sub-function,
    which would be the answer. Weights that share a unit share its place, such as those of a channel.

    Returns:
        For each weight matrix the places of its rows and columns, ``(network, fan_in, 1)`` and ``(network, 1,
        fan_out)``; NaN where they are no units, such as distances between tokens.
    """
    layout, found = training.layout, []
    last = len(layout.shapes) - 1
    for number, (shape, sides) in enumerate(zip(layout.shapes, _units(layout), strict=True)):
        of_sides = []
        for axis, (size, (each, is_hidden)) in enumerate(zip(shape, sides, strict=True)):
            places = np.full((len(training.seeds), size), np.nan)
            if is_hidden or number == (0, last)[axis]:
                order = [_order(size // each, axis, None if is_hidden else seed) for seed in training.seeds]
                places = np.repeat((np.stack(order) + 0.5) / (size // each), each, axis=1)
            of_sides.append(torch.from_numpy(places.astype(np.float32)).unsqueeze(2 - axis))
        found.append((of_sides[0], of_sides[1]))
    return found


def _order(size: int, axis: int, seed: int | None) -> NDArray[np.int64]:
    return np.arange(size) if seed is None else np.random.default_rng([seed, axis]).permutation(size)


def _units(layout: Architecture) -> list[tuple[tuple[int, bool], tuple[int, bool]]]:
    """How many rows and columns of each matrix belong to a unit, the smallest if to several, and if it is hidden."""
    if isinstance(layout, MatrixArchitecture):
        return [(_unit(each.sources, each.block[0]), _unit(each.targets, each.block[1])) for each in layout.weights]
    last = len(layout.shapes) - 1
    return [((1, number > 0), (1, number < last)) for number in range(last + 1)]


def _unit(ends: Ends, block: int) -> tuple[int, bool]:
    return (min(each for _, each in ends), True) if ends else (block, False)
