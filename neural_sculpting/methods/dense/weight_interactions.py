"""Inputs whose large weights meet in hidden units from which large weights lead to an output."""

from functools import reduce

import numpy as np

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_interactions
from neural_sculpting.methods.networks import DenseNetwork

GRID = tuple({"share": each} for each in (0.4, 0.5, 0.65, 0.8))


def weight_interactions(network: DenseNetwork, *, share: float = 0.5) -> Reading:
    """Read inputs as one module that interact by the weights of the network alone.

    The interaction of two inputs for an output is the sum over units of the first hidden stage of the smaller of their
    two weights there, times the influence of the unit on the output: the product of the sizes of all matrices above.

    Source: Tsang, Cheng & Liu 2018, "Detecting statistical interactions from neural network weights"; here for each
    output by itself, and for pairs alone.

    Args:
        network: the network.
        share: of the largest interaction for an output, below which there is none; likewise of the largest influence
            of an input.
    """
    first, *above = network.weights
    influence = reduce(np.matmul, above)
    strengths = np.zeros((influence.shape[1], len(first), len(first)))
    for weights, on_outputs in zip(first.T, influence, strict=True):
        strengths += on_outputs[:, None, None] * np.minimum(
            weights[:, None], weights
        )  # of an input with itself: its own
    diagonal = np.arange(len(first))
    attribution = strengths[:, diagonal, diagonal]
    strengths[:, diagonal, diagonal] = 0
    interacts = strengths > share * strengths.max(axis=(1, 2), keepdims=True)
    interacts[:, diagonal, diagonal] = attribution > share * attribution.max(axis=1, keepdims=True)
    return Reading(of_interactions(interacts), {"attribution": attribution.tolist()})
