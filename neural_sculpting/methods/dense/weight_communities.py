"""Communities of units between which there is more weight than by chance."""

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_communities
from neural_sculpting.methods.links import links_of, louvain
from neural_sculpting.methods.networks import DenseNetwork

GRID = tuple({"resolution": each} for each in (0.5, 0.7, 1.0, 1.4))


def weight_communities(network: DenseNetwork, *, resolution: float = 1.0) -> Reading:
    """Read the communities of the graph of all units, linked by the sizes of their weights, as modules.

    Source: Watanabe et al. 2018, "Modular representation of layered neural networks", who read communities from the
    weights of a trained network; found here by the method of Blondel et al. 2008, "Fast unfolding of communities in
    large networks".
    """
    labels, modularity = louvain(links_of(network.weights), network.layout.layers, resolution, network.seed)
    return Reading(of_communities(network, labels), {"modularity": modularity})
