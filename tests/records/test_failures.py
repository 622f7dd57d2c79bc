from dataclasses import replace

import pytest

from neural_sculpting.records import failures
from neural_sculpting.records.failures import accuracy_asked, failure_of
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


def test_the_accuracy_that_was_asked_is_less_by_the_slack_of_the_phase(record, make_config):
    changes = {"pruning.unit.slack": 0.25, "pruning.edge.slack": 0.125}
    trial = record.selected_trials.iloc[0]

    def asked(status, **changed):
        group = replace(record, config=make_config(changes | changed))
        return accuracy_asked(group, trial.replace({trial["status"]: status}))

    assert [asked(status) for status in ("never_learned", "lost")] == [0.75, 0.875]
    assert asked("never_learned", **{"pruning.phases": ["edge", "unit"]}) == 0.875
    relative = {"pruning.accuracy_threshold": None, "pruning.accuracy_drop": 0.5}
    assert asked("lost", **relative) == trial["dense_accuracy"] - 0.625
