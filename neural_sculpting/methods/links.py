"""All units of a network as one graph, whatever their stages."""

from collections.abc import Iterable, Sequence

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.hierarchy import REMOVED
from neural_sculpting.methods.networks import FloatArray

IntArray = NDArray[np.int64]


def links_of(weights: Sequence[FloatArray]) -> FloatArray:
    """Lay out the weights between stages as one symmetric matrix, ``(units, units)``, stage by stage."""
    sizes = [*map(len, weights), weights[-1].shape[1]]
    starts = np.cumsum([0, *sizes]).tolist()
    links = np.zeros((starts[-1], starts[-1]))
    for below, above, end, each in zip(starts, starts[1:], starts[2:], weights, strict=False):
        links[below:above, above:end] = each
    return links + links.T


def louvain(links: FloatArray, sizes: Sequence[int], resolution: float, seed: int) -> tuple[list[IntArray], float]:
    """Divide units such that modularity is large (Blondel et al. 2008); those without links are in no community.

    Args:
        links: how strong, 0 for none, symmetric, ``(units, units)``.
        sizes: of the stages.
        resolution: above 1 for more communities, below for fewer.
        seed: of the order in which units are moved.

    Returns:
        The community of each unit of each stage, ``(unit,)``, and the modularity.
    """
    graph = nx.from_numpy_array(links)
    graph.remove_nodes_from([*nx.isolates(graph)])
    found = nx.community.louvain_communities(graph, resolution=resolution, seed=seed)
    modularity = float(nx.community.modularity(graph, found, resolution=resolution)) if found else 0.0
    return by_stage(found, sizes), modularity


def by_stage(communities: Iterable[Iterable[int]], sizes: Sequence[int]) -> list[IntArray]:
    """Number the community of each unit, ``REMOVED`` for one that is in none, for each stage, ``(unit,)``."""
    labels = np.full(sum(sizes), REMOVED)
    for number, community in enumerate(communities):
        labels[[*community]] = number
    return np.split(labels, np.cumsum(sizes)[:-1])
