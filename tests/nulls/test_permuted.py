"""Permuted labels keep what inputs and outputs are by themselves, and nothing of how they belong together."""

from itertools import pairwise

import numpy as np
import pytest

from neural_sculpting.analysis.relations import divides_inputs
from neural_sculpting.decomposition.task_tables import decompose_task
from neural_sculpting.nulls.permuted import PERMUTATIONS, permutation_of, permuted
from neural_sculpting.tasks import Table, TaskContent, build_task, register_content

NUMBERS = range(PERMUTATIONS)


def in_order(rows):
    return rows[np.lexsort(rows.T)]


def test_rows_of_labels_stay_together_and_inputs_stay():
    task = build_task("boolean_sep")
    found = permuted(task, 0)
    assert found.training is found.validation
    assert found.training.inputs is task.training.inputs
    assert np.array_equal(in_order(found.training.targets), in_order(task.training.targets))
    assert not np.array_equal(found.training.targets, task.training.targets)
    assert (found.title, found.expected_hierarchy(1)) == (task.title, None)


def test_labels_of_training_and_validation_are_permuted_together():
    inputs, targets = np.eye(12, dtype=np.float32), np.arange(12, dtype=np.float32)[:, None]
    sets = [Table(inputs[rows], targets[rows]) for rows in (slice(0, 6), slice(6, 10), slice(10, 12))]
    register_content("numbered", TaskContent(None, *sets, loss="squared_error"))
    found = permuted(build_task("numbered"), 1)
    labels = [each.targets.ravel() for each in (found.training, found.validation)]
    assert list(map(len, labels)) == [6, 4]
    assert sorted(np.concatenate(labels)) == [*range(10)]
    assert max(labels[1]) < 10
    assert min(labels[1]) < 6  # some were of training examples
    assert found.test is None


@pytest.mark.parametrize("name", ["boolean_sep", "boolean_sep_reused"])
def test_whole_tables_have_no_structure_left(name):
    tasks = [permuted(build_task(name), number) for number in NUMBERS]
    assert divides_inputs(decompose_task(build_task(name)).hierarchy)
    assert [divides_inputs(decompose_task(task).hierarchy) for task in tasks] == [False] * PERMUTATIONS
    assert all((one.training.targets != other.training.targets).any() for one, other in pairwise(tasks))
    assert permuted(build_task(name), 2).sha256 == tasks[2].sha256


def test_a_table_that_cannot_do_without_structure_is_permuted_all_the_same():
    task = TaskContent(None, *[Table(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32))] * 2)
    register_content("equal_bits", task)
    assert permuted(build_task("equal_bits"), 0).sizes == (2, 2)


def test_the_seed_alone_decides_which_permutation_a_trial_learns():
    assert sorted(set(map(permutation_of, range(36)))) == [*NUMBERS]
    assert permutation_of(7) == permutation_of(7 + PERMUTATIONS)
