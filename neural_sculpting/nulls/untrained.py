"""Networks that were pruned and never trained."""

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.networks.architecture import Architecture, split_edges
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.streams import start_parameters

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]


def untrained(architecture: Architecture, edges: BoolArray, seed: int) -> PackedNetworks:
    """Prune the initial network of a seed by magnitude, to as many edges in each weight matrix as are left in another.

    Args:
        architecture: of both.
        edges: that are left in the sculpted network, ``(edge,)``.
        seed: that the network was drawn from, as that of the trial was before it was trained.

    Returns:
        The network, alone. Biases are zero.
    """
    initial = start_parameters([seed], architecture)[0].numpy()
    drawn = split_edges(initial[: architecture.edges], architecture)
    pairs = zip(drawn, split_edges(edges, architecture), strict=True)
    kept = np.concatenate([_largest(weights, int(mask.sum())).ravel() for weights, mask in pairs])
    values = initial[architecture.kept_parameters(kept[None])[0]]
    return PackedNetworks(architecture, np.packbits(kept)[None], values, np.array([len(values)]))


def _largest(weights: FloatArray, count: int) -> BoolArray:
    mask = np.zeros(weights.size, dtype=np.bool_)
    mask[np.argsort(-np.abs(weights), axis=None, kind="stable")[:count]] = True
    return mask.reshape(weights.shape)
