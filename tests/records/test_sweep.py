"""A sweep: its trials, cells and settings."""

import shlex
from dataclasses import replace

import pytest

from neural_sculpting.exporting.trial_files import formulas_of_trial
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.sweep import Sweep, all_settings


def with_settings(record, **settings):
    """The same trials with other settings of training."""
    training = record.config.training.model_copy(update=settings)
    return replace(record, config=record.config.model_copy(update={"training": training}))


def test_every_trial_has_one_row(record):
    selected = Sweep((record,)).selected
    assert list(selected["seed"]) == [4, 0, 2]
    assert list(selected["network"]) == list(record.selected_trials["network"])
    assert set(selected["title"]) == {"boolean_sep"}
    assert set(selected["setting"]) == {""}
    assert set(selected["group"]) == {0}


def test_groups_that_differ_in_a_setting(record):
    selected = Sweep((record, with_settings(record, input_noise=0.2))).selected
    assert len(selected) == 6
    assert list(selected["training.input_noise"]) == [0.1, 0.2] * 3  # in the order of their jobs
    assert list(selected["setting"]) == ["training.input_noise=0.1", "training.input_noise=0.2"] * 3
    assert list(selected["group"]) == [0, 1] * 3


def test_a_repeated_trial_counts_once(record):
    sweep = Sweep((record, record))
    assert list(sweep.selected["group"]) == [0, 0, 0]
    assert len(sweep.by_job) == 6


def test_the_settings_of_a_sweep(make_config):
    settings = all_settings([make_config({"pruning.unit.step": [70, 2.5]}), make_config({"arch.hidden": [24, 24]})])
    assert settings["pruning.unit.step"] == "[70, 2.5]; [70]"
    assert settings["arch.hidden"] == "[24]; [24, 24]"
    assert settings["analysis.hops"] == "null"
    assert not {"seed", "logger.kind", "pictures"} & {*settings}


def test_settings_that_differ_from_the_defaults(record):
    changed = Sweep((record,), plan=Plan(True, 3, ("pruning.unit.step=[70,35]",))).changed
    assert ("pruning.unit.step", "[70, 35]", "[70]") in changed
    assert changed[-1] == ("seed", "0, 2, 4", "0")
    assert "training.epochs" not in dict(line[:2] for line in changed)  # looked up, and not given


def test_a_task_without_defaults_shows_the_settings_of_the_command(record):
    task = record.config.task.model_copy(update={"name": "nowhere.my_task"})
    own = replace(record, config=record.config.model_copy(update={"task": task}))
    assert Sweep((own,), plan=Plan(True, 3, ("task=own", "seed=0,2,4"))).changed == [
        ("task", "own", ""),
        ("seed", "0,2,4", ""),
    ]
    assert Sweep((own,)).changed == []


@pytest.mark.parametrize("multirun", [True, False])
def test_the_command_can_be_pasted_into_a_shell(multirun):
    overrides = ("task=boolean_sep", "arch.hidden=[24,24]", "seed=range(36)")
    command = Plan(multirun, 36, overrides).command
    words = ["python", "-m", "neural_sculpting.run", *(["-m"] if multirun else []), *overrides]
    assert shlex.split(command) == words
    assert "'seed=range(36)'" in command
    assert Plan(multirun, 1, ()).command == ""


def test_jobs_without_a_row_are_missing(record):
    assert Sweep((record,), plan=Plan(True, 9, ())).missing == 6
    assert Sweep((record,), plan=Plan(True, None, ())).missing == Sweep((record,)).missing == 0


def test_trials_of_one_task_are_pooled(record):
    sweep = Sweep((record, with_settings(record, input_noise=0.2)))
    assert [len(cell.trials) for cell in sweep.cells] == [3, 3]
    assert [(task.label, len(task.trials)) for task in sweep.tasks] == [("boolean_sep", 6)]
    alone = Sweep((record,))
    assert alone.tasks == alone.cells


def test_formulas_are_those_of_the_trial(record):
    sweep = Sweep((record,))
    trial = sweep.selected[sweep.selected["exact"]].iloc[0]
    assert sweep.formulas(trial) == str(formulas_of_trial(record, trial)).splitlines()
    assert any("x0 ^ x1" in line for line in sweep.formulas(trial))
    assert sweep.formulas(trial) is sweep.formulas(trial)
