"""A job of Slurm, run in this process."""

import json
import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import batch_functions as functions
import pytest
from batch_functions import batch

from neural_sculpting import interruption
from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Outcomes
from neural_sculpting.launching.slurm.batch_job import (
    STOPPED,
    BatchJob,
    outcomes_file,
    own_id,
    read_outcomes,
    write_outcomes,
)

pytestmark = pytest.mark.usefixtures("logging_restored")


@pytest.fixture(autouse=True)
def job_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of job 12_3; signals and requests are restored at the end."""
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "12")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    monkeypatch.delenv("SLURM_RESTART_COUNT", raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR2)}
    with interruption.asked_by_signals():
        yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_id_of_a_job():
    assert own_id({"SLURM_JOB_ID": "15", "SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "3"}) == "12_3"
    assert own_id({"SLURM_JOB_ID": "15"}) == "15"


def test_outcomes_come_back_as_they_were(tmp_path):
    shared = ValueError("bad luck")
    shared.add_note("In the worker process:")
    outcomes: Outcomes = [1.0, shared, UserError("seed=3: no"), shared, math.nan]
    write_outcomes(tmp_path / "12_outcomes.json", [5, 6, 7, 8, 9], outcomes)
    found = read_outcomes(tmp_path / "12_outcomes.json", [9, 5, 6, 7, 8])
    assert found is not None
    unknown, result, error, mistake, same = found
    assert isinstance(unknown, float)
    assert math.isnan(unknown)
    assert result == 1.0
    assert type(error) is RuntimeError
    assert str(error) == "ValueError: bad luck"
    assert error.__notes__ == ["In the worker process:"]
    assert same is error
    assert (type(mistake), str(mistake)) == (UserError, "seed=3: no")


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        {"outcomes": {"5": 1.0}, "errors": []},
        {"outcomes": {"5": 1.0, "6": {"error": 0}}, "errors": []},
        {"outcomes": {"5": 1.0, "6": "x"}, "errors": []},
    ],
)
def test_incomplete_outcomes_are_none(tmp_path, values):
    path = tmp_path / "12_outcomes.json"
    if values is not None:
        path.write_text(json.dumps(values))
    assert read_outcomes(path, [5, 6]) is None


def test_a_job_leaves_its_outcomes(tmp_path):
    BatchJob(batch(functions.double, 5, 6, folder=tmp_path), tmp_path, requeues=3)()
    assert read_outcomes(outcomes_file(tmp_path, "12_3"), [5, 6]) == [10, 12]


def signal_self(number: int) -> object:
    def function(configs: list[int], jobs: list[int], folder: Path) -> Outcomes:
        os.kill(os.getpid(), number)
        return functions.work(configs, jobs, folder)

    return function


@pytest.mark.parametrize(("state", "expected"), [("RUNNING\n", ["requeue 12_3"]), ("COMPLETING\n", []), ("", [])])
def test_sigterm_saves_and_requeues_only_a_preempted_job(tmp_path, programs, state, expected):
    programs.let("squeue", state)
    programs.let("scontrol")
    with pytest.raises(SystemExit) as left:
        BatchJob(batch(signal_self(signal.SIGTERM), 5, folder=tmp_path), tmp_path, requeues=3)()
    assert left.value.code == STOPPED
    assert (tmp_path / "saved5").exists()
    assert programs.calls("scontrol") == expected
    assert not outcomes_file(tmp_path, "12_3").exists()


def test_the_time_limit_requeues_a_job_as_often_as_is_allowed(tmp_path, monkeypatch, programs):
    programs.let("squeue", "COMPLETING\n")
    programs.let("scontrol")
    job = BatchJob(batch(signal_self(signal.SIGUSR2), 5, folder=tmp_path), tmp_path, requeues=2)
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    with pytest.raises(SystemExit):
        job()
    assert programs.calls("scontrol") == ["requeue 12_3"]
    monkeypatch.setenv("SLURM_RESTART_COUNT", "2")
    job()
    assert programs.calls("scontrol") == ["requeue 12_3"]
    outcomes = read_outcomes(outcomes_file(tmp_path, "12_3"), [5])
    assert outcomes is not None
    assert "job 12_3 of Slurm reached its time limit 3 times" in str(outcomes[0])
