"""``experiment=<name>`` of a study."""

import subprocess
import sys

import pytest

from neural_sculpting.cli.commands import study_command


def test_a_study_gets_all_other_overrides():
    command = study_command(["trainer.threads=1", "experiment=boolean_sep", "seed=0,1"])
    assert command == [sys.executable, "-m", "experiments.boolean_sep", "--run", "trainer.threads=1", "seed=0,1"]


@pytest.mark.parametrize("lines", [[], ["task=boolean_sep"], ["experiment=reuse"], ["experiment=no_such_study"]])
def test_experiments_of_the_configuration_are_no_studies(lines):
    assert study_command(lines) is None


def test_where_there_are_no_studies_the_configuration_decides(monkeypatch):
    monkeypatch.setattr("neural_sculpting.cli.commands.find_spec", lambda name: None)
    assert study_command(["experiment=boolean_sep"]) is None


@pytest.mark.slow
def test_the_command_becomes_the_study(tmp_path):
    study = tmp_path / "experiments" / "echo"
    study.mkdir(parents=True)
    (study.parent / "__init__.py").touch()
    (study / "__main__.py").write_text("import sys; print(sys.argv[1:]); sys.exit(7)")
    command = [sys.executable, "-m", "neural_sculpting.run", "-m", "experiment=echo", "trainer.threads=1"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.strip()) == (7, "['--run', 'trainer.threads=1']")
