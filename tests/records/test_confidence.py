"""The probability that an answer is right: by hand, in range and out of it, and never the agreement."""

from dataclasses import replace
from math import log

import pytest

import neural_sculpting as ns
from neural_sculpting.records.confidence import (
    calibration,
    confidence_of,
    evidence_of,
    is_covered,
    is_truth_table,
    log_odds,
    probability,
)
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.answer_words import answer_facts, confidence_words

MODEL = {"intercept": -1.0, "slopes": {"support": 0.5, "whole": 2.0}, "ranges": {"inputs": [4, 8]}}


@pytest.fixture(scope="module")
def pairs() -> ns.Result:
    """Two conjunctions: each output is 1 in 4 of 16 rows."""
    settings = ["analysis.reader=confirmed"]
    return ns.sculpt(lambda a, b, c, d: (a & b, c & d), n_inputs=4, seeds=4, hidden=[16, 16], overrides=settings)


def test_a_probability_by_hand():
    assert probability({"support": 0.0, "whole": 0.5}, MODEL) == 0.5
    assert probability({"support": 2.0, "whole": 1.0}, MODEL) == pytest.approx(0.880797, abs=1e-6)  # of 2
    claim = {"divided": 1.0, "known": 0.5}
    assert [is_covered({**claim, "inputs": inputs}, MODEL) for inputs in (3, 4, 8, 9)] == [False, True, True, False]
    assert log_odds(4, 4) == pytest.approx(log(9))
    assert log_odds(0, 4) == -log_odds(4, 4)


def test_evidence_of_a_whole_truth_table(pairs):
    [cell] = pairs.sweep.cells
    found = evidence_of(cell)
    assert (found["inputs"], found["outputs"], found["hidden_layers"], found["trials"], found["examples"]) == (
        4,
        2,
        2,
        4,
        16,
    )
    assert (found["known"], found["learned"], found["left_out"], found["log_outputs"]) == (1.0, 1.0, 0, log(2))
    assert found["log_telling"] == pytest.approx(log(4.5))
    assert found["support"] == log_odds(4 * min(module["support"] for module in cell.answer.modules), 4)


def test_confidence_is_that_of_the_stored_model_and_no_agreement(pairs):
    [cell] = pairs.sweep.cells
    assert cell.confidence == pairs.confidence == probability(evidence_of(cell), calibration())
    assert 0.5 < pairs.confidence < 1
    assert pairs.answers["confidence"].tolist() == [pairs.confidence]
    words = answer_facts(cell, cell.answer)["confidence"]
    assert words == confidence_words(pairs.confidence) != answer_facts(cell, cell.answer)["agreement"]
    assert words.startswith(f"right with a probability of {pairs.confidence:.0%}, calibrated on ")


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs_are_bits": False},
        {"outputs_are_bits": False},
        {"one_hot": (2,)},
        {"one_hot_inputs": (1, 3)},
        {"set_sizes": (10, 6, 4)},  # other rows decide what is accepted
    ],
)
def test_it_is_not_known_of_other_kinds_of_tasks(pairs, changes):
    [group] = pairs.groups
    assert is_truth_table(group)
    assert not is_truth_table(replace(group, **changes))


def test_it_is_not_known_beyond_the_tasks_of_the_calibration(pairs):
    assert confidence_of(Sweep((replace(pairs.groups[0], set_sizes=(100_000,)),)).cells[0]) is None
    assert confidence_words(None) == "not known"


@pytest.mark.parametrize(("divided", "known", "covered"), [(1, 0.5, True), (0, 1, True), (0, 0.5, False)])
def test_it_is_not_known_where_nothing_is_found_in_a_part_of_the_rows(divided, known, covered):
    assert is_covered({"inputs": 4, "divided": divided, "known": known}, MODEL) == covered


def test_it_is_not_known_of_other_readers(record):
    assert confidence_of(Sweep((record,)).cells[0]) is None


def test_support_and_rows_speak_for_an_answer_and_inputs_that_it_leaves_out_against_it():
    slopes = calibration()["slopes"]
    assert min(slopes["support"], slopes["log_telling"]) > 0 > slopes["left_out"]
