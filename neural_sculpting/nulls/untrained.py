"""Networks that were pruned and never trained."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.networks.architecture import split_edges
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.streams import start_parameters

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]


def untrained(masks: Sequence[BoolArray], seed: int) -> tuple[list[BoolArray], list[FloatArray]]:
    """Prune the initial network of a seed by magnitude, to as many edges in each layer as some masks have.

    Args:
        masks: of the sculpted network, ``(fan_in, fan_out)`` for each weight layer.
        seed: that the network was drawn from, as that of the trial was before it was trained.

    Returns:
        Masks and weights, zero where pruned, of the same shapes. Biases are zero.
    """
    layout = Layout((*map(len, masks), masks[-1].shape[1]))
    drawn = split_edges(start_parameters([seed], layout)[0, : layout.edges].numpy(), layout)
    kept = [_largest(weights, int(mask.sum())) for weights, mask in zip(drawn, masks, strict=True)]
    return kept, [weights * mask for weights, mask in zip(drawn, kept, strict=True)]


def _largest(weights: FloatArray, count: int) -> BoolArray:
    mask = np.zeros(weights.size, dtype=np.bool_)
    mask[np.argsort(-np.abs(weights), axis=None, kind="stable")[:count]] = True
    return mask.reshape(weights.shape)
