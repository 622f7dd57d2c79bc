"""The rows of a task as methods without a network see them, and boosted trees that were fitted to them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.methods.networks import DoesNotApply, FloatArray
from neural_sculpting.tasks import Task
from neural_sculpting.tasks.examples import Table

MOST_INPUTS = 32
"""Pairs of more inputs are too many to ask about one by one."""

DRAWN = 500
"""Rows that are drawn where there are fewer."""

TREES = 64
"""Of a forest."""


def known_rows(task: Task) -> tuple[FloatArray, FloatArray]:
    """The training rows, inputs ``(row, input)`` and targets ``(row, output)``.

    Raises:
        DoesNotApply: if inputs are no rows of numbers.
    """
    if not isinstance(task.training, Table):
        raise DoesNotApply("needs rows of numbers, which pairs of images are not")
    return task.training.inputs.astype(np.float64), task.training.targets.astype(np.float64)


def few_inputs(task: Task) -> tuple[FloatArray, FloatArray]:
    """Likewise, of tasks whose pairs of inputs can be asked about."""
    inputs, targets = known_rows(task)
    check_few(inputs.shape[1])
    return inputs, targets


def check_few(inputs: int) -> None:
    """Raise DoesNotApply for more inputs than pairs of them can be asked about."""
    if inputs > MOST_INPUTS:
        raise DoesNotApply(f"{inputs} inputs have too many pairs; must be at most {MOST_INPUTS}")


def fitted_trees(task: Task) -> tuple[list[Any], NDArray[np.bool_]]:
    """Fit a gradient-boosted model to each output.

    A quarter of the rows is held out, but of a whole table none. Of few rows many are drawn, with replacement: trees
    split no leaf of fewer than 20 rows, and none at all where every input by itself says nothing, as of parity.

    Returns:
        The models of scikit-learn, and which rows were held out.

    Raises:
        DoesNotApply: if an output is constant.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor  # takes a second

    inputs, targets = known_rows(task)
    random = np.random.default_rng(0)
    held_out = random.random(len(inputs)) < (0.25 if is_sampled(task) else 0.0)
    rows = np.flatnonzero(~held_out)
    if len(rows) < DRAWN:
        rows = random.choice(rows, DRAWN)
    make = HistGradientBoostingClassifier if task.outputs_are_bits else HistGradientBoostingRegressor
    models = []
    for output in targets.T:
        if len(np.unique(output[rows])) < 2:
            raise DoesNotApply("an output is constant")
        models.append(make(random_state=0).fit(inputs[rows], output[rows]))
    return models, held_out


def is_sampled(task: Task) -> bool:
    """Whether there are rows that nobody has seen: others than those of a whole truth table."""
    inputs, _ = known_rows(task)
    return not (task.inputs_are_bits and len(np.unique(inputs, axis=0)) == 2.0 ** inputs.shape[1])


def random_forest(task: Task) -> Any:
    """Fit extremely randomized trees to all outputs; they split where nothing is gained, too (Geurts et al. 2006)."""
    from sklearn.ensemble import ExtraTreesRegressor  # takes a second

    inputs, targets = known_rows(task)
    return ExtraTreesRegressor(TREES, max_features=1, random_state=0).fit(inputs, targets.squeeze())
