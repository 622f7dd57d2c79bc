"""What the examples of a task say about its hierarchy without a network."""

from dataclasses import replace

import numpy as np

from neural_sculpting.decomposition.decomposition import Decomposition, decompose_function
from neural_sculpting.decomposition.functions import BitTable, BoolArray
from neural_sculpting.decomposition.sampled_tables import SampledTable
from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.graph import row_numbers

MOST_SAMPLED = 20
"""Inputs of a table with unseen rows that is decomposed: of more, hardly two rows agree outside of a small set."""


def decompose_task(task: TaskContent) -> Decomposition | None:
    """Decompose the rows that networks may see, those of validation included.

    Of a whole truth table the result is exact: what any method could find. Of some of its rows it is the best estimate
    from the table alone. None where inputs or outputs are no bits, and with unseen rows of more than 20 inputs.
    """
    sets = [task.training] if task.training is task.validation else [task.training, task.validation]
    tables = [each for each in sets if isinstance(each, Table)]
    if len(tables) < len(sets) or not (task.inputs_are_bits and task.outputs_are_bits):
        return None
    inputs = np.concatenate([each.inputs for each in tables]) > 0.5
    outputs = np.concatenate([each.targets for each in tables]) > 0.5
    if (whole := whole_table(inputs, outputs)) is not None:
        return decompose_function(BitTable(whole))
    if task.n_inputs > MOST_SAMPLED:
        return None
    return replace(decompose_function(SampledTable(inputs, outputs)), whole=False)


def whole_table(inputs: BoolArray, outputs: BoolArray) -> BoolArray | None:
    """Sort rows into a whole truth table, ``(2^inputs, outputs)``; None if some are missing or contradict others."""
    count = inputs.shape[1]
    if count > MOST_SAMPLED or len(inputs) < 2**count:
        return None
    rows = row_numbers(inputs)
    table = np.zeros((2**count, outputs.shape[1]), dtype=np.bool_)
    table[rows] = outputs
    return table if len(np.unique(rows)) == 2**count and (table[rows] == outputs).all() else None
