"""Commands of the README work as written."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import warm_start

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = {language: re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) for language in ("bash", "python")}
COMMANDS = [line for block in BLOCKS["bash"] for line in block.splitlines() if line.startswith("python -m")]


SMALLER = ["task.per_pair=5", "training.epochs=2", "pruning.accuracy_threshold=1.0", "pruning.accuracy_drop=null"]
"""What commands of vision tasks get in addition, without which they take minutes."""


def leave_tables(folder: Path) -> None:
    """The files that the commands on tables read."""
    from sklearn.datasets import load_iris

    rows = [(a, b, c, d, a ^ b, c ^ d) for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)]
    lines = ["x0,x1,x2,x3,y0,y1", *(",".join(map(str, row)) for row in rows)]
    (folder / "bits.csv").write_text("\n".join(lines))
    iris = load_iris(as_frame=True)
    table = iris.frame.rename(columns=lambda name: name.removesuffix(" (cm)"))
    table = table.assign(species=[iris.target_names[number] for number in iris.target]).drop(columns="target")
    table.to_csv(folder / "iris.csv", index=False)


def run_code(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    (folder / "shown.py").write_text(code, encoding="utf-8")
    return warm_start.run("shown", folder=folder)


def shown_answer() -> str:
    [shown] = re.findall(r"```text\n(answer\n.*?)```", README, re.DOTALL)
    return str(shown)


def uncounted(text: str) -> str:
    """Without numbers of trials, as some end otherwise on other processors, and columns as wide as names."""
    return re.sub(" +", " ", re.sub(r"\d+(?= of|%)", "some", text))


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command: str, tmp_path: Path) -> None:
    leave_tables(tmp_path)
    python, flag, module, *words = shlex.split(command)
    assert (python, flag) == ("python", "-m")
    result = warm_start.run(module, *words, *(SMALLER if "digits" in command else []), folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert ("\nanswer\n" if "table" in command else "95 % interval") in result.stdout
    if "iris" in command:  # the tree that is shown below it
        assert uncounted(shown_answer()) in uncounted(result.stdout)
    assert len(list((tmp_path / "multirun_outputs").iterdir())) == 1


@pytest.mark.slow
def test_python(tmp_path: Path) -> None:
    [code] = BLOCKS["python"]
    result = run_code(code, tmp_path)
    assert result.returncode == 0, result.stderr
    of_species = (
        shown_answer().replace("species=", "y=").replace("length", "length (cm)").replace("width", "width (cm)")
    )
    assert uncounted(result.stdout) in uncounted(of_species)


@pytest.mark.slow
def test_the_error_that_it_shows(tmp_path: Path) -> None:
    [line] = re.findall(r"^error: .*$", README, re.MULTILINE)
    command = [sys.executable, "-m", "neural_sculpting.run", "task=boolean_overlap", "task.overlap=7"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", line + "\n")
    assert not os.listdir(tmp_path)


def test_make_targets_and_files_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", README, re.MULTILINE)
    assert len(targets) > 2
    for target in map("".join, targets):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("http") or (ROOT / link).exists(), link
