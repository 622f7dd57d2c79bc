"""Tasks without a relation between inputs and outputs: the labels of a task, permuted among its rows."""

from dataclasses import replace

import numpy as np

from neural_sculpting.analysis.relations import divides_inputs
from neural_sculpting.decomposition.task_tables import decompose_task
from neural_sculpting.tasks.base import Task

PERMUTATIONS = 4
"""How many permutations the trials of a task learn between them: one could be an odd one, one each fills no batch."""

TRIES = 20
"""For a permutation that leaves no structure by chance, as it may in a small table; few rows may have no other."""


def permutation_of(seed: int) -> int:
    """Return the number of the permutation that a trial learns: it depends on its seed alone, not on its neighbors."""
    return seed % PERMUTATIONS


def permuted(task: Task, number: int) -> Task:
    """Permute the rows of the targets, in training and validation examples together; inputs stay.

    Each input and each output has the values that it had, and all outputs of a row stay together. The test examples are
    left out. A permutation of a whole truth table after which its inputs still divide is drawn again, so that dividing
    them is a false claim.

    Args:
        task: its expected hierarchy is forgotten.
        number: of the permutation.
    """
    sets = [task.training] if task.training is task.validation else [task.training, task.validation]
    targets = np.concatenate([each.targets for each in sets])
    ends = np.cumsum([len(each) for each in sets])
    for attempt in range(TRIES):
        random = np.random.default_rng([number, attempt, *b"permuted labels"])
        parts = np.split(random.permutation(targets), ends[:-1])
        new = [replace(each, targets=part) for each, part in zip(sets, parts, strict=True)]
        found = replace(task, graph=None, training=new[0], validation=new[-1], test=None, longer=None)
        if not _has_structure(found):
            break
    return found


def _has_structure(task: Task) -> bool:
    exact = decompose_task(task)
    return exact is not None and exact.whole and divides_inputs(exact.hierarchy)
