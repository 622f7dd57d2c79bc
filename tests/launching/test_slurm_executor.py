"""Submitting jobs and waiting for them, with scripts in place of Slurm's programs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_functions import OPTIONS, batch, double
from slow import slow
from slurm_programs import Programs, States

from neural_sculpting import interruption
from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Outcomes
from neural_sculpting.launching.reporting import Detached, JobLost
from neural_sculpting.launching.slurm.batch_job import outcomes_file, write_outcomes
from neural_sculpting.launching.slurm.executor import Patience, in_jobs
from neural_sculpting.launching.slurm.jobs import Submission, SweepJobs

pytest.importorskip("submitit", reason="the extra `slurm` is not installed")

IMPATIENT = Patience(shortest=0, longest=0, visible=0)


class Cluster:
    """A sweep's folder, and a Slurm that takes its jobs."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        self.folder = folder
        self.programs = programs
        for name in ("srun", "scancel", "scontrol"):
            programs.let(name)
        programs.let("sbatch", "Submitted batch job 10\n", "Submitted batch job 11\n")
        programs.let("sacct", "OUT_OF_MEMORY\n")

    def report(self, *states: States) -> None:
        self.programs.let_squeue(*states)

    def leave(self, job_id: str, numbers: list[int], outcomes: Outcomes, reply: int) -> None:
        """Let a job leave its outcomes shortly before squeue gives a reply."""
        written, reply_file = self.folder / job_id, self.programs.folder / f"squeue.{reply}"
        write_outcomes(written, numbers, outcomes)
        reply_file.write_text(
            f"/bin/mv {written} {outcomes_file(self.folder / 'slurm', job_id)}\n{reply_file.read_text()}"
        )

    def record(self, *submissions: Submission) -> None:
        SweepJobs(self.folder / "slurm", list(submissions)).write()

    def recorded(self) -> dict[str, list[int]]:
        return SweepJobs.read(self.folder).numbers()

    def run(
        self, *numbers: int, wait: bool = True, started: Callable[[int], None] = lambda index: None, **limits: int
    ) -> Any:
        batches = [batch(double, number, folder=self.folder) for number in numbers]
        return in_jobs(batches, OPTIONS, None, wait, started, IMPATIENT, **limits)


@pytest.fixture
def cluster(tmp_path: Path, programs: Programs) -> Iterator[Cluster]:
    (tmp_path / "sweep").mkdir()
    with interruption.asked_by_signals():
        yield Cluster(tmp_path / "sweep", programs)


def test_batches_are_reported_as_they_start_and_end(cluster):
    started: list[int] = []
    cluster.report(
        {},
        {"10_0": "PENDING", "10_1": "RUNNING"},
        {"10_0": "RUNNING", "10_1": "COMPLETED"},
        {"10_0": "COMPLETED", "10_1": "COMPLETED"},
    )
    cluster.leave("10_0", [1], [2.0], reply=4)
    cluster.leave("10_1", [2], [4.0], reply=3)
    ended = in_jobs(
        [batch(double, number, folder=cluster.folder) for number in (1, 2)],
        OPTIONS,
        None,
        True,
        started.append,
        Patience(shortest=0, longest=0),  # at first Slurm does not know the jobs
    )
    assert next(ended) == (1, [4.0])
    assert started == [1, 0]
    assert list(ended) == [(0, [2.0])]
    assert not (cluster.folder / "slurm").exists()


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("CANCELLED", "CANCELLED; it has left no log"),
        ("OUT_OF_MEMORY", "OUT_OF_MEMORY; hydra.launcher.slurm.memory_gb asks for more memory; it has left no log"),
        ("TIMEOUT", "TIMEOUT; hydra.launcher.slurm.minutes asks for more time; it has left no log"),
        ("NODE_FAIL|Reboot", "NODE_FAIL (Reboot); it has left no log"),
        ("COMPLETED", "COMPLETED; it has left no log"),
        (None, "OUT_OF_MEMORY; hydra.launcher.slurm.memory_gb asks for more memory; it has left no log"),
    ],
)
def test_a_job_that_ends_without_a_result_is_reported_in_one_line(cluster, state, line):
    cluster.report({"10": state} if state else {})
    [(index, [error])] = cluster.run(1)
    assert index == 0
    assert isinstance(error, JobLost)
    assert str(error) == f"job 10 of Slurm ended without a result: {line}"
    assert cluster.recorded() == {"10": [1]}  # for `status`


def test_a_job_that_slurm_killed_for_its_memory(cluster):
    cluster.report({"10": "FAILED"})
    log = cluster.folder / "slurm" / "10_0_log.out"
    log.parent.mkdir()
    log.write_text("slurmstepd-x: error: Step 10.0 exceeded memory limit (300 > 200), being killed\n")
    [(_, [error])] = cluster.run(1)
    assert str(error).endswith(f"OUT_OF_MEMORY; hydra.launcher.slurm.memory_gb asks for more memory; log: {log}")


