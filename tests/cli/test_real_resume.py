"""Real sweeps that are stopped in the middle and go on, compared with one that was left alone."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.numpy import load_file
from warm_start import Program
from warm_start import start as start_program

pytestmark = pytest.mark.slow

SWEEP = ["-m", "arch.hidden=[24],[8,8],[10],[12]", "pruning.unit.step=70,[50,30]", "seed=0,1", "hydra.sweep.dir=out"]
"""Four batches of four jobs, each of two groups."""

GROUPS = 8
OF_THE_GROUP = ["seconds", "hierarchy"]  # a share of its time, a number in it
PROCESSES = ["hydra.launcher.executor=processes", "hydra.launcher.workers=2"]
HYDRAS_OWN = ["hydra/sweeper=basic", "hydra/launcher=basic"]


def start(folder: Path, *words: str) -> Program:
    return start_program("neural_sculpting.run", *SWEEP, *words, folder=folder)


def groups(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "groups").glob("[0-9]*"))


def stop_in_the_middle(folder: Path, blow: signal.Signals, *words: str) -> tuple[int, str]:
    """Start the sweep and stop it when its first groups are finished; return its exit code and what it said."""
    process = start(folder, *words)
    while not groups(folder) and process.poll() is None:
        time.sleep(0.005)
    if blow == signal.SIGKILL:
        process.send_signal(blow)
    else:
        os.killpg(process.pid, blow)  # as a terminal does for Ctrl-C
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def left_alone(folder: Path, begin: Callable[[Path], Program]) -> Path:
    """Run a command to its end; return its folder."""
    process = begin(folder)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep, left alone."""
    return left_alone(tmp_path_factory.mktemp("whole"), start)


def files(paths: list[Path]) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for path in paths for file in path.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("blow", "words", "words_after"),
    [
        (signal.SIGKILL, [], []),
        (signal.SIGINT, PROCESSES, PROCESSES),
        (signal.SIGKILL, [], HYDRAS_OWN),
    ],
    ids=["killed", "interrupted", "killed, then job by job"],
)
def test_a_sweep_that_was_stopped_ends_as_one_that_was_not(
    whole: Path, tmp_path: Path, blow: signal.Signals, words: list[str], words_after: list[str]
) -> None:
    code, errors = stop_in_the_middle(tmp_path, blow, *words)
    assert code == (130 if blow == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in errors
    finished = groups(tmp_path)
    assert 0 < len(finished) < GROUPS
    before = files(finished)

    process = start(tmp_path, *words_after, "resume=true")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert {path: time for path, time in files(groups(tmp_path)).items() if path in before} == before

    differing = OF_THE_GROUP if words_after == HYDRAS_OWN else ["seconds"]
    rows, expected = (
        pd.read_csv(folder / "out" / "trials.csv").drop(columns=differing) for folder in (tmp_path, whole)
    )
    pd.testing.assert_frame_equal(rows, expected, check_exact=True)
    assert networks(tmp_path) == networks(whole)


def networks(folder: Path) -> list[tuple[str, str, bytes]]:
    """Job, steps, hierarchy and masks of each network, whatever the group that it is in."""
    kept = []
    for group in groups(folder):
        rows = pd.read_parquet(group / "networks.parquet")[["job", "unit_step", "edge_step"]].itertuples(index=False)
        hierarchies = json.loads((group / "hierarchies.json").read_text())
        masks = load_file(group / "arrays.safetensors")["masks"]
        for row, hierarchy, mask in zip(rows, hierarchies, masks, strict=True):
            kept.append((str(row), json.dumps(hierarchy, sort_keys=True), mask.tobytes()))
    assert len(kept) == 4 * 2 * (1 + 2)
    return sorted(kept)


ONE_BATCH = ["-m", "task=boolean_reused", "arch.hidden=[48,48,48]", "seed=range(12)", "hydra.sweep.dir=out"]


def run_batch(folder: Path, *words: str) -> Program:
    words = (*ONE_BATCH, "training.epochs=40", "report=never", *words)
    return start_program("neural_sculpting.run", *words, folder=folder)


@pytest.fixture(scope="module")
def whole_batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The batch, left alone."""
    return left_alone(tmp_path_factory.mktemp("whole_batch"), run_batch)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_batch_that_was_stopped_in_the_middle_goes_on_there(
    whole_batch: Path, tmp_path: Path, blow: signal.Signals
) -> None:
    """The second process computes the rest of the attempts alone, and ends as one process does."""
    folders = [whole_batch, tmp_path]
    stopped = run_batch(folders[1])
    while not list(folders[1].glob("out/checkpoints/*/*.ckpt")):
        assert stopped.poll() is None, "the batch is over before its first checkpoint"
        time.sleep(0.005)
    stopped.send_signal(blow)
    _, errors = stopped.communicate(timeout=60)
    assert stopped.returncode == (-signal.SIGKILL if blow == signal.SIGKILL else 130)
    if blow == signal.SIGTERM:
        assert "SIGTERM again stops now" in errors
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
