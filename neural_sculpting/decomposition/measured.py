"""Functions of measured inputs: which outputs depend on an input, and whether inputs act together through one number.

Inputs that act through one number g have level sets: assignments with the same g are the same to everything else. As g
varies, what the rest of the function may see moves along a curve, however many inputs g has. Level sets are the
separability test of AI Feynman (Udrescu et al. 2020) and of KAN 2.0 (Liu et al. 2024), which look at gradients and at
pairs of points; a trained network has noisy gradients and hardly two points at one level. So assignments are ordered
along the whole curve (:mod:`~neural_sculpting.decomposition.curves`), and the examples decide: if they are explained as
well with the assignments that are next on the curve in place of their own, the curve is all that counts.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from neural_sculpting.decomposition.bound_sets import CLEARER
from neural_sculpting.decomposition.curves import Curve
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

LOST = 0.002
"""Inputs act through one number if examples are explained as well with what is next on the curve in place of their own
values: at most this share of the variance is lost, and no set that differs in one input loses less than
:data:`CLEARER` times as much.

Of 300 pairs of inputs that act so in 160 tables (families of `experiments/measured`, seeds from 0 to 7, 200 to 2,000
rows) networks lose no more in 73 %, of 700 other pairs in 2.8 %."""

MOST_DIFFERENCE = 10
"""That many times as much may differ between the function and what is next on the curve."""

LEAST_LOST = 0.0005
"""Differences of less are chance."""

NEIGHBORS = 8
"""So many assignments on either side of the curve stand for one."""

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
        targets: the outputs of the examples, ``(rows, outputs)``; None: those of the function.
    """

    function: Callable[[FloatArray], FloatArray]
    rows: FloatArray
    columns: Sequence[Sequence[int]]
    targets: FloatArray | None = None

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
        random = np.random.default_rng(SEED)
        examples, contexts = (random.permutation(len(self.rows))[:count] for count in (ASSIGNMENTS, CONTEXTS))
        units = [unit for index in sorted(inputs) for unit in self.columns[index]]
        assignments, of_example = np.unique(self.rows[examples][:, units], axis=0, return_inverse=True)
        ask = partial(self._with, units, sorted(outputs))
        seen = ask(np.tile(contexts, (len(assignments), 1)), assignments[:, None])
        spread = seen.std(axis=0)
        matter = spread > LEAST_SPREAD * np.sqrt((spread**2).mean(axis=0))
        if not matter.any():
            return Signal(1)
        points, first, of_assignment = np.unique(seen[:, matter], axis=0, return_index=True, return_inverse=True)
        if len(points) <= FEW:
            return Signal(_count(points))
        with _threads().limit(limits=1, user_api="blas"):
            curve = Curve.through(points, self._codes(sorted(inputs), assignments)[first])
        many = 2 ** len(inputs)
        if curve is None:
            return Signal(many)
        near = curve.neighbors(of_assignment.reshape(-1)[of_example.reshape(-1)], NEIGHBORS)
        there = ask(np.tile(examples, (near.points.shape[1], 1)).T, assignments[first][near.points])
        lost = self._lost(examples, sorted(outputs), near.interpolate(there))
        return Signal(2 if lost < CLEARER * LOST else many, max(lost, LEAST_LOST), clear=lost < LOST)

    def _with(
        self, units: Sequence[int], outputs: Sequence[int], examples: NDArray[np.intp], values: FloatArray
    ) -> FloatArray:
        """Ask for outputs around examples that have other values of some units: for examples (…), ``(…, outputs)``."""
        rows = self.rows[examples]
        rows[..., units] = values
        return self.function(rows.reshape(-1, rows.shape[-1]))[:, outputs].reshape(*examples.shape, -1)

    def _lost(self, examples: NDArray[np.intp], outputs: Sequence[int], estimated: FloatArray) -> float:
        """The share of the variance of targets that the function explains and an estimate does not, mean of outputs.

        Where both are far from the targets, these cannot tell: then it is a tenth of what differs between the two.
        """
        known = self.function(self.rows[examples])[:, outputs]
        targets = known if self.targets is None else self.targets[examples][:, outputs]
        more = ((targets - estimated) ** 2 - (targets - known) ** 2).mean(axis=0)
        differs = ((known - estimated) ** 2).mean(axis=0)
        of_targets = targets.var(axis=0)
        variance = np.where(of_targets > 0, of_targets, known.var(axis=0))  # there may be no example of a rare class
        return float((np.maximum(more, differs / MOST_DIFFERENCE) / np.maximum(variance, np.finfo(float).tiny)).mean())

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
