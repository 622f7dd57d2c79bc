"""Calibration: what is right, how bins and scores are counted, and that what tests has no part in the model."""

import json

import numpy as np
import pandas as pd
import pytest
from hierarchy_examples import hierarchy

from experiments.calibration.__main__ import MODEL, Calibration, model_of
from experiments.calibration.cases import CALIBRATING, FIRST_ROUND, TESTING, all_cases, case_of, is_right
from experiments.calibration.reliability import reliability, scores
from experiments.calibration.second import automaton, quadratic, rules
from experiments.calibration.tasks import circuit, formula
from experiments.calibration.third import cells, choice, cipher, decision_tree
from experiments.study import ROWS
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable
from neural_sculpting.tasks.boolean import boolean_overlap, boolean_sep_reused
from neural_sculpting.tasks.unstructured import unstructured


def of_blocks(*blocks, outputs=(0,)):
    """Blocks that one module with the outputs reads."""
    modules = {str(number): (block, ()) for number, block in enumerate(blocks)}
    return hierarchy({**modules, "top": ((), outputs)}, [(name, "top") for name in modules])


def test_an_answer_is_right_if_its_relation_is():
    graph = boolean_sep_reused()
    assert is_right(graph.hierarchy(2), graph)
    assert not is_right(
        of_blocks((0, 1), (2, 3), (4, 5), outputs=(0, 1, 2)), graph
    )  # each reaches two outputs of three
    assert not is_right(of_blocks((0, 1, 2, 3), (4, 5), outputs=(0, 1, 2)), graph)


def test_a_finer_answer_is_right_if_the_truth_table_confirms_it():
    """Of the paper's two functions the second is a conjunction of its last input and a function of the others."""
    graph = boolean_overlap(overlap=0, uses=1)
    finer, other = (
        hierarchy({"F": (range(4), (0,)), "h": (three, ()), "x": (last, ()), "G": ((), (1,))}, [("h", "G"), ("x", "G")])
        for three, last in (((4, 5, 6), (7,)), ((5, 6, 7), (4,)))
    )
    assert [is_right(each, graph) for each in (graph.hierarchy(2), finer, other)] == [True, True, False]


def test_of_a_function_without_structure_what_divides_nothing_is_right():
    graph = unstructured(4, 1, function_seed=0)
    assert is_right(hierarchy({"A": (range(4), (0,))}), graph)
    assert not is_right(of_blocks((0, 1), (2, 3)), graph)


def test_circuits_compute_what_they_are_called():
    """The sum of two numbers of two bits, in another order and some negated: the digits of one place are a block."""
    outputs = circuit(0).truth_table()[1]
    assert sorted(np.bincount(outputs.astype(int) @ [4, 2, 1])) == [1, 1, 2, 2, 3, 3, 4]  # sums from 0 to 6
    found = decompose_function(BitTable(outputs > 0.5)).hierarchy
    assert sorted(map(len, relation_of(found))) == [2, 2]


@pytest.mark.parametrize("make", [formula, automaton, quadratic, rules, decision_tree, cells, cipher, choice])
def test_a_seed_draws_a_function_whose_grouping_is_not_open(make):
    tables = [make(seed).truth_table()[1] > 0.5 for seed in (5, 5, 6)]
    assert np.array_equal(*tables[:2])
    assert tables[0].shape != tables[2].shape or (tables[0] != tables[2]).any()
    assert all(decompose_function(BitTable(table)).identifiable != "convention" for table in tables)


def test_what_tests_has_no_part_in_the_calibration():
    assert not {*CALIBRATING} & {*TESTING}
    assert {family for family, _ in all_cases()} == {*CALIBRATING, *TESTING} >= {*FIRST_ROUND}
    assert len(set(all_cases())) == len(all_cases())
    one, other = case_of("trees", 3), case_of("trees", 3)
    assert one[1:] == other[1:]


def test_bins_by_hand():
    probability = np.array([0.9, 0.1, 0.2, 0.8, 0.5, 0.15, 0.25, 0.7, 0.6, 0.95])
    right = np.array([1, 0, 1, 1, 0, 0, 0, 1, 1, 1])
    bins = reliability(probability, right)
    assert bins["tasks"].tolist() == [2] * 5
    assert bins["right"].tolist() == [0.0, 0.5, 0.5, 1.0, 1.0]
    assert bins["confidence"].tolist() == pytest.approx([0.125, 0.225, 0.55, 0.75, 0.925])
    assert bins["right_low"].iloc[-1] == pytest.approx(2 / (2 + 2.5758293**2))  # Wilson, 99 %
    assert bins["within"].tolist() == ["yes"] * 5
    assert reliability(np.full(100, 0.9), np.zeros(100))["within"].tolist() == ["no"] * 5


def test_scores_by_hand():
    found = scores(np.array([0.8, 0.8, 0.0]), np.array([1, 0, 1]))
    assert found["Brier"] == pytest.approx([0.04, 0.64, 1.0])
    assert found["log"] == pytest.approx(-np.log([0.8, 0.2, 0.01]))


def test_the_stored_model_is_that_of_the_stored_rows():
    study = Calibration()
    if not (study.folder / ROWS).exists():
        pytest.skip("no rows are stored")
    rows, run = study.read()
    stored, made = json.loads(MODEL.read_text(encoding="utf-8")), model_of(rows, run)
    assert {**stored, "slopes": 0, "intercept": 0} == {**made, "slopes": 0, "intercept": 0}
    assert pd.Series(stored["slopes"]).to_numpy() == pytest.approx([*made["slopes"].values()], rel=1e-3)
    assert not {*stored["families"]} & {*TESTING}
