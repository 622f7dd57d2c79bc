"""The answer to the task of a cell, on its page."""

import pytest

import neural_sculpting as ns
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.page.sections import answer_section
from neural_sculpting.views.page.sweep_page import write_report


@pytest.fixture(scope="module")
def reused() -> ns.Result:
    return ns.sculpt("boolean_sep_reused", seeds=4, hidden=[24, 24], overrides=["analysis.reader=confirmed"])


def test_an_answer_has_its_picture_with_support_and_its_facts(reused, tmp_path):
    [cell] = reused.sweep.cells
    section = answer_section(cell)
    assert section["sentence"] == "Answer: as expected."
    assert section["kind"] == "found same"
    assert "in 100% of trials" in section["picture"]
    assert list(section["facts"]) == ["agreement", "confidence", "left open", "by chance", "ceiling"]
    stored = ns.load(reused.save(tmp_path / "saved")).sweep
    page = write_report(stored, tmp_path / "page.html").read_text(encoding="utf-8")
    assert all(words in page for words in section["facts"].values())
    assert page.count("<td>yes</td>") >= 3  # the ceiling


def test_the_most_frequent_hierarchy_is_no_second_picture(record):
    [cell] = Sweep((record,)).cells
    section = answer_section(cell)
    assert (section["picture"], section["sentence"]) == ("", "")
    assert section["facts"]["by chance"].startswith("with rewired edges 0 of 3 trials")


def test_where_no_trial_learned_terminal_and_page_say_what_to_do(tmp_path):
    settings = ["training.epochs=1", "training.lr=1e-6"]
    result = ns.sculpt(lambda a, b: a ^ b, n_inputs=2, seeds=2, overrides=settings)
    page = write_report(result.save(tmp_path / "saved")).read_text(encoding="utf-8")
    assert "next               No trial performs the task (accuracy at most " in str(result.summary())
    assert "What to do next" in page
    assert "give them training.dense_rounds=5" in page


@pytest.mark.parametrize("seed", [1, None])
def test_formulas_are_those_of_the_answer(reused, tmp_path, monkeypatch, seed):
    stored = ns.load(reused.save(tmp_path / "saved")).sweep
    row = None if seed is None else stored.cells[0].trials.iloc[seed]
    monkeypatch.setattr(Cell, "best_with_answer", row)
    page = write_report(stored, tmp_path / "page.html").read_text(encoding="utf-8")
    assert ("What its modules compute" in page) == (seed is not None)
    assert ("Read from one network (6-24-24-3, seed 1)" in page) == (seed is not None)
