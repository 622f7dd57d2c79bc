"""Interactions of pairs of inputs by partial dependence of randomized trees."""

from itertools import combinations
from typing import Any

import numpy as np

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_interactions, of_units
from neural_sculpting.methods.networks import FloatArray
from neural_sculpting.methods.surrogates import few_inputs, random_forest
from neural_sculpting.tasks import Task

GRID = tuple({"threshold": threshold} for threshold in (0.005, 0.02, 0.05, 0.1))

ROWS = 48
"""Rows at which partial dependence is computed, each averaged over as many."""


def friedman_h(task: Task, *, threshold: float = 0.02) -> Reading:
    """Put inputs together that interact by H (Friedman & Popescu 2008, equation 44) in randomized trees.

    The numerator is divided by the variance of the whole function instead of that of the pair, since otherwise pairs
    without any effect have large values (Inglis, Parnell & Hurley 2022, section 2). Partial dependence averages over
    all other inputs: of what more than two inputs do together, such as parity, it sees nothing.

    Args:
        task: its training rows.
        threshold: the share of the variance from which inputs interact, and outputs depend on one.
    """
    inputs, _ = few_inputs(task)
    forest, random = random_forest(task), np.random.default_rng(0)
    rows, other = (inputs[random.choice(len(inputs), ROWS)] for _ in range(2))
    variance = forest.predict(inputs).reshape(len(inputs), -1).var(axis=0)
    numbers = range(inputs.shape[1])
    alone = [_dependence(forest, rows, [each]) for each in numbers]
    shares = np.zeros((task.n_outputs, len(numbers), len(numbers)))
    for i, j in combinations(numbers, 2):
        together = _dependence(forest, rows, [i, j]) - alone[i] - alone[j]
        shares[:, i, j] = shares[:, j, i] = together.var(axis=0)
    for each in numbers:  # the total effect: Jansen 1999
        changed = other.copy()
        changed[:, each] = rows[:, each]
        shares[:, each, each] = np.square(forest.predict(other) - forest.predict(changed)).reshape(ROWS, -1).mean(0) / 2
    return Reading(of_interactions(of_units(shares > threshold * variance[:, None, None], task)))


def _dependence(forest: Any, rows: FloatArray, chosen: list[int]) -> FloatArray:
    """The mean prediction with the chosen inputs of each row, and all others of all rows, ``(row, output)``."""
    grid = np.repeat(rows[None], len(rows), axis=0)
    grid[:, :, chosen] = rows[:, None, chosen]
    predicted: FloatArray = forest.predict(grid.reshape(-1, rows.shape[1])).reshape(len(rows), len(rows), -1)
    return np.asarray(predicted.mean(axis=1))
