"""Merging clusters of neighboring layers that are nearly exclusive partners into modules."""

from collections.abc import Sequence

import numpy as np

from neural_sculpting.analysis.clusters import IntArray
from neural_sculpting.analysis.condense import BoolArray


def merge_clusters(
    masks: Sequence[BoolArray], clusters: Sequence[IntArray], merging_threshold: float
) -> list[IntArray]:
    """Merge the clusters of all layers, over masks of kept units only, into modules, from the inputs up.

    Clusters are numbered from 0 in order of the first unit in their layer, modules in order of appearance, from the
    inputs up and by unit within a layer.
    """
    modules = [clusters[0]]
    known = _count(clusters[0])
    for layer, mask in enumerate(masks):
        upper = clusters[layer + 1]
        edges = _edges_between(mask, modules[-1], upper, shape=(known, _count(upper)))
        joined = joined_modules(edges, merging_threshold, to_outputs=layer == len(masks) - 1)
        starts = joined < 0
        joined[starts] = known + np.arange(starts.sum())
        known += int(starts.sum())
        modules.append(joined[upper])
    return modules


def joined_modules(edges: IntArray, merging_threshold: float, *, to_outputs: bool) -> IntArray:
    """Find the module that each cluster of the next layer joins, -1 for none, ``(clusters,)``.

    ``edges`` counts those from each module to each cluster, ``(modules, clusters)``. A cluster joins a module if more
    than the threshold's share of the edges into the cluster come from the module, and more than this share of the
    module's edges to the next layer lead to the cluster. For output units only the first of the two counts. Below a
    threshold of one half several modules can pass: the cluster joins the one with the most edges to it, the first of
    equals.
    """
    if edges.size == 0:
        return np.full(edges.shape[1], -1)
    # Counts are whole and division rounds correctly, so that a share of exactly 9/10 does not exceed 0.9.
    incoming = edges / np.maximum(edges.sum(axis=0, keepdims=True), 1)
    outgoing = edges / np.maximum(edges.sum(axis=1, keepdims=True), 1)
    passes = (incoming > merging_threshold) & (to_outputs | (outgoing > merging_threshold))
    candidates = np.where(passes, edges, 0)
    return np.where(candidates.any(axis=0), candidates.argmax(axis=0), -1)


def _edges_between(mask: BoolArray, lower: IntArray, upper: IntArray, shape: tuple[int, int]) -> IntArray:
    source, target = mask.nonzero()
    pairs = lower[source] * shape[1] + upper[target]
    return np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)


def _count(labels: IntArray) -> int:
    return int(labels.max(initial=-1)) + 1
