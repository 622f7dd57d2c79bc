"""What breaks in real networks, and how far their hierarchies agree."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

import neural_sculpting as ns
from neural_sculpting.records.lesions import MOST_ROWS, lesions_of, rows_of


@pytest.fixture(scope="module")
def separate() -> ns.Result:
    return ns.sculpt("boolean_sep", seeds=4, hidden=[24])


def test_each_sub_function_breaks_its_own_outputs_and_random_units_do_not(separate):
    found = separate.lesions
    assert found.shown.damaged.shape == found.shown.predicted.shape == (2, 4)
    assert found.own.mean == found.answer.mean == 1.0
    assert found.control.mean < 0.8
    assert (found.networks, found.own.count) == (4, 4)
    [row] = separate.answers.to_dict("records")
    assert (row["lesion_score"], row["random_lesion_score"]) == (1.0, found.control.mean)


def test_where_every_module_reaches_every_output_nothing_is_predicted():
    single = ns.sculpt("boolean_single", seeds=2, hidden=[24])
    assert single.lesions.networks == 2
    assert isnan(single.lesions.own.mean)
    assert isnan(single.answers["lesion_score"].item())


def test_without_weights_or_rows_there_is_nothing_to_ask(separate):
    [group] = separate.groups
    bare = replace(group, packed=group.packed.with_values_of([]))
    assert lesions_of(bare, 0) is None
    assert rows_of(replace(group, inputs_are_bits=False)) is None


def test_rows_are_the_whole_table_or_valid_random_ones(separate):
    [group] = separate.groups
    assert (len(rows_of(group)), np.unique(rows_of(group), axis=0, return_counts=True)[1].tolist()) == (512, [32] * 16)
    wide = ns.sculpt("boolean_sep_reused", seeds=1, hidden=[12], overrides=["training.epochs=1", "task.idle_inputs=4"])
    rows = rows_of(replace(wide.groups[0], one_hot_inputs=(3, 1, 1, 5)))
    assert (rows[:, :3].sum(axis=1) == 1).all()
    many = rows_of(replace(wide.groups[0], one_hot_inputs=()))
    assert many.shape == (MOST_ROWS, 10)
    assert {*np.unique(many)} == {0.0, 1.0}


def test_agreement_between_seeds_steps_and_draws_of_rows(separate):
    assert separate.stability.seeds.inputs.mean == 1.0
    assert (separate.stability.steps, separate.stability.rows) == (None, None)
    pruned = {"pruning.variants={dense:{phases:[edge],edge:{limit:1e-6}},edges:{phases:[edge]}}"}
    dense = ns.sculpt("boolean_sep", seeds=3, hidden=[24], overrides=[*pruned])
    assert dense.stability.steps.inputs.mean < 1.0  # dense networks have one module
    drawn = ns.Result((*_of_draw(0).groups, *_of_draw(1).groups))
    assert (drawn.stability.seeds.inputs.count, drawn.stability.rows.inputs.count) == (2, 2)


def _of_draw(seed: int) -> ns.Result:
    settings = ["task.rows=0.8", f"task.rows_seed={seed}", "pruning.accuracy_threshold=0.9"]
    return ns.sculpt("boolean_sep", seeds=2, hidden=[24], overrides=settings)
