"""Variants of pruning: differences from the other keys, completed when a configuration is loaded."""

import pytest

from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import load
from neural_sculpting.config.values import flat
from neural_sculpting.config.variants import with_differences
from neural_sculpting.errors import UserError

TWO = {"edges": {"phases": ["edge"], "edge": {"tail": 3}}, "usual": {}}


def test_each_variant_has_what_it_does_not_change(make_config):
    config = make_config({"pruning.variants": TWO, "pruning.edge.step": [5, 1]})
    (edges, first), (usual, second) = config.by_variant()
    assert [edges, usual] == ["edges", "usual"]
    assert (first.pruning.phases, first.pruning.edge.tail, first.pruning.edge.step) == (("edge",), 3, (5, 1))
    assert second.pruning == config.pruning.model_copy(update={"variants": None})
    assert first.model_copy(update={"pruning": config.pruning}) == config
    assert config.pruning.networks == 2 + 2
    assert hash(config) == hash(make_config({"pruning.variants": TWO, "pruning.edge.step": [5, 1]}))


def test_without_variants_there_is_one_way_without_a_name(config):
    assert config.by_variant() == [("", config)]


def test_a_loaded_configuration_can_be_loaded_again(make_config):
    config = make_config({"pruning.variants": TWO})
    assert load(config.model_dump(mode="json")) == config


def test_groups_that_differ_in_steps_have_the_rest_in_common(make_config):
    one, other = (make_config({"pruning.variants": TWO, "pruning.edge.step": step}).pruning for step in (1, [5, 2]))
    assert one != other
    assert one.without_steps() == other.without_steps()


def test_people_read_the_differences(make_config):
    values = with_differences(make_config({"pruning.variants": TWO}).model_dump(mode="json"))
    assert values["pruning"]["variants"] == TWO
    assert flat({"variants": TWO}) == {
        "variants.edges.phases": ["edge"],
        "variants.edges.edge.tail": 3,
        "variants.usual": {},
    }


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({"a": 3}, "pruning.variants.a=3: must be a group with keys of phases, unit, edge"),
        (
            {"a": {"accuracy_by": "bits"}},
            "pruning.variants.a.accuracy_by: unknown key; variants differ in keys of phases",
        ),
        ({"a": {"edge": {"foo": 1}}}, "pruning.variants.a.edge.foo: unknown key; variants differ in keys of phases"),
        ({"a": {"edge": {"tail": -1}}}, "pruning.variants.a.edge.tail=-1: must be a whole number of rejected edges"),
        ({"a": {"edge": None}}, "pruning.variants.a.edge=null: must be a group with the keys criterion, step"),
        ({"a": {"phases": ["edges"]}}, r"pruning.variants.a.phases=\[edges\]: must be a list of unit and edge"),
        ({"a": {"unit": {"criterion": "no.such"}}}, "pruning.unit.criterion=no.such: cannot be imported"),
        ({}, "pruning.variants={}: must be a group of names"),
    ],
)
def test_mistakes_in_variants(make_config, variants, message):
    with pytest.raises(UserError, match=f"^{message}"):
        make_config({"pruning.variants": variants})


def test_levels_brings_settings_of_training_unless_there_is_a_choice():
    levels = compose(["pruning=levels", "task=random_hierarchy"])
    ways = [(each.name, each.phases, each.edge.order, each.edge.tail) for each in levels.pruning.variants]
    assert ways == [
        ("first_layer_first", ("edge",), "first_layer_first", 10),
        ("edges", ("edge",), "together", 10),
        ("units_first", ("unit", "edge"), "together", 10),
        ("bottom_up", ("edge",), "bottom_up", 10),
    ]
    assert (levels.training.dense_rounds, levels.training.pruning_lr) == (5, 0.02)
    assert levels.selection == "finest"
    assert compose(["pruning=levels", "selection=simplest"]).selection == "simplest"
    assert compose(["task=random_hierarchy"]).selection == "sparsest"
    assert compose(["pruning=levels", "training=paper"]).training.dense_rounds == 1
    measured = compose(["pruning=levels", "task=digits_pair"])
    assert (measured.pruning.accuracy_drop, measured.training.epochs) == (0.02, 20)
    changed = compose(["pruning=levels", "+pruning.variants.edges.edge.tail=2", "pruning.edge.step=5"]).pruning.variants
    assert [(each.edge.tail, each.edge.step) for each in changed] == [(10, (5,)), (2, (5,)), (10, (5,)), (10, (5,))]
