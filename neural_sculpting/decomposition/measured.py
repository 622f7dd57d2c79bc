"""Functions of measured inputs: which outputs depend on an input, and whether inputs act together through one number.

Inputs that act through one number g have level sets: assignments with the same g are the same to everything else. As g
varies, what the rest of the function may see moves along a curve, however many inputs g has. Level sets are the
separability test of AI Feynman (Udrescu et al. 2020) and of KAN 2.0 (Liu et al. 2024), which look at gradients and at
pairs of points; a trained network has noisy gradients and hardly two points at one level, so that the whole curve is
fitted here, a principal curve (Hastie & Stuetzle 1989).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.stats import rankdata
from threadpoolctl import ThreadpoolController

from neural_sculpting.decomposition.bound_sets import CLEARER
from neural_sculpting.decomposition.functions import BoolArray, Signal

FloatArray = NDArray[np.float64]

ASSIGNMENTS = 200
CONTEXTS = 32
"""How many assignments of a set of inputs are tried in how many contexts: rows of the examples, both."""

SEED = 0
"""Of the rows that are drawn: the same function gets the same answer."""

DEPENDS = 0.005
"""An output depends on an input that is responsible for more than this share of its variance, alone or together with
others (the total effect: Sobol' 1993; Jansen 1999). Trained networks keep traces of inputs that do not count."""

LEAST_SPREAD = 0.3
"""Inputs are seen in contexts in which they spread an output at least so much, compared with the mean of contexts."""

OFF_THE_CURVE = 0.04
"""Inputs act through one number if no more than this share of the variance is off the curve, and no set that differs in
one input is within :data:`CLEARER` of it. Of inputs that do it is 0.000, and 0.001 to 0.06 in networks with an R² of
0.99.

Of 301 functions of four to six inputs without structure (random networks, sums of Gaussians and of sines, quadratic and
cubic forms, around examples with normal, uniform, correlated and heavy-tailed inputs) two were divided. The threshold
alone, without rivals, ``UNEXPLAINED`` and ``ALIKE``, divides a quarter of them: what is nearly a sum is nearly a curve.
"""

UNEXPLAINED = 0.3
"""A curve leaves no more than this share of what contexts see differently unexplained."""

ALIKE = 0.0075
"""Contexts see the same if no more than this share of the variance differs: the function is a sum there, or a monotone
function of one."""

LEAST_MIXING = 0.1
"""Of a curve's smaller part, so many points must have discrete values that are in the other part, too."""

SAME = 0.02
"""Assignments are the same to the rest if they differ by less than this share of the variance."""

FEW = 16
"""Up to so many different values are told apart one by one."""


@dataclass(frozen=True, eq=False)
class MeasuredFunction:
    """A function of columns, known by asking it around examples.

    Attributes:
        function: from rows ``(rows, units)`` to outputs ``(rows, outputs)``.
        rows: examples, ``(rows, units)``.
        columns: the units of each input of the decomposition: one, or the codes of a category.
    """

    function: Callable[[FloatArray], FloatArray]
    rows: FloatArray
    columns: Sequence[Sequence[int]]

    @cached_property
    def depends(self) -> BoolArray:
        """Whether each output depends on each column, ``(columns, outputs)``."""
        random = np.random.default_rng(SEED)
        rows = self.rows[random.permutation(len(self.rows))[: 4 * ASSIGNMENTS]]
        outputs = self.function(rows)
        if not np.isfinite(outputs).all():
            raise ValueError("function: its outputs must be finite numbers around all examples")
        spread = np.maximum(outputs.var(axis=0), np.finfo(float).tiny)
        effects = []
        for units in self.columns:
            changed = rows.copy()
            changed[:, units] = rows[random.permutation(len(rows))][:, units]
            effects.append(((self.function(changed) - outputs) ** 2).mean(axis=0) / (2 * spread))
        return np.array(effects) > DEPENDS

    @cached_property
    def output_classes(self) -> NDArray[np.intp]:
        """Number the outputs so that equal and opposite ones have equal numbers, ``(outputs,)``."""
        outputs = self.function(self.rows[: 4 * ASSIGNMENTS])
        scaled = (outputs - outputs.mean(axis=0)) / np.maximum(outputs.std(axis=0), np.finfo(float).tiny)
        alike = (np.abs(scaled.T @ scaled) / len(scaled) > 1 - SAME) | np.eye(scaled.shape[1], dtype=np.bool_)
        return np.asarray(alike.argmax(axis=1))

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Find two values where the inputs act through one number or one bit, else how many they have, or many."""
        chosen_inputs, chosen_outputs = sorted(inputs), sorted(outputs)
        random = np.random.default_rng(SEED)
        chosen = self.rows[random.permutation(len(self.rows))[:ASSIGNMENTS]]
        contexts = self.rows[random.permutation(len(self.rows))[:CONTEXTS]]
        units = [unit for index in chosen_inputs for unit in self.columns[index]]
        assignments = np.unique(chosen[:, units], axis=0)
        rows = np.repeat(contexts[None], len(assignments), axis=0)
        rows[:, :, units] = assignments[:, None]
        seen = self.function(rows.reshape(-1, rows.shape[2]))[:, chosen_outputs]
        seen = seen.reshape(len(assignments), len(contexts), -1)
        spread = seen.std(axis=0)
        matter = spread > LEAST_SPREAD * np.sqrt((spread**2).mean(axis=0))
        if not matter.any():
            return Signal(1)
        points, first = np.unique(seen[:, matter], axis=0, return_index=True)
        if len(points) <= FEW:
            return Signal(_count(points))
        with _threads().limit(limits=1, user_api="blas"):
            residual = off_the_curve(points, self._codes(chosen_inputs, assignments)[first])
        values = 2 if residual < CLEARER * OFF_THE_CURVE else 2 ** len(inputs)
        return Signal(values, residual, clear=residual < OFF_THE_CURVE)

    def _codes(self, inputs: Sequence[int], assignments: FloatArray) -> NDArray[np.intp]:
        """Number the values of the discrete columns among the inputs, ``(assignments,)``; equal if all are discrete."""
        ends = np.cumsum([len(self.columns[index]) for index in inputs])[:-1]
        values = [_numbered(column) for column in np.split(assignments, ends, axis=1)]
        discrete = [of for of in values if of.max() < FEW]
        return (
            _numbered(np.stack(discrete, axis=1))
            if 0 < len(discrete) < len(values)
            else np.zeros(len(assignments), dtype=np.intp)
        )


@cache
def _threads() -> ThreadpoolController:
    """Those of BLAS: for such small matrices they take longer to meet than to compute, up to a hundred times so."""
    return ThreadpoolController()


def _numbered(rows: NDArray[Any]) -> NDArray[np.intp]:
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


def _count(seen: FloatArray) -> int:
    """Count the assignments that differ in what is seen of them, ``(assignments, contexts)``."""
    scaled = (seen - seen.mean(axis=0)) / seen.std(axis=0)
    distances = ((scaled[:, None] - scaled[None]) ** 2).mean(axis=2) / 2
    leaders: list[int] = []
    for index, row in enumerate(distances):
        if not leaders or row[leaders].min() > SAME:
            leaders.append(index)
    return len(leaders)


def off_the_curve(seen: FloatArray, codes: NDArray[np.intp]) -> float:
    """Measure which share of the variance of points is off a curve through them; 1.0 where there is no such curve.

    Points are compared by ranks, context by context: what is monotone in another thing is the same as it. Their order
    along the curve is that of the first diffusion coordinate (Coifman & Lafon 2006), and the curve the mean of
    neighbors. What all contexts see alike is on any curve; it says nothing, unless there is nothing else.

    Args:
        seen: different points, one for each assignment, ``(assignments, contexts)``; no context is constant.
        codes: the discrete values of each assignment. Where those of one part of the curve are not those of the other,
            it is several curves, one after the other.
    """
    ranks = rankdata(seen, axis=0) / len(seen)
    ranks -= ranks.mean(axis=0)
    norms = (ranks**2).sum(axis=1)
    distances = np.maximum(norms[:, None] + norms - 2 * ranks @ ranks.T, 0)
    orders = [_order(distances, min(neighbors, len(ranks) - 1)) for neighbors in (8, 20)]
    residual = min((_residual(ranks[order]) for order in orders if _mixing(codes[order]) > LEAST_MIXING), default=1.0)
    differs = ((ranks - ranks.mean(axis=1, keepdims=True)) ** 2).sum() / (ranks**2).sum()
    return residual if residual < max(ALIKE, UNEXPLAINED * differs) else 1.0


def _order(distances: FloatArray, neighbors: int) -> NDArray[np.intp]:
    """Order points along their first diffusion coordinate; the kernel is as wide as so many neighbors are far."""
    width = np.sqrt(np.sort(distances, axis=1)[:, neighbors] + np.finfo(float).eps)
    kernel = np.exp(-distances / np.outer(width, width))
    degree = kernel.sum(axis=1)
    second = len(kernel) - 2
    _, vectors = eigh(kernel / np.sqrt(np.outer(degree, degree)), subset_by_index=[second, second])
    return np.argsort(vectors[:, 0] / np.sqrt(degree), kind="stable")


def _mixing(codes: NDArray[np.intp]) -> float:
    """Find the cut that separates codes best: which share of its smaller side has codes that are on the other, too."""
    before = (codes[:, None] == np.unique(codes)).cumsum(axis=0)
    cuts = np.arange(len(codes) // 20 + 1, len(codes) - len(codes) // 20)
    both = np.minimum(before, before[-1] - before).sum(axis=1)[cuts - 1]
    return float((both / np.minimum(cuts, len(codes) - cuts)).min())


def _residual(points: FloatArray) -> float:
    """The share of the variance that the four neighbors on either side do not explain."""
    weights = np.array([1.0, 2, 3, 4, 0, 4, 3, 2, 1])
    padded = np.pad(points, ((4, 4), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(weights), axis=0)
    return float(((points - windows @ weights / weights.sum()) ** 2).sum() / (points**2).sum())
