"""A baseline: normalized cuts of the undirected graph, as many as the eigengap suggests (Shi & Malik 2000)."""

from collections.abc import Iterator

import networkx as nx
import numpy as np

from neural_sculpting.analysis.readers.base import FloatArray, Reading, StageGraph
from neural_sculpting.analysis.readers.communities import Unit, hierarchy_of, unit_graph

SEED = 0
"""Of the starts of k-means: the same masks give the same clusters."""


def spectral(graph: StageGraph) -> Reading:
    """Read the clusters of scikit-learn's ``SpectralClustering`` as modules; parts without a link are cut separately.

    The number of clusters of a part is where the eigenvalues of its normalized Laplacian have the largest gap (von
    Luxburg 2007, section 8.3).
    """
    units = unit_graph(graph)
    clusters = [cluster for part in nx.connected_components(units) for cluster in _normalized_cut(units, sorted(part))]
    return Reading(hierarchy_of(graph, clusters), {"clusters": len(clusters)})


def _normalized_cut(units: nx.Graph, part: list[Unit]) -> Iterator[list[Unit]]:
    links = nx.to_numpy_array(units, nodelist=part)
    count = eigengap(links) if len(part) > 2 else 1
    if count == 1:
        yield part
        return
    from sklearn.cluster import SpectralClustering  # takes a second

    labels = SpectralClustering(count, affinity="precomputed", random_state=SEED).fit_predict(links)
    for label in np.unique(labels):
        yield [part[index] for index in np.flatnonzero(labels == label)]


def eigengap(links: FloatArray) -> int:
    """Count the eigenvalues of a connected graph's normalized Laplacian below their largest gap, at most half of them.

    Args:
        links: 1.0 between units that are linked, else 0.0, ``(units, units)``.
    """
    scale = 1 / np.sqrt(links.sum(axis=0))
    values = 1 - np.linalg.eigvalsh(links * scale[:, None] * scale)[::-1]
    return int(np.diff(values[: len(values) // 2 + 1]).argmax()) + 1
