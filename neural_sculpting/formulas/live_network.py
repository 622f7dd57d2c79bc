"""The part of a sculpted network that carries anything from its inputs to its outputs."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from neural_sculpting.analysis import condense
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.networks.packed import PackedNetworks

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LiveNetwork:
    """A network without its dead units, in double precision.

    The outputs are those of the whole network, to rounding: units that no input reaches are constant and have become
    part of the biases.

    Attributes:
        kept: for each layer of units of the whole network ``(units,)``, True for those that are left: the inputs that
            some output sees, hidden units on a path from an input to an output, and all outputs.
        masks: the edges that are left, ``(fan_in, fan_out)`` for each weight layer, over the units that are left.
        weights: likewise; zero where there is no edge.
        biases: ``(fan_out,)`` for each weight layer.
    """

    kept: tuple[BoolArray, ...]
    masks: tuple[BoolArray, ...]
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]

    @property
    def inputs(self) -> tuple[int, ...]:
        """The indices of the task's inputs that are left, in rising order."""
        return tuple(self.kept[0].nonzero()[0].tolist())

    def step(self, layer: int, values: FloatArray) -> FloatArray:
        """Compute the activations ``(row, unit)`` of the next layer from those of ``layer``; of the last the logits."""
        result = values @ self.weights[layer] + self.biases[layer]
        return result if layer == len(self.weights) - 1 else np.maximum(result, 0.0)


def live_network(packed: PackedNetworks, network: int) -> LiveNetwork:
    """Leave out what carries nothing from an input to an output of one of some networks.

    Raises:
        ValueError: if only the masks of the network are kept.
    """
    masks = packed.masks_of(network)
    kept = condense(masks)
    rows = torch.from_numpy(packed.parameters_of(network)).double()[None]
    weights, biases = ([part[0].numpy() for part in parts] for parts in packed.layout.split(rows))
    reached = np.ones(len(kept[0]), dtype=np.bool_)
    constant = np.zeros(len(kept[0]))  # the activations of units that no input reaches
    live_masks, live_weights, live_biases = [], [], []
    for layer, (mask, weight, [bias]) in enumerate(zip(masks, weights, biases, strict=True)):
        whole_bias = bias + constant @ weight
        left = np.ix_(kept[layer], kept[layer + 1])
        live_masks.append(mask[left])
        live_weights.append(weight[left])
        live_biases.append(whole_bias[kept[layer + 1]])
        reached = np.any(mask[reached], axis=0)
        constant = np.where(reached, 0.0, np.maximum(whole_bias, 0.0))
    return LiveNetwork(kept, tuple(live_masks), tuple(live_weights), tuple(live_biases))
