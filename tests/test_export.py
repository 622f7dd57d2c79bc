"""``python -m neural_sculpting.export``."""

import subprocess
import sys
from pathlib import Path

import pytest

from neural_sculpting.export import main
from neural_sculpting.records.store import save_group


@pytest.fixture
def sweep(record, tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    save_group(record, tmp_path / "sweep")
    return tmp_path / "sweep"


def test_the_best_trial_goes_into_the_folder_of_the_sweep(sweep, capsys):
    assert main(["sweep"]) == 0
    [folder] = (sweep / "export").iterdir()
    assert folder.name.endswith(("boolean_sep_4-24-4_seed0", "boolean_sep_4-24-4_seed2", "boolean_sep_4-24-4_seed4"))
    assert capsys.readouterr().out.splitlines() == [
        f"sweep/export/{folder.name}/{name}"
        for name in (
            *("model.safetensors", "model.json", "model.onnx"),
            *(f"hierarchy.{ending}" for ending in ("json", "graphml", "dot", "svg")),
            "formulas.txt",
        )
    ]


@pytest.mark.parametrize("words", [["--seed", "2"], ["--job", "7"]])
def test_a_trial_is_named_by_its_seed_or_job(words, sweep, capsys):
    assert main(["sweep", *words]) == 0
    assert [path.name for path in (sweep / "export").iterdir()] == ["0007_boolean_sep_4-24-4_seed2"]


def test_files_go_where_they_are_asked_for(sweep, capsys):
    assert main(["sweep", "--out", "here"]) == 0
    assert (sweep.parent / "here" / "formulas.txt").exists()
    assert not (sweep / "export").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "the following arguments are required: folder; --help shows what is allowed"),
        (["sweep", "--seed", "x"], "argument --seed: invalid int value: 'x'; --help shows what is allowed"),
        (
            ["sweep", "--seed", "2", "--job", "7"],
            "argument --job: not allowed with argument --seed; --help shows what is allowed",
        ),
        (["sweep", "--seed", "9"], "seed=9: no such trial; there are 0, 2, 4"),
        (["sweep", "--job", "9"], "job=9: no such trial; there are 3, 5, 7"),
        (["nowhere"], "nowhere: no such folder"),
        (["empty"], "empty: contains no finished group of a sweep"),
        (["sweep", "--out", "file"], "file: cannot be written (File exists)"),
    ],
)
def test_mistakes_are_one_line(words, line, sweep, capsys):
    (sweep.parent / "empty").mkdir()
    (sweep.parent / "file").touch()
    assert main(words) == 1
    assert capsys.readouterr().err == f"error: {line}\n"


def test_the_module_is_a_program(tmp_path):
    command = [sys.executable, "-m", "neural_sculpting.export", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: python -m neural_sculpting.export [-h] [--seed N | --job N]")
