"""What a table says without a network: don't-care columns, and boosted trees whose function is decomposed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.inspection import permutation_importance

from neural_sculpting.decomposition.decomposition import Decomposition, decompose_function
from neural_sculpting.decomposition.functions import BitTable
from neural_sculpting.decomposition.measured import MeasuredFunction
from neural_sculpting.decomposition.noisy_tables import NoisyTable
from neural_sculpting.tasks.graph import MAX_INPUTS, all_bits

FloatArray = NDArray[np.float64]

COUNTS = 0.01
"""An input counts if the score falls by so much when it is permuted."""


def boosted(inputs: FloatArray, targets: FloatArray, *, measured: bool) -> Decomposition | None:
    """Fit boosted trees, and decompose their function of the inputs that count; None if it has too many.

    A quarter of the rows is held out: the share of wrong outputs there is taken for that of the whole table.
    """
    held_out = np.random.default_rng(0).random(len(inputs)) < 0.25
    make = HistGradientBoostingRegressor if measured else HistGradientBoostingClassifier
    models, used, wrong = [], set[int](), []
    for output in targets.T:
        if len(np.unique(output[~held_out])) < 2:
            return None
        model = make(random_state=0).fit(inputs[~held_out], output[~held_out])
        found = permutation_importance(model, inputs[held_out], output[held_out], n_repeats=3, random_state=0)
        used |= set(np.flatnonzero(found.importances_mean > COUNTS).tolist())
        wrong.append(float((model.predict(inputs[held_out]) != output[held_out]).mean()))
        models.append(model)
    names = sorted(used)
    if not names:
        return None

    def function(rows: FloatArray) -> FloatArray:
        full = np.repeat(inputs[:1], len(rows), axis=0)
        full[:, names] = rows
        return np.stack([model.predict(full) for model in models], axis=1)

    if measured:
        decomposed = decompose_function(MeasuredFunction(function, inputs[:, names], [[i] for i in range(len(names))]))
    elif len(names) > MAX_INPUTS:
        return None
    else:
        outputs, noise = function(all_bits(len(names)).astype(float)) > 0.5, float(np.mean(wrong))
        decomposed = decompose_function(NoisyTable(outputs, noise) if noise else BitTable(outputs))
    for graph in (decomposed.hierarchy, *decomposed.alternatives):
        _rename(graph, names)
    return decomposed


def _rename(graph: object, names: Sequence[int]) -> None:
    for members in graph.nodes.values():  # type: ignore[attr-defined]  # networkx has no types
        members["inputs"] = tuple(names[index] for index in members["inputs"])
