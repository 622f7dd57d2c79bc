"""Layers of hundreds of units: the same clusters as by the definitions, in a moment and in little memory."""

import time
import tracemalloc
from itertools import combinations, pairwise

import numpy as np
import pytest
from network_strategies import groups_of
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import pdist, squareform

from benchmarks.sculpted_masks import sculpted_masks
from neural_sculpting.analysis import analyze
from neural_sculpting.analysis.clusters import cosine_distances

MODULARITY_THRESHOLD = 0.3


def reach(masks, layer):
    """For every unit of a layer the later units that a path leads to: path by path, as sets."""
    following = [[set(np.flatnonzero(unit).tolist()) for unit in mask] for mask in masks]
    ends = np.cumsum([0, *(mask.shape[1] for mask in masks)])
    features = np.zeros((len(masks[layer]), ends[-1] - ends[layer]), dtype=bool)
    for unit, found in enumerate(features):
        reached = {unit}
        for later in range(layer, len(masks)):
            reached = set().union(*(following[later][each] for each in reached))
            found[[ends[later] - ends[layer] + each for each in reached]] = True
    return features


def directly(features):
    """The clusters by the definitions: the modularity of every cut from the whole matrix, and both tests in floats."""
    units, later = features.shape
    distances = pdist(features.astype(float), "cosine")
    cuts = dict(enumerate(cut_tree(linkage(distances, "average")).T[::-1], start=1))
    matrix = squareform(distances) / (2 * distances.sum())
    quality = {count: modularity(matrix, cuts[count]) for count in range(2, units)}
    best = min(quality, key=lambda count: (round(quality[count], 12), -count))
    if 2 < best < units - 1 and quality[best] <= -MODULARITY_THRESHOLD:
        return cuts[best]
    closest = list(combinations(range(units), 2))[int(np.argmin(distances))]
    one, other, shared = sizes(features[closest[0]], features[closest[1]])
    separate = shared == 0 or (shared < max(one, other) and shared <= one * other / later)
    first, second, common = sizes(*(features[cuts[2] == half].any(axis=0) for half in range(2)))
    single = (common >= 1 and common >= first * second / later) or common >= max(first, second)
    assert not (separate and single)  # the tie-break between both is tested elsewhere, by hand
    return np.arange(units) if separate else cuts[1 if single else best]


def modularity(matrix, labels):
    inside = matrix[labels[:, None] == labels].sum()
    return float(inside - np.sum(np.bincount(labels, matrix.sum(axis=1)) * np.bincount(labels, matrix.sum(axis=0))))


def sizes(one, other):
    return int(one.sum()), int(other.sum()), int((one & other).sum())


@pytest.mark.parametrize(
    ("live", "edges"), [([200, 100, 60, 30, 3], 420), ([240, 160, 80, 40, 3], 900), ([160, 120, 80, 40, 3], 3000)]
)
def test_clusters_of_large_layers_are_those_by_the_definitions(live, edges):
    masks = sculpted_masks([400, 200, 200, 200, 3], live, edges)
    found = analyze(masks, hops=None, modularity_threshold=MODULARITY_THRESHOLD, merging_threshold=0.6)
    assert [int(kept.sum()) for kept in found.kept] == live
    kept = [np.flatnonzero(of_layer) for of_layer in found.kept]
    condensed = [mask[np.ix_(*units)] for mask, units in zip(masks, pairwise(kept), strict=True)]
    for layer in range(len(masks)):
        clusters = found.clusters[layer][kept[layer]]
        assert groups_of(clusters) == groups_of(directly(reach(condensed, layer)))


def test_cosine_distances_of_a_wide_layer_are_those_of_scipy_to_the_bit():
    generator = np.random.default_rng(0)
    features = generator.random((300, 9000)) < generator.random((300, 1))
    np.testing.assert_array_equal(cosine_distances(features), pdist(features.astype(float), "cosine"))


@pytest.mark.slow
def test_a_large_network_takes_seconds_and_little_memory():
    layers = [1568, 784, 784, 784, 3]
    masks = sculpted_masks(layers, layers, edges=123_000)
    tracemalloc.start()
    began = time.process_time()
    found = analyze(masks, hops=None, modularity_threshold=MODULARITY_THRESHOLD, merging_threshold=0.6)
    seconds = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [int(kept.sum()) for kept in found.kept] == layers
    assert seconds < 10  # 0.5 on the machine where it was written
    assert peak < 160e6  # 82 MB; one array of 1,568 x 1,568 x units would take gigabytes
