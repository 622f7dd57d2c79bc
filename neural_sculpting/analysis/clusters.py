"""Clustering the units of a layer by what they reach: features, a tree of merges, cut where modularity is best."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from neural_sculpting.analysis.condense import BoolArray, boolean_product

IntArray = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]

MODULARITY_TOLERANCE = 1e-12
"""Modularities closer than this count as equal. They are sums of terms below 1, each rounded at 1e-16: compared with a
direct computation they are off by 2e-15 for up to 60 units and by 3e-14 for 1,568. Those that truly differ were never
closer than 1e-9, even among the 1,566 cuts of so wide a layer."""

MOST_REMEMBERED = 2**12
"""Features, units times later units, up to which the clusters of a layer are remembered."""

Verdict = Literal["separate", "single"]


@dataclass(frozen=True)
class Overlap:
    """How many of ``total`` later units two groups reach: ``first``, ``second`` and ``shared`` by both.

    Both reach at least one unit. By chance first * second / total units would be shared.
    """

    first: int
    second: int
    shared: int
    total: int

    @property
    def is_separate(self) -> bool:
        """At most what is expected by chance is shared, and less than the larger reach."""
        smaller = self.shared < max(self.first, self.second)
        return smaller and self.shared * self.total <= self.first * self.second

    @property
    def is_single(self) -> bool:
        """At least what is expected by chance is shared, as it always is by two equal reaches."""
        return self.shared * self.total >= self.first * self.second

    @property
    def squared_deviation(self) -> Fraction:
        """The square of (shared - expected) / s, exact, so that equal deviations are seen as equal.

        With p = first * second: expected = p / total and s² = total * x * (1 - x) for x = p / total². The
        deviation is 0 where s is.
        """
        product = self.first * self.second
        scaled_variance = product * (self.total**2 - product)
        if scaled_variance == 0:
            return Fraction(0)
        return Fraction((self.shared * self.total - product) ** 2 * self.total, scaled_variance)


def overlap(first: BoolArray, second: BoolArray) -> Overlap:
    """Count what two groups of units reach, from the features of each, boolean ``(units, later units)``."""
    reach, other = first.any(axis=0), second.any(axis=0)
    return Overlap(int(reach.sum()), int(other.sum()), int((reach & other).sum()), reach.size)


def separability_verdict(closest: Overlap, halves: Overlap) -> Verdict | None:
    """Decide whether all units of a layer are separate, all are one cluster, or neither (None).

    If even the two closest units are separate, all are; if even the two clusters of the partition in two belong
    together, all units do. Where both hold, the larger standardized deviation from chance wins, at equality "single".
    Signs do not matter: whichever holds deviates in its own direction.
    """
    if closest.is_separate and halves.is_single:
        return "separate" if closest.squared_deviation > halves.squared_deviation else "single"
    if closest.is_separate:
        return "separate"
    return "single" if halves.is_single else None


def reachability_features(masks: Sequence[BoolArray], hops: int | None) -> list[BoolArray]:
    """Describe every unit by the units of later layers to which a directed path leads.

    Two units of one layer that feed the same sub-functions reach the same units: units are clustered by these vectors
    (Patil et al. 2023, section on uncovering modules). Masks are of kept units only; a path has at most ``hops`` edges,
    or leads to any later layer.

    Returns:
        For each layer but the last a boolean array ``(units, units of the later layers within hops)``, its columns in
        the order of the layers.

    Raises:
        ValueError: hops is below 1.
    """
    if hops is not None and hops < 1:
        raise ValueError(f"hops: at least 1 or None is needed, found {hops}")
    return [_reach(masks[layer : None if hops is None else layer + hops]) for layer in range(len(masks))]


def _reach(masks: Sequence[BoolArray]) -> BoolArray:
    """The units that the first layer of the masks reaches in all that follow."""
    reached = [masks[0]]
    for mask in masks[1:]:
        reached.append(boolean_product(reached[-1], mask))
    return np.concatenate(reached, axis=1)


def cluster_units(features: BoolArray, modularity_threshold: float) -> IntArray:
    """Cluster the units of one layer; equal features of small layers, as a search has many, are clustered once.

    Args:
        features: boolean ``(units, later units)``; no row may be all False.
        modularity_threshold: below this absolute value of the best modularity the separability tests may overrule that
            partition. They may also if it has two clusters, or one less than units.

    Returns:
        The cluster of each unit, ``(units,)``, numbered from 0 in order of the first unit, not to be changed. Equal
        heights in the tree make the clusters depend on the order of the units in rare cases.

    Raises:
        ValueError: a unit reaches nothing.
    """
    if features.size > MOST_REMEMBERED:
        return _cluster_units(features, modularity_threshold)
    return _remembered(features.tobytes(), features.shape, modularity_threshold)


@lru_cache(maxsize=2**13)
def _remembered(content: bytes, shape: tuple[int, int], modularity_threshold: float) -> IntArray:
    clusters = _cluster_units(np.frombuffer(content, dtype=np.bool_).reshape(shape), modularity_threshold)
    clusters.setflags(write=False)
    return clusters


def _cluster_units(features: BoolArray, modularity_threshold: float) -> IntArray:
    units = len(features)
    if not features.any(axis=1).all():
        raise ValueError("features: every unit must reach some later unit; condense the masks first")
    if units == 0 or bool((features == features[0]).all()):
        return np.zeros(units, dtype=np.intp)
    distances = cosine_distances(features)
    tree = linkage(distances, method="average")
    count = 2
    if units > 2:
        count, best = best_cut(tree, distances)
        if 2 < count < units - 1 and best <= MODULARITY_TOLERANCE - modularity_threshold:
            return cut_tree(tree, count)
    first, second = _pair(int(distances.argmin()), units)  # of equals argmin takes the first
    halves = cut_tree(tree, 2)
    verdict = separability_verdict(
        overlap(features[[first]], features[[second]]), overlap(features[halves == 0], features[halves == 1])
    )
    if verdict == "separate":
        return np.arange(units)
    return cut_tree(tree, 1 if verdict == "single" else count)


def _pair(index: int, units: int) -> tuple[int, int]:
    """The two units of a condensed distance; these are in the order (0, 1), (0, 2), … (1, 2), …."""
    starts = np.cumsum(np.arange(units, 1, -1)) - units
    first = int(np.searchsorted(starts, index, side="right")) - 1
    return first, index - int(starts[first]) + first + 1


def cosine_distances(features: BoolArray) -> FloatArray:
    """Compute the cosine distance of every pair of rows, to the bit as ``scipy.spatial.distance.pdist`` does.

    Products of 0/1 vectors are whole numbers, exact in single precision up to 2^24, and a matrix product is fast for
    wide layers. No row may be all False. The distances are in condensed form, ``(units * (units - 1) / 2,)``.
    """
    rows = features.astype(np.float32)
    shared = (rows @ rows.T).astype(np.float64)
    norms = np.sqrt(shared.diagonal())
    shared /= np.outer(norms, norms)
    distances = 1.0 - np.minimum(shared, 1.0)
    return np.asarray(squareform(distances, checks=False))


def cut_tree(tree: FloatArray, count: int) -> IntArray:
    """Cut a scipy linkage tree into exactly ``count`` clusters: those after its first ``units - count`` merges.

    A cut at a height would not do, because it cannot distinguish merges at equal heights. Clusters are numbered as by
    :func:`cluster_units`.
    """
    units = len(tree) + 1
    root = np.arange(2 * units - 1)
    children = tree[:, :2].astype(np.intp)
    for merge in reversed(range(units - count)):
        root[children[merge]] = root[units + merge]
    return in_order_of_appearance(root[:units])


def in_order_of_appearance(labels: IntArray) -> IntArray:
    """Rename labels to 0, 1, 2, … in the order in which they first appear."""
    rank: dict[int, int] = {}
    return np.array([rank.setdefault(label, len(rank)) for label in labels.tolist()], dtype=np.intp)


def best_cut(tree: FloatArray, distances: FloatArray) -> tuple[int, float]:
    """Find the number of clusters, from 2 to units - 1, whose partition has the lowest modularity, and that modularity.

    Of equal ones it is the larger number. There are at least three units, and the distances are not all zero.
    """
    quality = modularities(tree, distances)[:-1]
    lowest = quality.min()
    count = len(quality) + 1 - int(np.argmax(quality <= lowest + MODULARITY_TOLERANCE))
    return count, float(lowest)


def modularities(tree: FloatArray, distances: FloatArray) -> FloatArray:
    """Compute the modularity of every cut of an average-linkage tree, from units - 1 clusters down to one.

    With the distance matrix D scaled to sum 1 and a_c the sum of its rows in cluster c, the modularity is the sum over
    clusters of (distance inside c, in both directions, - a_c²): the lower, the closer the units of one cluster. Merging
    b and c adds 2 (D_bc - a_b a_c); D_bc is the height of the merge, an average, times the number of pairs.

    Returns:
        The modularity after each merge, ``(units - 1,)``.
    """
    units = len(tree) + 1
    total = 2.0 * float(distances.sum())
    weight = [*(squareform(distances).sum(axis=0) / total).tolist(), *([0.0] * (units - 1))]
    size = [*([1] * units), *tree[:, 3].astype(int).tolist()]
    quality = -sum(share**2 for share in weight[:units])
    course = []
    for merge, (left, right, height, _) in enumerate(tree.tolist()):
        b, c = int(left), int(right)
        quality += 2.0 * (height * size[b] * size[c] / total - weight[b] * weight[c])
        weight[units + merge] = weight[b] + weight[c]
        course.append(quality)
    return np.array(course)
