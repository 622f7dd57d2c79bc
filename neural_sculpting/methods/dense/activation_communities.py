"""Communities of units whose activations are correlated."""

import numpy as np

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_communities
from neural_sculpting.methods.links import louvain
from neural_sculpting.methods.networks import DenseNetwork

GRID = tuple({"resolution": each} for each in (0.5, 0.7, 1.0, 1.4))


def activation_communities(network: DenseNetwork, *, resolution: float = 1.0) -> Reading:
    """Read the communities of units, linked by the sizes of their correlations over examples, as modules.

    Inputs and outputs are units too. One that is the same in all examples is in no module. Modules are connected as
    weights are.

    Source: Lange, Rolnick & Kording 2022, "Clustering units in neural networks: upstream vs downstream information",
    who divide hidden units by the correlations of their activations such that modularity is large.
    """
    values = np.concatenate(network.activations, axis=1)
    centered = values - values.mean(axis=0)
    size = np.linalg.norm(centered, axis=0)
    varies = size > 1e-6 * np.linalg.norm(values, axis=0)  # the rest is rounding
    scaled = centered * varies / np.where(varies, size, 1.0)
    links = np.abs(scaled.T @ scaled)
    np.fill_diagonal(links, 0.0)
    labels, modularity = louvain(links, [each.shape[1] for each in network.activations], resolution, network.seed)
    return Reading(of_communities(network, labels), {"modularity": modularity})
