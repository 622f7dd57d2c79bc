"""The answer of a cell: the networks of its trials read as one, with what supports it and what chance gives."""

import json

import numpy as np
import pandas as pd
import pytest

import neural_sculpting as ns
from neural_sculpting.analysis import graph_from_json
from neural_sculpting.analysis.readers import Reading
from neural_sculpting.records import answers
from neural_sculpting.records.answers import answer_rows

COLUMNS = ["trials", "learned", "lost", "exact", "relation", "refines", "ceiling_exact", "ceiling_relation"]


@pytest.fixture(scope="module")
def reused() -> ns.Result:
    settings = ["analysis.reader=confirmed"]
    return ns.sculpt("boolean_sep_reused", seeds=4, hidden=[24, 24], overrides=settings)


def test_a_row_has_the_answer_beside_the_ceiling(reused):
    [row] = answer_rows(reused.sweep).to_dict("records")
    assert [row[name] for name in COLUMNS] == [4, 4, 0, True, True, True, True, True]
    assert (row["reader"], row["agreement"], row["alternatives"]) == ("confirmed", 1.0, "[]")
    assert row["agreement_low"] == pytest.approx(0.5101, abs=1e-4)  # Wilson, 4 of 4
    assert row["confidence"] == reused.confidence != row["agreement"]
    hierarchy = graph_from_json(json.loads(row["hierarchy"]))
    assert set(dict(hierarchy.nodes(data="support")).values()) == {1.0}


def test_functions_alone_give_the_answer_where_each_block_has_outputs_of_its_own(reused):
    [cell] = reused.sweep.cells
    assert cell.nulls.rewired.share == 1.0  # whatever the edges are: which outputs depend on an input says it all
    assert (cell.nulls.rewired_together, cell.nulls.dense_together) == (True, True)


def test_stored_groups_give_the_same_answers(reused, tmp_path):
    reused.save(tmp_path / "saved")
    stored = ns.load(tmp_path / "saved")
    assert answer_rows(stored.sweep).equals(answer_rows(reused.sweep))
    assert stored.groups[0].ceiling.identifiable == "unique"


def test_the_paper_reader_answers_with_the_most_frequent_hierarchy():
    result = ns.sculpt("boolean_sep", seeds=4, hidden=[24])
    [cell] = result.sweep.cells
    most = cell.hierarchies[0]
    assert (cell.answer.agreement.share, cell.answer.learned) == (most.share, 4)
    assert cell.nulls.rewired.share < most.share
    assert cell.nulls.dense_together is None


def test_without_a_trial_that_learned_there_is_no_answer():
    result = ns.sculpt("boolean_sep", seeds=2, hidden=[24], overrides=["training.epochs=1", "training.lr=1e-6"])
    [row] = answer_rows(result.sweep).to_dict("records")
    assert (row["learned"], row["hierarchy"], row["agreement"]) == (0, "", 0.0)
    assert pd.isna(row["exact"])
    assert row["ceiling_exact"]


def test_what_fits_as_well_follows_from_a_whole_truth_table_whatever_networks_suggest(monkeypatch):
    result = ns.sculpt(lambda a, b, c: a & b & c, n_inputs=3, seeds=2)
    suggested = Reading(result.ceiling.hierarchy, {"identifiable": "unique"})
    monkeypatch.setattr(answers, "read_together", lambda *_: suggested)
    assert (result.answer.identifiable, len(result.answer.alternatives)) == ("convention", 3)
    assert "others fit the function as well" in str(result.answer)


@pytest.mark.slow
def test_measured_inputs_are_asked_around_stored_examples(tmp_path):
    random = np.random.default_rng(3)
    inputs = random.normal(size=(1500, 4))
    product = inputs[:, 0] * inputs[:, 1]
    outputs = {"one": np.tanh(product) + inputs[:, 2], "other": product * inputs[:, 3]}
    table = pd.DataFrame({**{f"x{i}": inputs[:, i] for i in range(4)}, **outputs})
    pruning = ["pruning=default", "pruning/accuracy=measured"]
    settings = ["training=paper", "training.epochs=40", "training.lr=0.01", *pruning]
    result = ns.sculpt(table, outputs=[*outputs], seeds=6, overrides=settings)
    result.save(tmp_path / "saved")
    [cell] = ns.load(tmp_path / "saved").sweep.cells
    assert {module["inputs"] for module in cell.answer.modules} == {(0, 1), (2,), (3,), ()}
    assert cell.first_group.ceiling is None
