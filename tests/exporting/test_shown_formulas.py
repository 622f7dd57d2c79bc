"""Formulas beside a hierarchy that is shown."""

from dataclasses import replace

import pytest

from neural_sculpting.exporting import shown_formulas
from neural_sculpting.exporting.shown_formulas import FormulaLines
from neural_sculpting.exporting.trial_files import formulas_of_trial


@pytest.fixture
def trial(record):
    return record.selected_trials[record.selected_trials["exact"]].iloc[0]


def test_they_are_those_of_the_trial(record, trial):
    assert FormulaLines()(record, trial) == str(formulas_of_trial(record, trial)).splitlines()
    assert any("x0 ^ x1" in line for line in FormulaLines()(record, trial))


def test_each_trial_is_read_once(record, trial, monkeypatch):
    calls = []
    monkeypatch.setattr(shown_formulas, "formulas_of_trial", lambda *given: calls.append(given) or "one\ntwo")
    read = FormulaLines()
    assert read(record, trial) == read(record, trial) == ["one", "two"]
    read(replace(record), trial)  # another record
    assert len(calls) == 2


def test_there_are_none_where_inputs_are_no_bits(record, trial):
    assert FormulaLines()(replace(record, inputs_are_bits=False), trial) == ()


def test_there_are_none_where_they_take_long(record, trial, monkeypatch):
    monkeypatch.setattr(shown_formulas, "MOST_INPUTS", 4)
    assert FormulaLines()(record, trial) != ()
    monkeypatch.setattr(shown_formulas, "MOST_INPUTS", 3)
    assert FormulaLines()(record, trial) == ()
