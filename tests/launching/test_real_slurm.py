"""Batches as jobs of a real Slurm: started by ``make slurm-node``."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import batch_functions as functions
import pytest
from batch_functions import batch
from sweeping import sweep

from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Batch, Outcomes
from neural_sculpting.launching.executors import inline
from neural_sculpting.launching.reporting import Detached, JobLost
from neural_sculpting.launching.slurm.executor import in_jobs
from neural_sculpting.launching.slurm.jobs import SweepJobs, refuse_if_at_work
from neural_sculpting.records.plan import Plan
from neural_sculpting.status import lines

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.usefixtures("slurm", "logging_restored")]

HERE = Path(__file__).parent


def run_slurm(*command: str) -> str:
    """Return the output of a program of Slurm."""
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.fixture
def sweep_folder(slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a sweep whose jobs can import the functions beside this file; no job outlives the test."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "out"
    folder.mkdir()
    yield folder
    for submission in SweepJobs.read(folder).submissions:
        submission.cancel()


def run(
    batches: Iterable[Batch],
    wait: bool = True,
    workers: int | None = None,
    started: Callable[[int], None] = lambda position: None,
    **changes: Any,
) -> Generator[tuple[int, Outcomes], None, None]:
    return in_jobs(batches, {**functions.OPTIONS, "memory_gb": 0.5, **changes}, workers, wait, started)


def await_files(folder: Path, pattern: str, number: int = 1) -> list[Path]:
    """The files of some names, as soon as there are so many."""
    end = time.monotonic() + 180
    while len(found := sorted(folder.glob(pattern))) < number:
        assert time.monotonic() < end, f"{pattern} in {folder}: found {found}"
        time.sleep(0.1)
    return found


def job_ids(folder: Path) -> list[str]:
    """The IDs of the jobs of a sweep."""
    return list(SweepJobs.read(folder).numbers())


def detach(*batches: Batch, **changes: Any) -> list[str]:
    """Submit batches, and return the IDs of their jobs as soon as all of them work."""
    with pytest.raises(Detached):
        next(run(batches, wait=False, **changes))
    folder = batches[0].folder
    for each in batches:
        await_files(folder, f"turn{each.numbers[0]}.0")
    return job_ids(folder)


def test_every_batch_is_a_job(sweep_folder):
    started: list[int] = []
    batches = [
        batch(functions.double, 1, 2, folder=sweep_folder),
        batch(functions.fail_plainly, 3, 4, 5, folder=sweep_folder),
        batch(functions.own_python, 6, folder=sweep_folder),
    ]
    outcomes = dict(run(batches, started=started.append, cpus=1, setup=["export SET_UP=yes"], extra={"comment": "a b"}))
    assert outcomes[0] == [2, 4]
    error, result, mistake = outcomes[1]
    assert isinstance(error, RuntimeError)
    assert (str(error), result, str(mistake)) == ("ValueError: bad luck", 1.0, "seed=3: no")
    assert isinstance(mistake, UserError)
    assert (sweep_folder / "python6").read_text() == f"{sys.executable} yes"
    assert sorted(started) == [0, 1, 2]
    files = {path.name.partition("_0_")[2] or path.suffix for path in (sweep_folder / "slurm").iterdir()}
    assert files == {".json", "log.out"}  # of the one that failed
    assert any("failed" in line and "bad luck" in line for line in lines_of(sweep_folder))


def lines_of(folder: Path) -> list[str]:
    Plan(multirun=True, jobs=6, overrides=()).write(folder)  # else it is no sweep
    return lines(folder)


def test_a_sweep_gives_the_same_results_as_inline(sweep_folder):
    overrides = ("arch.hidden=[24],[36]", "seed=range(2)")
    inline_results = sweep(*overrides, task_function=functions.task)
    results = sweep(
        *overrides,
        "hydra.launcher.executor=slurm",
        "hydra.launcher.slurm.memory_gb=0.5",
        task_function=functions.task,
    )
    values = [[job.return_value for job in batch_] for batch_ in results]
    assert values == [[job.return_value for job in batch_] for batch_ in inline_results] == [[2400, 2401, 3600, 3601]]
    assert not (sweep_folder / "slurm").exists()


def test_a_job_that_is_cancelled_is_reported_and_the_others_continue(sweep_folder):
    batches = [batch(functions.work, 1, folder=sweep_folder), batch(functions.work, 2, 3, folder=sweep_folder)]
    run_slurm("scancel", detach(*batches)[1])
    ended = run(batches)  # with the jobs that are there
    await_files(sweep_folder, "saved2")
    position, [error, other] = next(ended)
    assert position == 1
    assert error is other
    assert isinstance(error, JobLost)
    [job_id] = {path.name.partition("_0_")[0] for path in (sweep_folder / "slurm").glob("*_1_0_log.out")}
    log = sweep_folder / "slurm" / f"{job_id}_0_log.out"
    assert str(error) == f"job {job_id} of Slurm ended without a result: CANCELLED; log: {log}"
    (sweep_folder / "go").touch()
    assert list(ended) == [(0, [0.0])]


def resume(folder: Path, job_id: str) -> None:
    """Wait for the second turn of a job that was stopped, and let it end."""
    await_files(folder, "saved1")
    hurry(job_id)
    await_files(folder, "turn1.1")
    (folder / "go").touch()


@pytest.mark.parametrize(
    "stop",
    [["scontrol", "requeue"], ["scancel", "--signal=USR2"]],  # the latter as Slurm does before the time limit
    ids=["requeued", "near its time limit"],
)
def test_a_job_that_is_stopped_and_requeued_resumes(sweep_folder, stop):
    batches = [batch(functions.work, 1, folder=sweep_folder)]
    [job_id] = detach(*batches)
    run_slurm(*stop, job_id)
    resume(sweep_folder, job_id)
    assert list(run(batches)) == [(0, [11.0])]  # in the second turn, with the work that the first has saved


def test_a_job_near_its_time_limit_fails_after_the_last_requeue(sweep_folder):
    batches = [batch(functions.work, 1, folder=sweep_folder)]
    [job_id] = detach(*batches, requeues=0)
    run_slurm("scancel", "--signal=USR2", job_id)
    await_files(sweep_folder, "saved1")
    [(_, [outcome])] = run(batches)
    assert len(list(sweep_folder.glob("turn1.*"))) == 1
    assert "reached its time limit once" in str(outcome)


def hurry(job_id: str) -> None:
    """Start a job that was put back into the queue at once; Slurm would wait two minutes."""
    end = time.monotonic() + 180
    while run_slurm("squeue", "--noheader", "--jobs", job_id, "--format=%T").strip() != "PENDING":
        assert time.monotonic() < end
        time.sleep(0.2)
    run_slurm("scontrol", "update", f"jobid={job_id}", "starttime=now")


def test_a_preempted_job_resumes(sweep_folder):
    batches = [batch(functions.work, 1, folder=sweep_folder)]
    [job_id] = detach(*batches)
    urgent = run_slurm(
        "sbatch", "--partition=urgent", "--exclusive", "--output=/dev/null", "--parsable", "--wrap=sleep 1"
    )
    resume(sweep_folder, job_id)
    assert list(run(batches)) == [(0, [11.0])]
    assert run_slurm("sacct", "-nXP", "-o", "State", "-j", urgent.strip()).strip() == "COMPLETED"


PROGRAM = """
from pathlib import Path
import batch_functions as functions
from batch_functions import batch
from test_real_slurm import run
from neural_sculpting.interruption import asked_by_signals