def test_a_preempted_job_is_requeued(cluster):
    cluster.report({"10": "PREEMPTED"}, {"10": "PREEMPTED"}, {"10": "FAILED"})
    [(_, [error])] = cluster.run(1)
    assert set(cluster.programs.calls("scontrol")) == {"requeue 10"}
    assert "FAILED" in str(error)


def test_a_slurm_that_does_not_answer_is_waited_for(cluster, caplog):
    cluster.report(None, None, {"10": "RUNNING"}, None, {"10": "FAILED"})
    [(_, [error])] = cluster.run(1)
    assert "FAILED" in str(error)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "squeue does not answer; the jobs keep running, and are waited for"
    ] * 2


def test_running_jobs_are_not_submitted_again(cluster):
    cluster.record(Submission("ns-0", [[1], [2]], "5"))
    cluster.report({"5_0": "FAILED", "5_1": "RUNNING"})
    with pytest.raises(Detached, match="3 batches are left to Slurm"):
        next(cluster.run(1, 2, 3, wait=False))
    assert cluster.recorded() == {"5_0": [1], "5_1": [2], "10_0": [1], "10_1": [3]}


def test_cancelled_or_half_submitted_jobs_end_before_they_are_submitted_again(cluster):
    cluster.record(Submission("ns-0", [[1]], "5", cancelled=True), Submission("ns-9", [[2]]))
    cluster.report({"5": "RUNNING"}, {"5": "CANCELLED"})
    with pytest.raises(Detached):
        next(cluster.run(1, 2, wait=False))
    [call] = cluster.programs.calls("scancel")
    assert "--name=ns-9" in call
    assert len(cluster.programs.calls("squeue")) == 2
    assert cluster.recorded() == {"10_0": [1], "10_1": [2]}


def test_many_batches_are_several_arrays(cluster):
    with pytest.raises(Detached):
        next(cluster.run(1, 2, 3, wait=False, most_at_once=2))
    assert len(cluster.programs.calls("sbatch")) == 2
    assert cluster.recorded() == {"10_0": [1], "10_1": [2], "11": [3]}


def test_a_request_to_stop_cancels_its_jobs(cluster):
    cluster.report({"10": "RUNNING"}, {"10": "CANCELLED"})
    interruption.request()
    with pytest.raises(interruption.Interrupted):
        next(cluster.run(1))
    assert len(cluster.programs.calls("scancel")) == 1
    assert not (cluster.folder / "slurm").exists()


@pytest.mark.parametrize("asked_to_stop", [False, True])
def test_jobs_that_slurm_refuses(cluster, asked_to_stop):
    cluster.programs.let("sbatch", code=1)
    cluster.report({})
    if asked_to_stop:
        interruption.request()
    with pytest.raises(interruption.Interrupted if asked_to_stop else UserError):
        next(cluster.run(1))
    assert not (cluster.folder / "slurm").exists()


def test_a_folder_that_slurm_would_misread_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"a path must not contain % or a line break"):
        next(in_jobs([batch(double, 1, folder=tmp_path / "50%job")], {}, None, True, print))


def test_a_sweep_that_is_not_waited_for_ends_well(command, programs, capsys):
    for name in ("srun", "squeue", "scancel"):
        programs.let(name)
    programs.let("sbatch", "Submitted batch job 10\n")
    words = ["-m", "seed=0,1", "hydra.sweep.dir=out", "hydra.launcher.executor=slurm", "hydra.launcher.wait=false"]
    assert command(*words) == 0
    assert capsys.readouterr().out.startswith("1 batches are left to Slurm")
    assert SweepJobs.read(Path("out")).numbers() == {"10": [0, 1]}
    assert Path("out/plan.json").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["hydra.launcher.wait=false"], "hydra.launcher.wait=false: not with executor=inline"),
        slow(["hydra.launcher.executor=threads"], "executor=threads: must be inline, processes or slurm"),
        slow(
            ["hydra.launcher.executor=slurm", "hydra.launcher.slurm.minutes=0"],
            "hydra.launcher.slurm.minutes=0: must be",
        ),
        slow(["hydra.launcher.slurm.minutes=soon"], "hydra.launcher.slurm.minutes: "),
        (["hydra.launcher.slurm.nodes=2"], "hydra.launcher.slurm.nodes"),
    ],
)
def test_a_mistake_is_reported_before_work_starts(command, capsys, words, line):
    assert command("-m", "seed=0,1", *words) == 1
    [error] = capsys.readouterr().err.splitlines()
    assert line in error
    assert not list(Path().glob("multirun_outputs/*"))
