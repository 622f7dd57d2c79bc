"""``python -m neural_sculpting.collect``, ``.report`` and ``.export``."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cheap_command import hydra_plugins, logging_restored
from slow import slow

from neural_sculpting import __main__ as installed
from neural_sculpting import __version__, collect, export, report, run
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.store import save_group

__all__ = ["hydra_plugins", "logging_restored"]  # fixtures

HELP = "--help shows what is allowed"
REQUIRED = f"the following arguments are required: folder; {HELP}"
EMPTY = "empty: contains no finished group of a sweep"
EXPORTED = [
    *("model.safetensors", "model.json", "model.onnx"),
    *("hierarchy.json", "hierarchy.graphml", "hierarchy.dot", "hierarchy.svg", "formulas.txt"),
]


@pytest.fixture
def sweep(saved_record, tmp_path, monkeypatch) -> Path:
    """A sweep that was killed after three of nine jobs, and another one without a plan."""
    monkeypatch.chdir(tmp_path)
    for name in ("sweep", "other"):
        shutil.copytree(saved_record, tmp_path / name)
    overrides = ("experiment=exemplar", "seed=0,2,4", "pruning.unit.step=[70,35]")
    Plan(multirun=True, jobs=9, overrides=overrides, experiment="exemplar").write(tmp_path / "sweep")
    return tmp_path / "sweep"


@pytest.mark.parametrize(
    ("program", "words", "line"),
    [
        *((program, [], REQUIRED) for program in (collect, report, export)),
        *((program, ["nowhere"], "nowhere: no such folder") for program in (collect, report, export)),
        *((program, ["empty"], EMPTY) for program in (collect, report, export)),
        (collect, ["a", "b"], f"unrecognized arguments: b; {HELP}"),
        (report, ["sweep", "--into", "x"], f"unrecognized arguments: --into x; {HELP}"),
        (report, ["sweep", "empty"], EMPTY),
        slow(
            report,
            ["sweep", "--out", "a/page.html"],
            "a/page.html: cannot be written (No such file or directory); its folder does not exist",
        ),
        (export, ["sweep", "--seed", "x"], f"argument --seed: invalid int value: 'x'; {HELP}"),
        (export, ["sweep", "--seed", "2", "--job", "7"], f"argument --job: not allowed with argument --seed; {HELP}"),
        (export, ["sweep", "--seed", "9"], "seed=9: no such trial; there are 0, 2, 4"),
        (export, ["sweep", "--job", "9"], "job=9: no such trial; there are 3, 5, 7"),
        (
            export,
            ["sweep", "--out", "file"],
            "file: cannot be written (File exists); move the file that is where a folder should be",
        ),
    ],
)
def test_mistakes_are_one_line(program, words, line, sweep, capsys):
    (sweep.parent / "empty").mkdir()
    (sweep.parent / "file").touch()
    assert program.main(words) == 1
    assert capsys.readouterr().err == f"error: {line}\n"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("collect", "[-h] folder\n"),
        ("report", "[-h] [--out FILE] folder [folder ...]\n"),
        ("export", "[-h] [--seed N | --job N]"),
    ],
)
def test_the_modules_are_programs(name, arguments, tmp_path):
    command = [sys.executable, "-m", f"neural_sculpting.{name}", "--help"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.startswith(f"usage: python -m neural_sculpting.{name} {arguments}")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["report", "--help"], "usage: neural-sculpting report [-h] [--out FILE] folder [folder ...]"),
        (["status", "--help"], "usage: neural-sculpting status [-h] [folder]"),
        (["run", "--version"], f"neural-sculpting {__version__}"),
        (["--version"], f"neural-sculpting {__version__}"),
        (["--cfg", "job", "-p", "seed", "seed=9"], "9"),
        slow(["-c", "job", "-p", "arch", "arch.hidden=[7]"], "hidden:"),
    ],
)
def test_the_installed_command_has_all_programs(words, line, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bin/neural-sculpting", *words])
    assert installed.main() == 0
    assert line in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["reprot", "sweep"],
            "reprot: must be run, collect, status, report, read, export, dashboard or have the form key=value",
        ),
        (["report"], REQUIRED),
        (["seed=-1"], "seed=-1: must be a whole number from 0 to 4294967295"),
        (
            ["experiment=exemplar"],
            "experiment=exemplar: sweeps over task, arch.hidden, seed, which needs -m (--multirun): "
            "neural-sculpting run -m experiment=exemplar",
        ),
    ],
)
def test_mistakes_of_the_installed_command(words, line, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bin/neural-sculpting", *words])
    assert installed.main() == 1
    assert capsys.readouterr().err == f"error: {line}\n"


def test_collect_writes_the_tables_of_a_killed_sweep(sweep, capsys):
    assert collect.main(["sweep"]) == 0
    output = capsys.readouterr()
    assert "6 trials missing: not run yet, or failed (resume=true continues)" in output.out
    assert output.out.endswith("Figure   sweep/exemplar.png\n")
    assert output.err == ""
    tables = {"trials.csv", "success_rates.csv", "answers.csv", "networks.parquet", "sweep.json", "exemplar.svg"}
    assert tables < set(os.listdir("sweep"))


def test_collect_needs_no_plan(sweep, capsys):
    assert collect.main(["other"]) == 0
    assert "missing" not in capsys.readouterr().out
    assert (sweep.with_name("other") / "trials.csv").exists()


@pytest.mark.parametrize(("jobs", "kept"), [(2, False), slow(3, True)])
def test_collect_removes_checkpoints_when_every_group_is_there(record, tmp_path, jobs, kept):
    """A process that was killed between the two may have left them."""
    Plan(multirun=True, jobs=jobs, overrides=()).write(tmp_path)
    for job in range(2):
        trials, networks = record.trials.assign(job=job), record.networks.assign(job=job)
        save_group(replace(record, trials=trials, networks=networks), tmp_path)
    checkpoint = tmp_path / "checkpoints" / "0001" / "0_ab.ckpt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(b"")
    collect.main([str(tmp_path)])
    assert checkpoint.exists() == kept


def test_collect_names_a_folder_that_cannot_be_written(sweep, capsys, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("neural_sculpting.files.os.replace", refuse)
    assert collect.main(["sweep"]) == 1
    problem = "cannot be written (Permission denied); make it writable or choose another folder"
    assert capsys.readouterr().err == f"error: sweep/networks.parquet: {problem}\n"


def test_report_writes_a_page_into_the_folder(sweep, capsys):
    assert report.main(["sweep"]) == 0
    assert capsys.readouterr().out == "sweep/report.html\n"
    page = (sweep / "report.html").read_text(encoding="utf-8")
    assert "6 trials missing: not run yet, or failed." in page
    command = "python -m neural_sculpting.run -m experiment=exemplar seed=0,2,4 &#39;pruning.unit.step=[70,35]&#39;"
    assert command in page
    assert "What differs from the defaults of the task" in page
    assert "[70, 35] <small>default [70]</small>" in page


@pytest.mark.slow
@pytest.mark.usefixtures("logging_restored", "hydra_plugins", "hydra_restore_singletons")
def test_report_writes_the_page_that_the_sweep_wrote(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run.main(["-m", "seed=0,1", "training.epochs=3", "hydra.sweep.dir=out"]) == 0
    page = Path("out/report.html")
    at_the_end = page.read_bytes()
    page.unlink()
    assert report.main(["out"]) == 0
    assert page.read_bytes() == at_the_end
    assert b"What differs from the defaults of the task" in at_the_end


def test_report_needs_no_plan_and_writes_where_it_is_asked_to(sweep, capsys):
    assert report.main(["other", "--out", "page.html"]) == 0
    assert capsys.readouterr().out == "page.html\n"
    assert "repeats the sweep" not in (sweep.parent / "page.html").read_text(encoding="utf-8")
    assert not (sweep.with_name("other") / "report.html").exists()


def test_report_compares_several_sweeps(sweep, capsys):
    assert report.main(["sweep", "other"]) == 0
    assert capsys.readouterr().out == "comparison.html\n"
    assert "2 sweeps side by side" in (sweep.parent / "comparison.html").read_text(encoding="utf-8")


def test_export_writes_the_best_trial_into_the_folder(sweep, capsys):
    assert export.main(["sweep"]) == 0
    [folder] = (sweep / "export").iterdir()
    assert folder.name.endswith(("boolean_sep_4-24-4_seed0", "boolean_sep_4-24-4_seed2", "boolean_sep_4-24-4_seed4"))
    assert capsys.readouterr().out.splitlines() == [f"sweep/export/{folder.name}/{name}" for name in EXPORTED]


@pytest.mark.parametrize("words", [["--seed", "2"], ["--job", "7"]])
def test_export_takes_a_seed_or_job(words, sweep):
    assert export.main(["sweep", *words]) == 0
    assert [path.name for path in (sweep / "export").iterdir()] == ["0007_boolean_sep_4-24-4_seed2"]


def test_export_writes_where_it_is_asked_to(sweep):
    assert export.main(["sweep", "--out", "here"]) == 0
    assert (sweep.parent / "here" / "formulas.txt").exists()
    assert not (sweep / "export").exists()