with asked_by_signals():
    print(list(run([batch(functions.work, number, folder=Path("out").absolute()) for number in (1, 2)])))
"""


@pytest.fixture
def submitter(sweep_folder: Path) -> "subprocess.Popen[str]":
    """A process that waits for two jobs that are at work."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    await_files(sweep_folder, "turn?.0", 2)
    return process


def test_jobs_outlive_a_process_that_is_killed_and_are_not_run_again(submitter, sweep_folder):
    submitter.kill()
    submitter.wait()
    batches = [batch(functions.work, number, folder=sweep_folder) for number in (1, 2)]
    with pytest.raises(UserError, match=r"jobs \d+_0 \d+_1 of Slurm are still running here"):
        refuse_if_at_work(sweep_folder)
    assert any("2 running" in line for line in lines_of(sweep_folder))
    (sweep_folder / "go").touch()
    assert sorted(run(batches)) == sorted(inline([batch(functions.double, 0), batch(functions.double, 0)]))
    assert len(list(sweep_folder.glob("turn*"))) == 2
    assert not (sweep_folder / "slurm").exists()


def test_ctrl_c_lets_jobs_save_and_ends_them(submitter, sweep_folder):
    submitter.send_signal(signal.SIGINT)
    _, errors = submitter.communicate(timeout=60)
    assert errors.strip().endswith("Interrupted")
    assert len(list(sweep_folder.glob("saved*"))) == 2
    assert not (sweep_folder / "slurm").exists()


def test_jobs_that_slurm_refuses_are_a_mistake(sweep_folder):
    with pytest.raises(UserError, match=r"^Slurm refuses the jobs: sbatch: error: .*invalid partition") as refused:
        list(run([batch(functions.double, 1, folder=sweep_folder)], partition="nowhere"))
    assert "\n" not in str(refused.value)
    assert not (sweep_folder / "slurm").exists()


def test_so_many_jobs_run_at_a_time_as_there_are_workers(sweep_folder):
    with pytest.raises(Detached):
        next(run([batch(functions.double, number, folder=sweep_folder) for number in (1, 2)], False, workers=1))
    assert "ArrayTaskThrottle=1" in run_slurm("scontrol", "show", "job", job_ids(sweep_folder)[0].partition("_")[0])
