"""``python -m neural_sculpting.collect``."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from neural_sculpting.collect import main
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.store import save_group


@pytest.fixture
def killed(record, tmp_path, monkeypatch) -> Path:
    """A sweep that was killed after three of nine jobs."""
    save_group(record, tmp_path / "sweep")
    Plan(multirun=True, jobs=9, overrides=("experiment=exemplar",), experiment="exemplar").write(tmp_path / "sweep")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "sweep"


def test_the_tables_of_a_sweep_that_was_killed(killed, capsys):
    assert main(["sweep"]) == 0
    printed = capsys.readouterr()
    assert "6 trials missing: not run yet, or failed (resume=true continues)" in printed.out
    assert printed.out.endswith("Figure   sweep/exemplar.png\n")
    assert printed.err == ""
    assert {"trials.csv", "success_rates.csv", "networks.parquet", "sweep.json", "exemplar.svg"} < set(
        os.listdir("sweep")
    )


@pytest.mark.parametrize(("jobs", "kept"), [(6, False), (7, True)])
def test_checkpoints_go_when_every_group_is_there(record, tmp_path, jobs, kept):
    """A process that was killed between the two may have left them."""
    Plan(multirun=True, jobs=jobs, overrides=()).write(tmp_path)
    for first in range(6):
        save_group(only_job(record, first), tmp_path)
    left = tmp_path / "checkpoints" / "0003" / "0_ab.ckpt"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"")
    main([str(tmp_path)])
    assert left.exists() == kept


def only_job(record, job):
    trials = record.trials.assign(job=job)
    return replace(record, trials=trials, networks=record.networks.assign(job=job))


def test_groups_without_a_plan(killed, capsys):
    (killed / "plan.json").unlink()
    assert main([str(killed)]) == 0
    assert "missing" not in capsys.readouterr().out
    assert (killed / "trials.csv").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "the following arguments are required: folder; --help shows what is allowed"),
        (["a", "b"], "unrecognized arguments: b; --help shows what is allowed"),
        (["nowhere"], "nowhere: no such folder"),
        (["empty"], "empty: contains no finished group of a sweep"),
    ],
)
def test_mistakes_are_one_line(words, line, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert main(words) == 1
    assert capsys.readouterr().err == f"error: {line}\n"


def test_a_folder_that_is_not_writable_is_reported(killed, capsys, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("neural_sculpting.files.os.replace", refuse)
    assert main(["sweep"]) == 1
    assert capsys.readouterr().err == "error: sweep: cannot be written (Permission denied)\n"


def test_the_module_is_a_program(tmp_path):
    command = [sys.executable, "-m", "neural_sculpting.collect", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: python -m neural_sculpting.collect [-h] folder\n")
