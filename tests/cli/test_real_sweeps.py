"""Sweeps with the real pipeline in new processes: undisturbed, or stopped in the middle and resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import torch
import warm_start
from safetensors.numpy import load_file
from warm_start import Program

pytestmark = pytest.mark.slow

SWEEP = ["-m", "arch.hidden=[24],[8,8],[10]", "pruning.unit.step=70,[50,30]", "seed=0,1", "hydra.sweep.dir=out"]
"""Three batches of four jobs, each of two groups."""

GROUPS = 6
PROCESSES = ["hydra.launcher.executor=processes", "hydra.launcher.workers=2"]
HYDRAS_OWN = ["hydra/sweeper=basic", "hydra/launcher=basic"]


def start(folder: Path, *words: str) -> Program:
    return warm_start.start("neural_sculpting.run", *SWEEP, *words, folder=folder)


def groups(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "groups").glob("[0-9]*"))


def run_undisturbed(folder: Path, begin: Callable[[Path], Program]) -> Path:
    """Run a command to its end; return its folder."""
    process = begin(folder)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep without an interruption."""
    return run_undisturbed(tmp_path_factory.mktemp("whole"), start)


def files(paths: list[Path]) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for path in paths for file in path.rglob("*") if file.is_file()}


def test_the_files_of_a_sweep(whole):
    folders = list((whole / "out" / "jobs").iterdir())
    assert sorted(folder.name for folder in folders) == ["0", "10", "2", "4", "6", "8"]
    for folder in folders:
        assert [path.name for path in folder.iterdir()] == [".hydra"]
        assert len(list((folder / ".hydra").iterdir())) == 3
    assert len(groups(whole)) == GROUPS
    assert {*pd.read_csv(whole / "out" / "trials.csv")["job"]} == {*range(12)}


def test_a_group_that_cannot_run_leaves_the_others(tmp_path):
    words = ["-m", "seed=0,1", "arch.hidden=[24],[9000000,9000000]", "hydra.sweep.dir=out"]
    result = warm_start.run("neural_sculpting.run", *words, folder=tmp_path)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    [line] = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: 2 jobs (1, 3) failed: arch.hidden=[9000000, 9000000]: one network takes about")
    assert "2 trials missing" in result.stdout
    assert len(pd.read_csv(tmp_path / "out" / "trials.csv")) == 2


@pytest.mark.parametrize(
    ("number", "words", "words_after"),
    [(signal.SIGINT, PROCESSES, PROCESSES), (signal.SIGKILL, [], HYDRAS_OWN)],
    ids=["interrupted", "killed, then job by job"],
)
def test_a_sweep_that_was_stopped_ends_as_one_that_was_not(whole, tmp_path, number, words, words_after):
    process = start(tmp_path, *words)
    while not groups(tmp_path) and process.poll() is None:
        time.sleep(0.005)
    if number == signal.SIGKILL:
        process.send_signal(number)
    else:
        os.killpg(process.pid, number)  # as a terminal does for Ctrl-C
    _, errors = process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in errors
    finished = groups(tmp_path)
    assert 0 < len(finished) < GROUPS
    before = files(finished)

    process = start(tmp_path, *words_after, "resume=true")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert {path: time for path, time in files(groups(tmp_path)).items() if path in before} == before

    rows, expected = (
        pd.read_csv(folder / "out" / "trials.csv").drop(columns="seconds") for folder in (tmp_path, whole)
    )
    pd.testing.assert_frame_equal(rows, expected, check_exact=True)
    assert networks(tmp_path) == networks(whole)


def networks(folder: Path) -> list[tuple[str, str, bytes]]:
    """Job, steps, hierarchy and masks of each network, regardless of its group."""
    found = []
    for group in groups(folder):
        rows = pd.read_parquet(group / "networks.parquet")[["job", "unit_step", "edge_step"]].itertuples(index=False)
        hierarchies = json.loads((group / "hierarchies.json").read_text())
        masks = load_file(group / "arrays.safetensors")["masks"]
        for row, hierarchy, mask in zip(rows, hierarchies, masks, strict=True):
            found.append((str(row), json.dumps(hierarchy, sort_keys=True), mask.tobytes()))
    assert len(found) == 3 * 2 * (1 + 2)
    return sorted(found)


ONE_BATCH = ["-m", "task=boolean_reused", "arch.hidden=[48,48,48]", "seed=range(12)", "hydra.sweep.dir=out"]


def run_batch(folder: Path, *words: str) -> Program:
    """Start it with checkpoints from the first attempt on: on a fast machine it is over soon after the first second."""
    words = (*ONE_BATCH, "training.epochs=40", "trainer.engine=torch", "report=never", *words)
    often = {"neural_sculpting.sculpting.checkpoints.SECONDS_APART": 0.0}
    return warm_start.start("neural_sculpting.run", *words, folder=folder, patched=often)


@pytest.fixture(scope="module")
def whole_batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The batch without an interruption."""
    return run_undisturbed(tmp_path_factory.mktemp("whole_batch"), run_batch)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_batch_that_was_stopped_in_the_middle_resumes_there(whole_batch, tmp_path, number):
    """The second process computes the remaining attempts alone, and ends as one process does."""
    folders = [whole_batch, tmp_path]
    stopped = run_batch(folders[1])
    while not list(folders[1].glob("out/checkpoints/*/*.ckpt")):
        assert stopped.poll() is None, "the batch is over before its first checkpoint"
        time.sleep(0.005)
    stopped.send_signal(number)
    _, errors = stopped.communicate(timeout=60)
    assert stopped.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130)
    if number == signal.SIGHUP:
        assert "SIGTERM stops now" in errors
        assert f"error: interrupted; resume with: python -m neural_sculpting.run {ONE_BATCH[0]}" in errors
    assert not groups(folders[1])
    [checkpoint] = folders[1].glob("out/checkpoints/*/*.ckpt")
    history = torch.load(checkpoint, weights_only=True)["sculpting"]
    assert history["phase"] == "edge" or history["attempt"] > 0

    _, errors = run_batch(folders[1], "resume=true").communicate(timeout=300)
    assert "set aside" not in errors
    [whole], [resumed] = (groups(folder) for folder in folders)
    assert (resumed / "arrays.safetensors").read_bytes() == (whole / "arrays.safetensors").read_bytes()
    assert (resumed / "hierarchies.json").read_bytes() == (whole / "hierarchies.json").read_bytes()
    for name in ("networks", "trials", "history"):
        rows, expected = (pd.read_parquet(group / f"{name}.parquet") for group in (resumed, whole))
        differing = [column for column in ("seconds",) if column in rows]
        pd.testing.assert_frame_equal(rows.drop(columns=differing), expected.drop(columns=differing), check_exact=True)
    assert not list(folders[1].glob("out/checkpoints"))


def test_killed_by_the_clock_and_in_the_middle_of_a_write_a_sweep_loses_nothing():
    command = [sys.executable, "-m", "benchmarks.kills", "--kills", "2"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "half written" in done.stdout
    assert done.stdout.endswith(" 0 sweeps lost\n")
