import pytest

from neural_sculpting.records import failures
from neural_sculpting.records.failures import failure_of
from neural_sculpting.scoring.diagnosis.failure import OUTCOMES


def test_an_error_in_explaining_costs_the_explanation_alone(record, monkeypatch):
    def failing(*_, **__):
        raise ArithmeticError("odd\nmasks")

    monkeypatch.setattr(failures, "diagnose", failing)
    found = [failure_of(record, trial) for _, trial in record.selected_trials.iterrows()]
    assert {failure.kind for failure in found} == {"unexplained"}
    assert found[0].headline == "Not explained: looking for the reason stopped with an error"
    assert found[0].detail == "Looking for the reason stopped with ArithmeticError: odd masks."
    assert found[0].topic == OUTCOMES["unexplained"].label


def test_an_interruption_is_no_explanation(record, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(failures, "diagnose", interrupted)
    with pytest.raises(KeyboardInterrupt):
        failure_of(record, record.selected_trials.iloc[0])
