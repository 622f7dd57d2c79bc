"""Normalized cuts of the graph of units, and whether shuffled weights could be cut as well."""

from collections.abc import Iterator

import numpy as np

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_communities
from neural_sculpting.methods.links import IntArray, links_of
from neural_sculpting.methods.networks import DenseNetwork, FloatArray
from neural_sculpting.networks.architecture import split_edges

GRID = tuple({"clusters": each} for each in (None, 2, 3, 4))

LEVEL = 0.05
"""With a larger p-value all units are one module."""

SHUFFLES = 50


def weight_clusters(network: DenseNetwork, *, clusters: int | None = None) -> Reading:
    """Read the clusters of spectral clustering as modules, in the graph of all units linked by the sizes of weights.

    Source: Filan et al. 2021, "Clusterability in neural networks". The evidence is the normalized cut, and the share of
    networks with shuffled weights, each matrix by itself, that are cut as well: the Monte Carlo p-value
    (as good + 1) / (shuffles + 1). Unless it is significant, all units are one module.

    Args:
        network: the network.
        clusters: how many; None for as many as the eigengap suggests (von Luxburg 2007, section 8.3), two at least.
    """
    links = links_of(network.weights)
    count = clusters or _eigengap(links)
    labels = normalized_cuts(links, count)
    cut = cut_of(links, labels)
    # Equal cuts may differ by rounding.
    as_good = sum(cut_of(each, normalized_cuts(each, count)) <= cut + 1e-9 for each in _shuffled(network))
    p_value = (as_good + 1) / (SHUFFLES + 1)
    if p_value > LEVEL:
        labels = np.zeros_like(labels)
    by_stage = np.split(labels, np.cumsum(network.layout.layers)[:-1])
    return Reading(of_communities(network, by_stage), {"clusters": count, "cut": cut, "p_value": p_value})


def _shuffled(network: DenseNetwork) -> Iterator[FloatArray]:
    random, edges = np.random.default_rng(network.seed), network.parameters[: network.layout.edges]
    for _ in range(SHUFFLES):
        matrices = [random.permutation(each.ravel()) for each in split_edges(edges, network.layout)]
        weights = network.layout.stage_weights(np.concatenate(matrices))
        yield links_of([np.abs(each).astype(np.float64) for each in weights])


def _normalized(links: FloatArray) -> FloatArray:
    scale = 1 / np.sqrt(np.maximum(links.sum(axis=0), np.finfo(float).tiny))
    scaled: FloatArray = links * scale[:, None] * scale
    return scaled


def _eigengap(links: FloatArray) -> int:
    values = np.linalg.eigvalsh(_normalized(links))[::-1]
    return int(np.diff(values[1 : max(3, len(values) // 2 + 1)]).argmin()) + 2


def normalized_cuts(links: FloatArray, count: int) -> IntArray:
    """Divide units into clusters, ``(units,)``, by the leading eigenvectors of their normalized links.

    Clusters follow from the eigenvectors without a draw (Damle, Minden & Ying 2019, "Simple, direct and efficient
    multi-way spectral clustering", as scikit-learn's ``cluster_qr``).
    """
    from scipy.linalg import qr

    vectors = np.linalg.eigh(_normalized(links))[1][:, -count:]
    _, _, pivots = qr(vectors.T, pivoting=True)
    left, _, right = np.linalg.svd(vectors[pivots[:count]].T)
    labels: IntArray = np.abs(vectors @ (left @ right)).argmax(axis=1)
    return labels


def cut_of(links: FloatArray, labels: IntArray) -> float:
    """Sum over clusters the share of their links that lead out of them (Shi & Malik 2000, equation 2)."""
    members = np.eye(int(labels.max()) + 1)[labels]
    total = links.sum(axis=0) @ members
    inside = np.einsum("ik,ij,jk->k", members, links, members, optimize=True)
    return float(((total - inside) / np.where(total > 0, total, 1.0)).sum())
