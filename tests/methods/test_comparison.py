"""Methods by name, and their scores."""

from dataclasses import replace

import networkx as nx
import pytest

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.errors import UserError
from neural_sculpting.methods.comparison import Subject, compare, score
from neural_sculpting.methods.registry import method_named, shipped
from neural_sculpting.tasks import build_task


def hierarchy(*modules, edges=()):
    found = nx.DiGraph()
    for name, (inputs, outputs) in enumerate(modules):
        found.add_node(name, inputs=inputs, outputs=outputs)
    found.add_edges_from(edges)
    return found


TWO = hierarchy(((0, 1), (0,)), ((2, 3), (1,)))


def by_nothing(task, *, blocks=1):
    """One module, or as many as inputs."""
    return Reading(hierarchy(*(((each,), ()) for each in range(blocks))))


def briefly(training):
    """Train for as long as sculpting does."""
    return training.run()


def of_something_else(example):
    return example


@pytest.fixture(scope="module")
def subject():
    settings = ["arch.hidden=[12]", "training.epochs=20"]
    found = Subject.of("boolean_sep", seeds=2, overrides=settings, pruning=["pruning.phases=[edge]"])
    assert found.dense.packed.kept_edges().tolist() == [96, 96] > found.sculpted.packed.kept_edges().tolist()
    return found


def test_what_was_found_is_scored():
    right = score(TWO, TWO)
    assert right == {
        **dict.fromkeys(("inputs", "outputs", "relation", "exact"), True),
        "false_claim": None,
        "ari": 1.0,
    }
    crossed = score(hierarchy(((0, 2), (0,)), ((1, 3), (1,))), TWO)
    assert (crossed["outputs"], crossed["relation"], crossed["ari"]) == (True, False, -0.5)
    assert score(hierarchy(((0, 1), (1,)), ((2, 3), (0,))), TWO)["inputs"]


def test_dividing_what_belongs_together_is_a_false_claim():
    one = hierarchy(((0, 1), (0,)))
    assert score(one, one)["false_claim"] is False
    assert score(hierarchy(((0,), ()), ((1,), (0,)), edges=[(0, 1)]), one)["false_claim"] is True
    assert score(None, one)["false_claim"] is False


def test_nothing_meets_no_criterion():
    assert not any(score(None, TWO)[each] for each in ("inputs", "outputs", "relation", "exact", "ari"))


def test_pruned_inputs_do_not_count_where_they_may_be_pruned():
    found = hierarchy(((0,), (0,)), ((2, 3), (1,)))
    assert not score(found, TWO)["relation"]
    assert score(found, TWO, ignore_pruned_inputs=True)["relation"]


def test_every_way_of_looking_has_rows_with_scores(subject):
    own = f"{__name__}.briefly"
    rows = compare(subject, ["paper", "decomposition", own])
    assert rows.groupby("method")["seed"].apply(list).to_dict() == {
        **{"paper": [0, 1], "decomposition": [0]},
        **{f"{own}/paper": [0, 1], f"{own}/confirmed": [0, 1]},
    }
    assert rows["tier"].unique().tolist() == ["sculpted", "no network", "other training"]
    assert rows.loc[rows["method"] == "decomposition", "relation"].all()
    assert (rows["seconds"] > 0).all()


def test_a_method_that_does_not_apply_gives_its_reason(subject):
    sizes = {"per_pair": 1, "validation_per_pair": 1, "test_per_pair": 1}
    task = build_task("digits_pair", source="digits", data_seed=0, gap=0, **sizes)
    [row] = compare(replace(subject, task=task), ["decomposition"]).to_dict("records")
    assert (row["applies"], row["reason"]) == (False, "needs a table of bits of at most 20 inputs")


def test_own_methods_are_found_by_their_import_path(subject):
    own = f"{__name__}.by_nothing"
    [row] = compare(subject, [own], {own: {"blocks": 4}}).to_dict("records")
    assert (row["method"], row["tier"], row["inputs"], row["ari"]) == (own, "no network", False, 0.0)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sorcery", "method sorcery: must be paper, .*, or the import path of a function"),
        ("no_such_package.method", r"method no_such_package.method: cannot be imported \(.*\)"),
        (f"{__name__}.of_something_else", r".*: begins with the parameter example; must be task, graph, .*"),
    ],
)
def test_names_that_are_no_methods_are_refused(name, message):
    with pytest.raises(UserError, match=message):
        method_named(name)


@pytest.mark.parametrize("name", shipped())
def test_shipped_methods_name_their_source_and_are_tuned_by_the_same_budget(name):
    method = method_named(name)
    assert method.function.__doc__
    if method.tier != "sculpted":
        assert len(method.grid) in (1, 4)


def test_functions_of_too_many_inputs_are_not_asked(subject, monkeypatch):
    monkeypatch.setattr("neural_sculpting.methods.comparison.MOST_ASKED", 3)
    rows = compare(replace(subject, sculpted=None), ["confirmed", "paper", f"{__name__}.briefly"])
    reasons = rows[~rows["applies"].astype(bool)].set_index("method")["reason"].to_dict()
    too_many = "asks about sets of 4 inputs; must be at most 3"
    assert reasons == {
        **{"confirmed": too_many, "paper": "no network was sculpted"},
        f"{__name__}.briefly/confirmed": too_many,
    }
    assert rows.loc[rows["method"] == f"{__name__}.briefly/paper", "applies"].all()
