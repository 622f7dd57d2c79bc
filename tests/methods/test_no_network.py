"""Methods that look at the examples alone."""

import numpy as np
import pytest

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.methods import DoesNotApply
from neural_sculpting.methods.hierarchies import of_interactions, of_units
from neural_sculpting.methods.no_network.boosted_trees import boosted_trees
from neural_sculpting.methods.no_network.decomposition import decomposition
from neural_sculpting.methods.no_network.friedman_h import friedman_h
from neural_sculpting.methods.no_network.sobol import sobol
from neural_sculpting.methods.surrogates import fitted_trees, is_sampled
from neural_sculpting.tasks import Table, TaskContent, build_task

IMAGES = {"source": "digits", "per_pair": 1, "validation_per_pair": 1, "test_per_pair": 1, "data_seed": 0, "gap": 0}
METHODS = (decomposition, boosted_trees, friedman_h, sobol)
TWO_PARTS = {frozenset({0, 1}): frozenset({0, 1}), frozenset({2, 3}): frozenset({2, 3})}


def bits(inputs):
    return (np.arange(2**inputs)[:, None] >> np.arange(inputs)[::-1] & 1).astype(np.float32)


def table(rows, *outputs, **further):
    examples = Table(rows, np.stack(outputs, axis=1).astype(np.float32))
    return TaskContent(graph=None, training=examples, validation=examples, **further)


@pytest.mark.parametrize("method", METHODS)
def test_two_functions_without_a_shared_input_are_apart(method):
    assert relation_of(method(build_task("boolean_sep")).hierarchy) == TWO_PARTS


@pytest.mark.parametrize("method", METHODS[1:])
def test_an_input_that_does_not_count_is_left_out(method):
    rows = bits(4)
    found = method(table(rows, (rows[:, 0] > 0) & (rows[:, 1] > 0), rows[:, 2] > 0)).hierarchy
    assert relation_of(found) == {frozenset({0, 1}): frozenset({0}), frozenset({2}): frozenset({1})}


@pytest.mark.parametrize("method", METHODS)
def test_pairs_of_images_are_refused(method):
    with pytest.raises(DoesNotApply, match="needs"):
        method(build_task("digits_pair", **IMAGES))


def test_superset_importance_sees_parity_of_three_inputs():
    rows = bits(3)
    parity = table(rows, rows.sum(axis=1) % 2)
    assert relation_of(sobol(parity).hierarchy) == {frozenset({0, 1, 2}): frozenset({0})}


def test_inputs_are_together_if_they_interact_and_serve_the_same_outputs():
    interacts = np.zeros((2, 4, 4), dtype=bool)
    interacts[0, [0, 1, 2, 0, 1, 1, 2], [0, 1, 2, 1, 0, 2, 1]] = True  # 0-1 and 1-2 interact in output 0
    interacts[1, [2, 3], [2, 3]] = True
    found = of_interactions(interacts)
    blocks = {frozenset({0, 1}): frozenset({0}), frozenset({2}): frozenset({0, 1}), frozenset({3}): frozenset({1})}
    assert relation_of(found) == blocks


def test_units_interact_if_some_of_their_inputs_do():
    task = table(bits(4), bits(4)[:, 0], input_units=((0, 2), (1, 3)))
    interacts = np.zeros((1, 4, 4), dtype=bool)
    interacts[0, 2, 1] = interacts[0, 1, 2] = True
    assert of_units(interacts, task).tolist() == [[[False, True], [True, False]]]


def test_rows_are_held_out_of_tables_with_unseen_rows_alone():
    assert not is_sampled(build_task("boolean_sep"))
    task = build_task("boolean_sep", rows=0.5)
    assert is_sampled(task)
    _, held_out = fitted_trees(task)
    assert held_out.any()


def test_the_decomposition_of_a_whole_table_is_exact():
    shape = {"depth": 2, "fan_in": 2, "reuse": 2, "sub_functions": 3, "uses": 1}
    task = build_task("random_hierarchy", graph_seed=3, **shape)
    assert same_hierarchy(decomposition(task).hierarchy, task.expected_hierarchy(2))
