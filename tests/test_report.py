"""``python -m neural_sculpting.report``."""

import subprocess
import sys
from pathlib import Path

import pytest
from cheap_command import hydra_plugins, logging_restored

from neural_sculpting import run
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.store import save_group
from neural_sculpting.report import main

__all__ = ["hydra_plugins", "logging_restored"]  # fixtures


@pytest.fixture
def sweep(record, tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("sweep", "other"):
        save_group(record, tmp_path / name)
    overrides = ("task=boolean_sep", "seed=0,2,4", "pruning.unit.step=[70,35]")
    Plan(multirun=True, jobs=9, overrides=overrides).write(tmp_path / "sweep")
    return tmp_path / "sweep"


def test_the_page_of_a_sweep_lies_in_its_folder(sweep, capsys):
    assert main(["sweep"]) == 0
    assert capsys.readouterr().out == "sweep/report.html\n"
    page = (sweep / "report.html").read_text(encoding="utf-8")
    assert "6 trials missing: not run yet, or failed." in page
    assert "python -m neural_sculpting.run -m task=boolean_sep seed=0,2,4 &#39;pruning.unit.step=[70,35]&#39;" in page
    assert "What differs from the defaults of the task" in page
    assert "[70, 35] <small>default [70]</small>" in page


@pytest.mark.slow
@pytest.mark.usefixtures("logging_restored", "hydra_plugins", "hydra_restore_singletons")
def test_the_page_at_the_end_of_a_sweep_is_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run.main(["-m", "seed=0,1", "training.epochs=3", "hydra.sweep.dir=out"]) == 0
    page = Path("out/report.html")
    at_the_end = page.read_bytes()
    page.unlink()
    assert main(["out"]) == 0
    assert page.read_bytes() == at_the_end
    assert b"What differs from the defaults of the task" in at_the_end


def test_a_folder_without_a_plan(sweep):
    assert main(["other"]) == 0
    assert "repeats the sweep" not in (sweep.parent / "other" / "report.html").read_text(encoding="utf-8")


def test_several_sweeps_are_compared(sweep, capsys):
    assert main(["sweep", "other"]) == 0
    assert capsys.readouterr().out == "comparison.html\n"
    assert "2 sweeps side by side" in (sweep.parent / "comparison.html").read_text(encoding="utf-8")


def test_the_page_goes_where_it_is_asked_for(sweep, capsys):
    assert main(["sweep", "--out", "page.html"]) == 0
    assert capsys.readouterr().out == "page.html\n"
    assert (sweep.parent / "page.html").exists()
    assert not (sweep / "report.html").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "the following arguments are required: folder; --help shows what is allowed"),
        (["sweep", "--into", "x"], "unrecognized arguments: --into x; --help shows what is allowed"),
        (["nowhere"], "nowhere: no such folder"),
        (["empty"], "empty: contains no finished group of a sweep"),
        (["sweep", "empty"], "empty: contains no finished group of a sweep"),
        (["sweep", "--out", "nowhere/page.html"], "nowhere/page.html: cannot be written (No such file or directory)"),
    ],
)
def test_mistakes_are_one_line(words, line, sweep, capsys):
    (sweep.parent / "empty").mkdir()
    assert main(words) == 1
    assert capsys.readouterr().err == f"error: {line}\n"


def test_the_module_is_a_program(tmp_path):
    command = [sys.executable, "-m", "neural_sculpting.report", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: python -m neural_sculpting.report [-h] [--out FILE] folder [folder ...]\n")
