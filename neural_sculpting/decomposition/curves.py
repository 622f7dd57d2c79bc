"""Curves through points: in which order points lie along one, and what its neighbors say about each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, svd
from scipy.stats import rankdata

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

LEAST_MIXING = 0.1
"""Of a curve's smaller part, so many points must have discrete values that are in the other part, too."""

LEAST_WIDTH = 0.02
"""Neighbors that are closer together than this share of the median say nothing about a slope."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Points in their order along a principal curve (Hastie & Stuetzle 1989).

    Attributes:
        order: the points from one end to the other, ``(points,)``.
        scores: of each point, on the first principal component: how far neighbors are from each other, ``(points,)``.
    """

    order: IntArray
    scores: FloatArray

    @classmethod
    def through(cls, points: FloatArray, codes: IntArray) -> Curve | None:
        """Find the curve through points; None if it is several curves, one after the other.

        Points are compared by ranks, column by column: what is monotone in another thing is the same as it. Their order
        is that of the first diffusion coordinate (Coifman & Lafon 2006).

        Args:
            points: ``(points, columns)``; no column is constant.
            codes: the discrete values of each point. Where those of one part of the curve are not those of the other,
                it is several.
        """
        ranks = rankdata(points, axis=0) / len(points)
        ranks -= ranks.mean(axis=0)
        norms = (ranks**2).sum(axis=1)
        distances = np.maximum(norms[:, None] + norms - 2 * ranks @ ranks.T, 0)
        orders = [_order(distances, min(neighbors, len(ranks) - 1)) for neighbors in (8, 20)]
        fit = [order for order in orders if _mixing(codes[order]) > LEAST_MIXING]
        if not fit:
            return None
        left, values, _ = svd(points - points.mean(axis=0), full_matrices=False)
        return cls(min(fit, key=lambda order: off_the_curve(ranks[order])), left[:, 0] * values[0])

    def neighbors(self, at: IntArray, count: int) -> Neighbors:
        """Find the points next to others on the curve, so many on either side."""
        position = np.argsort(self.order)[at][:, None]
        steps = np.array([step for step in range(-count, count + 1) if step])
        where = position + steps
        inside = (where >= 0) & (where < len(self.order))
        points = self.order[np.clip(where, 0, len(self.order) - 1)]
        return Neighbors(points, inside * (count + 1.0 - np.abs(steps)), self.scores[points] - self.scores[at][:, None])


@dataclass(frozen=True, eq=False)
class Neighbors:
    """What is next to points on a curve.

    Attributes:
        points: ``(rows, neighbors)``.
        weights: falling with the distance along the curve, 0 beyond its ends, ``(rows, neighbors)``.
        offsets: how far they are along the first principal component, ``(rows, neighbors)``.
    """

    points: IntArray
    weights: FloatArray
    offsets: FloatArray

    def interpolate(self, values: FloatArray) -> FloatArray:
        """Estimate values ``(rows, outputs)`` from those of the neighbors, ``(rows, neighbors, outputs)``.

        It is what a line through them has there, by weighted least squares (Cleveland 1979).
        """
        shares = self.weights / self.weights.sum(axis=1, keepdims=True)
        center = (shares * self.offsets).sum(axis=1, keepdims=True)
        mean = (shares[:, :, None] * values).sum(axis=1)
        off_center = self.offsets - center
        width = (shares * off_center**2).sum(axis=1, keepdims=True)
        slope = ((shares * off_center)[:, :, None] * (values - mean[:, None])).sum(axis=1)
        at_point: FloatArray = mean - center * slope / (width + LEAST_WIDTH * np.median(width) + np.finfo(float).tiny)
        return at_point


def _order(distances: FloatArray, neighbors: int) -> IntArray:
    """Order points along their first diffusion coordinate; the kernel is as wide as so many neighbors are far."""
    width = np.sqrt(np.sort(distances, axis=1)[:, neighbors] + np.finfo(float).eps)
    kernel = np.exp(-distances / np.outer(width, width))
    degree = kernel.sum(axis=1)
    second = len(kernel) - 2
    _, vectors = eigh(kernel / np.sqrt(np.outer(degree, degree)), subset_by_index=[second, second])
    return np.argsort(vectors[:, 0] / np.sqrt(degree), kind="stable")


def _mixing(codes: IntArray) -> float:
    """Find the cut that separates codes best: which share of its smaller side has codes that are on the other, too."""
    before = (codes[:, None] == np.unique(codes)).cumsum(axis=0)
    cuts = np.arange(len(codes) // 20 + 1, len(codes) - len(codes) // 20)
    both = np.minimum(before, before[-1] - before).sum(axis=1)[cuts - 1]
    return float((both / np.minimum(cuts, len(codes) - cuts)).min())


def off_the_curve(points: FloatArray) -> float:
    """The share of the variance of points in order that the four neighbors on either side do not explain."""
    weights = np.array([1.0, 2, 3, 4, 0, 4, 3, 2, 1])
    padded = np.pad(points, ((4, 4), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(weights), axis=0)
    return float(((points - windows @ weights / weights.sum()) ** 2).sum() / (points**2).sum())
