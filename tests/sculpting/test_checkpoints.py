"""A batch that stopped anywhere resumes from its checkpoint with the results of one that never stopped."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sculpting_examples
import torch
from sculpting_examples import check_same

from neural_sculpting import interruption
from neural_sculpting.errors import write_problem
from neural_sculpting.interruption import Interrupted
from neural_sculpting.sculpting import Batch, checkpoints
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint, Checkpoints

pytestmark = pytest.mark.slow

SETTINGS = {
    "arch.hidden": [12, 12],
    "training.epochs": 12,
    "pruning.unit.step": [50],
    "pruning.edge.step": [40, 20],
}
BATCH = Batch((0, 1), (50.0,), (40.0, 20.0))
IDENTITY = {"settings": {"task": "boolean_sep"}}


class EveryAttempt(BatchCheckpoint):
    """Due after every attempt."""

    is_due = True


def checkpoint_in(folder: Path, identity: Any = IDENTITY) -> EveryAttempt:
    usual = Checkpoints(folder, identity).of(BATCH)
    return EveryAttempt(usual.path, usual.identity)


@pytest.fixture
def checkpoint(tmp_path: Path) -> EveryAttempt:
    return checkpoint_in(tmp_path / "0000")


class Stop(Exception):
    """Ends a batch in the middle."""


class Recorder:
    """Records attempts; raises ``Stop`` at one of them, or requests an interruption."""

    def __init__(self, last: int | None = None, asked_at: int | None = None) -> None:
        self.reports: list[Any] = []
        self.last, self.asked_at = last, asked_at

    def attempt(self, report: Any) -> None:
        self.reports.append(report)
        if len(self.reports) == self.asked_at:
            interruption.request()
        if len(self.reports) - 1 == self.last:
            raise Stop


def sculpt(make_config: Any, checkpoint: BatchCheckpoint | None, observer: Any = None, engine: str = "auto") -> Any:
    config = make_config({**SETTINGS, "trainer.engine": engine})
    return sculpting_examples.sculpt(config, BATCH.seeds, observer, checkpoint=checkpoint)


@pytest.fixture(scope="module")
def whole(make_config: Any) -> tuple[Any, list[Any]]:
    """The results and reports of a batch that never stopped."""
    recorder = Recorder()
    result = sculpt(make_config, None, recorder)
    phases = [report["phase"].iat[0] for report in recorder.reports]
    assert phases.count("unit") > 3
    assert phases.count("edge") > 5
    return result, recorder.reports


def attempts_of(reports: list[Any]) -> list[tuple[str, int, list[float]]]:
    return [(report["phase"].iat[0], report["attempt"].iat[0], report["accuracy"].tolist()) for report in reports]


@pytest.mark.parametrize("index", [1, 2, 3, -7, -4, -1])
def test_a_batch_resumes_from_any_attempt(
    make_config: Any, whole: Any, checkpoint: BatchCheckpoint, index: int
) -> None:
    result, reports = whole
    with pytest.raises(Stop):
        sculpt(make_config, checkpoint, Recorder(last=index % len(reports)))
    assert checkpoint.path.exists()
    recorder = Recorder()
    check_same(sculpt(make_config, checkpoint, recorder), result)
    assert attempts_of(recorder.reports) == attempts_of(reports)


def test_a_batch_may_stop_repeatedly(make_config: Any, whole: Any, checkpoint: BatchCheckpoint) -> None:
    result, reports = whole
    for last in range(1, len(reports), 2):
        with pytest.raises(Stop):
            sculpt(make_config, checkpoint, Recorder(last))
    check_same(sculpt(make_config, checkpoint), result)


def test_a_batch_resumes_with_the_engine_that_began_it(make_config: Any, checkpoint: BatchCheckpoint) -> None:
    with pytest.raises(Stop):
        sculpt(make_config, checkpoint, Recorder(last=4), engine="torch")
    found = sculpt(make_config, checkpoint)
    check_same(found, sculpt(make_config, None, engine="torch"))
    assert set(found.table["engine"]) == {"torch"}


def test_nothing_is_trained_again_once_both_phases_are_over(
    make_config: Any, whole: Any, checkpoint: BatchCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, reports = whole
    sculpt(make_config, checkpoint)
    monkeypatch.setattr("neural_sculpting.sculpting.phases.fit", None)
    recorder = Recorder()
    check_same(sculpt(make_config, checkpoint, recorder), result)
    assert attempts_of(recorder.reports) == attempts_of(reports)


def test_an_interrupted_batch_finishes_the_attempt_and_saves(
    make_config: Any, whole: Any, checkpoint: EveryAttempt
) -> None:
    checkpoint.is_due = False
    recorder = Recorder(asked_at=3)
    with interruption.asked_by_signals(), pytest.raises(Interrupted):
        sculpt(make_config, checkpoint, recorder)
    assert len(recorder.reports) == 3
    stored = torch.load(checkpoint.path, weights_only=True)
    assert stored["sculpting"]["attempt"] == 3
    check_same(sculpt(make_config, checkpoint), whole[0])


def test_time_of_earlier_processes_is_counted(make_config: Any, checkpoint: BatchCheckpoint) -> None:
    sculpt(make_config, checkpoint)
    stored = torch.load(checkpoint.path, weights_only=True)
    stored["callbacks"][checkpoints.KEY]["seconds"] = 1000.0
    torch.save(stored, checkpoint.path)
    assert sculpt(make_config, checkpoint).seconds > 1000


def flip(path: Path) -> None:
    """Change one weight by one bit."""
    data = bytearray(path.read_bytes())
    weights = torch.load(path, weights_only=True)["sculpting"]["state"]["accepted"]["parameters"]
    data[data.index(weights.numpy().tobytes()) + 5] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-200]),
    "flipped": flip,
    "empty": lambda path: path.write_bytes(b""),
    "no checkpoint": lambda path: torch.save({"state_dict": {}}, path),
    "code": lambda path: torch.save({"callbacks": Path(path)}, path),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_set_aside_with_a_warning(
    make_config: Any, whole: Any, checkpoint: BatchCheckpoint, caplog: pytest.LogCaptureFixture, damage: Any
) -> None:
    with pytest.raises(Stop):
        sculpt(make_config, checkpoint, Recorder(last=4))
    damage(checkpoint.path)
    damaged = checkpoint.path.read_bytes()
    with caplog.at_level(logging.WARNING):
        check_same(sculpt(make_config, checkpoint), whole[0])
    [line] = [record.getMessage() for record in caplog.records]
    aside = checkpoint.path.with_name(checkpoint.path.name + ".set_aside")
    assert line.startswith(f"{checkpoint.path}: damaged")
    assert aside.name in line
    assert aside.read_bytes() == damaged


@pytest.mark.parametrize("other", [{"settings": {"task": "boolean_reused"}}, {"settings": None, "examples": "ab"}])
def test_a_checkpoint_of_another_computation_is_set_aside(
    make_config: Any, whole: Any, checkpoint: BatchCheckpoint, caplog: pytest.LogCaptureFixture, other: Any
) -> None:
    with pytest.raises(Stop):
        sculpt(make_config, checkpoint_in(checkpoint.path.parent, {**IDENTITY, **other}), Recorder(last=4))
    with caplog.at_level(logging.WARNING):
        check_same(sculpt(make_config, checkpoint), whole[0])
    assert f"of another computation (other {', '.join(sorted(other))})" in caplog.text


def test_a_checkpoint_that_cannot_be_written_is_an_error_with_its_path(make_config: Any, tmp_path: Path) -> None:
    (tmp_path / "0000").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="exists") as caught:
        sculpt(make_config, checkpoint_in(tmp_path / "0000"))
    remedy = "move the file that is where a folder should be"
    assert write_problem(caught.value) == f"{tmp_path / '0000'}: cannot be written (File exists); {remedy}"


def test_checkpoints_take_a_limited_share_of_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    now = [100.0]
    monkeypatch.setattr(checkpoints.time, "perf_counter", lambda: now[0])
    checkpoint = BatchCheckpoint(tmp_path / "a.ckpt", IDENTITY)

    def save(path: Path) -> None:
        now[0] += 2.0

    assert not checkpoint.is_due
    now[0] = 101.0  # at least a second from one to the next
    assert checkpoint.is_due
    checkpoint.write(save)
    for after, due in [(99.9, False), (100.0, True)]:  # 2 s are 2 % of 100
        now[0] = 103.0 + after
        assert checkpoint.is_due is due


def test_the_split_is_stored(tmp_path: Path) -> None:
    saved = Checkpoints(tmp_path / "0000", IDENTITY)
    assert saved.split(BATCH) is None
    assert not saved.folder.is_dir()
    batches = [BATCH, replace(BATCH, seeds=(3,))]
    saved.save_split(batches)
    assert saved.folder.is_dir()
    assert saved.split(BATCH) == batches


def test_the_split_of_another_computation_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Checkpoints(tmp_path, {"settings": 1}).save_split([BATCH])
    assert Checkpoints(tmp_path, IDENTITY).split(BATCH) is None
    assert "batches.json: of another computation" in caplog.text
    (tmp_path / "batches.json").write_text(json.dumps({"identity": IDENTITY, "batches": 7}))
    assert Checkpoints(tmp_path, IDENTITY).split(BATCH) is None
    assert "batches.json: damaged" in caplog.text
