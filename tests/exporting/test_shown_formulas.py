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
    monkeypatch.setattr(shown_formulas, "formula_lines", lambda *given, **named: calls.append(given) or ["one", "two"])
    read = FormulaLines()
    assert read(record, trial) == read(record, trial) == ["one", "two"]
    read(replace(record), trial)  # another record
    assert len(calls) == 2
