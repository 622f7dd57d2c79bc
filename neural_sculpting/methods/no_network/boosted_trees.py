"""Boosted trees, and the decomposition of the function that they compute."""

from collections.abc import Sequence

import networkx as nx
import numpy as np

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable
from neural_sculpting.decomposition.measured import MeasuredFunction
from neural_sculpting.decomposition.noisy_tables import NoisyTable
from neural_sculpting.methods.hierarchies import of_blocks
from neural_sculpting.methods.networks import DoesNotApply, FloatArray
from neural_sculpting.methods.surrogates import few_inputs, fitted_trees
from neural_sculpting.tasks import Task
from neural_sculpting.tasks.graph import MAX_INPUTS, all_bits

COUNTS = 0.01
"""An input counts if the score falls by so much when it is permuted."""


def boosted_trees(task: Task) -> Reading:
    """Fit boosted trees (Friedman 2001), and decompose their function of the inputs that count.

    Of a table with unseen rows a quarter is held out: the share of wrong outputs there is taken for that of the whole.

    Raises:
        DoesNotApply: if inputs are parts of larger units or too many, an output is constant, or too many inputs count.
    """
    from sklearn.inspection import permutation_importance  # takes a second

    inputs, targets = few_inputs(task)
    if task.input_units:
        raise DoesNotApply("inputs are parts of features or channels")
    models, held_out = fitted_trees(task)
    used, wrong = set[int](), []
    tested = held_out if held_out.any() else ~held_out
    for model, output in zip(models, targets.T, strict=True):
        found = permutation_importance(model, inputs[tested], output[tested], n_repeats=3, random_state=0)
        used |= set(np.flatnonzero(found.importances_mean > COUNTS).tolist())
        wrong.append(float((model.predict(inputs[tested]) != output[tested]).mean()))
    names = sorted(used)

    def function(rows: FloatArray) -> FloatArray:
        full = np.repeat(inputs[:1], len(rows), axis=0)
        full[:, names] = rows
        return np.stack([model.predict(full) for model in models], axis=1)

    if not names:
        return Reading(of_blocks([], [], targets.shape[1]))
    if task.inputs_are_bits and len(names) > MAX_INPUTS:
        raise DoesNotApply(f"{len(names)} inputs count; must be at most {MAX_INPUTS}")
    if not task.inputs_are_bits:
        decomposed = decompose_function(MeasuredFunction(function, inputs[:, names], [[i] for i in range(len(names))]))
    else:
        outputs, noise = function(all_bits(len(names)).astype(float)) > 0.5, float(np.mean(wrong))
        decomposed = decompose_function(NoisyTable(outputs, noise) if noise else BitTable(outputs))
    return Reading(_renamed(decomposed.hierarchy, names))


def _renamed(graph: nx.DiGraph, names: Sequence[int]) -> nx.DiGraph:
    for members in graph.nodes.values():
        members["inputs"] = tuple(names[index] for index in members["inputs"])
    return graph
