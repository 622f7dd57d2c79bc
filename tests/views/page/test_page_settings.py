import shlex

from neural_sculpting.views.page.settings import all_settings, command_of, flat, runs, versions_of
from neural_sculpting.views.page.sweeps import open_sweep


def test_settings_are_written_as_one_would_type_them(make_config):
    settings = all_settings([make_config({"pruning.unit.step": [70, 2.5]}), make_config({"arch.hidden": [24, 24]})])
    assert settings["pruning.unit.step"] == "[70, 2.5]; [70]"
    assert settings["arch.hidden"] == "[24]; [24, 24]"
    assert settings["analysis.hops"] == "null"
    assert not {"seed", "logger.kind", "pictures"} & {*settings}


def test_nested_settings_have_dotted_keys():
    assert flat({"a": {"b": True, "c": [1, 0.5]}, "d": None}) == {"a.b": "true", "a.c": "[1, 0.5]", "d": "null"}


def test_numbers_in_a_short_way():
    assert runs([0, 1, 2, 5]) == "0–2, 5"
    assert runs([0, 1]) == "0, 1"
    assert runs([3]) == "3"


def test_the_command_can_be_pasted_into_a_shell(sweep_folder):
    overrides = ("task=boolean_sep", "arch.hidden=[24,24]", "seed=range(36)")
    command = command_of(open_sweep(sweep_folder, overrides=overrides))
    assert shlex.split(command) == ["python", "-m", "neural_sculpting.run", "-m", *overrides]
    assert "'seed=range(36)'" in command
    alone = command_of(open_sweep(sweep_folder, overrides=overrides, multirun=False))
    assert shlex.split(alone)[3:] == list(overrides)
    assert command_of(open_sweep(sweep_folder)) == ""


def test_versions_that_differ_are_all_told(sweep_folder):
    sweep = open_sweep(sweep_folder)
    sweep.about[1]["libraries"]["torch"] = "9.9"
    assert versions_of(sweep)["torch"].endswith("; 9.9")
    assert versions_of(sweep)["time of sculpting"].endswith(" seconds")
