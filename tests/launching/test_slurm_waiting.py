"""Waiting for jobs, with a Slurm that says what the tests let it say."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_functions import batch, double

from neural_sculpting import interruption
from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Batch, Outcomes
from neural_sculpting.launching.failures import Detached, JobLost
from neural_sculpting.launching.slurm import (
    executor as _slurm,
)
from neural_sculpting.launching.slurm import (
    jobs as _slurm_jobs,
)
from neural_sculpting.launching.slurm import (
    options as _slurm_options,
)
from neural_sculpting.launching.slurm import (
    submission as _slurm_submission,
)
from neural_sculpting.launching.slurm.batch import outcomes_file, write_outcomes
from neural_sculpting.launching.slurm.executor import in_jobs
from neural_sculpting.launching.slurm.jobs import Notes, State, Submission, read_notes

States = dict[str, str] | None


class Cluster:
    """Stands in for Slurm.

    Attributes:
        folder: of the sweep.
        answers: what squeue says, one answer after another; the last one again and again.
        submitted: the numbers of the batches of each submission.
        cancelled: the names of submissions that were cancelled.
        sent_back: jobs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: list[States] = [{}]
        self.submitted: list[list[list[int]]] = []
        self.cancelled: list[str] = []
        self.sent_back: list[str] = []

    def ask(self, submissions: list[Submission]) -> dict[str, State] | None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return None if answer is None else {job_id: State(name) for job_id, name in answer.items()}

    def submit(self, batches: list[Batch], notes: Notes, options: Any, workers: int | None) -> Submission:
        self.submitted.append([each.numbers for each in batches])
        submission = Submission(f"ns-{len(self.submitted)}", self.submitted[-1], str(9 + len(self.submitted)))
        notes.submissions.append(submission)
        notes.write()
        return submission

    def cancel(self, submissions: list[Submission]) -> None:
        self.cancelled += [each.name for each in submissions]
        if submissions:
            self.answers = [dict.fromkeys(self.answers[0] or {}, "CANCELLED")]

    def leave(self, job_id: str, numbers: list[int], outcomes: Outcomes) -> None:
        write_outcomes(outcomes_file(self.folder / "slurm", job_id), numbers, outcomes)
        (self.folder / "slurm" / f"{job_id}_0_result.pkl").touch()

    def run(self, *numbers: int, wait: bool = True, started: Callable[[int], None] = lambda place: None) -> Any:
        batches = [batch(double, number, folder=self.folder) for number in numbers]
        return in_jobs(batches, {}, None, wait, started)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    found = Cluster(tmp_path)
    monkeypatch.setattr(_slurm_jobs, "ask", found.ask)
    monkeypatch.setattr(_slurm_jobs, "ask_accounts", lambda job_id: State("OUT_OF_MEMORY"))
    monkeypatch.setattr(_slurm_jobs, "cancel", found.cancel)
    monkeypatch.setattr(_slurm_jobs, "requeue", lambda job_id: not found.sent_back.append(job_id))
    monkeypatch.setattr(_slurm_submission, "_submit", found.submit)
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE", "FIRST_QUESTION", "LONGEST_QUESTION", "FOR_FILES"):
        monkeypatch.setattr(_slurm, name, 0)
    with interruption.asked_by_signals():
        yield found


def test_batches_are_told_as_they_start_and_end(cluster: Cluster) -> None:
    started: list[int] = []
    ended = cluster.run(1, 2, started=started.append)
    cluster.answers = [
        {},
        {"10_0": "PENDING", "10_1": "RUNNING"},
        {"10_0": "RUNNING", "10_1": "COMPLETED"},
        {"10_0": "COMPLETED", "10_1": "COMPLETED"},
    ]
    original = cluster.ask

    def ask(submissions: list[Submission]) -> dict[str, State] | None:
        states = original(submissions)
        for place, number in enumerate((1, 2)):
            if states and states.get(f"10_{place}") == State("COMPLETED"):
                cluster.leave(f"10_{place}", [number], [2.0 * number])
        return states

    _slurm_jobs.ask = ask  # the fixture puts the real one back
    assert next(ended) == (1, [4.0])
    assert started == [1, 0]
    assert list(ended) == [(0, [2.0])]
    assert cluster.submitted == [[[1], [2]]]
    assert not (cluster.folder / "slurm").exists()


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("CANCELLED", "CANCELLED; it has left no log"),
        ("OUT_OF_MEMORY", "OUT_OF_MEMORY; hydra.launcher.slurm.memory_gb asks for more memory; it has left no log"),
        ("TIMEOUT", "TIMEOUT; hydra.launcher.slurm.minutes asks for more time; it has left no log"),
        ("COMPLETED", "COMPLETED; it has left no log"),
        (None, "OUT_OF_MEMORY; hydra.launcher.slurm.memory_gb asks for more memory; it has left no log"),
    ],
)
def test_a_job_that_ends_without_a_result_is_told_in_one_line(cluster: Cluster, state: str | None, line: str) -> None:
    cluster.answers = [{"10": state} if state else {}]
    [(place, [error])] = cluster.run(1)
    assert place == 0
    assert isinstance(error, JobLost)
    assert str(error) == f"job 10 of Slurm ended without a result: {line}"
    assert read_notes(cluster.folder).jobs() == {"10": [1]}  # for those who ask what has failed


def test_a_job_that_slurm_killed_for_its_memory(cluster: Cluster) -> None:
    cluster.answers = [{"10": "FAILED"}]
    ended = cluster.run(1)
    log = cluster.folder / "slurm" / "10_0_log.out"
    log.parent.mkdir()
    log.write_text("slurmstepd-x: error: Step 10.0 exceeded memory limit (300 > 200), being killed\n")
    [(_, [error])] = ended
    assert str(error).endswith(f"OUT_OF_MEMORY; hydra.launcher.slurm.memory_gb asks for more memory; log: {log}")


def test_a_job_that_had_to_make_room_is_sent_back(cluster: Cluster) -> None:
    cluster.answers = [{"10": "PREEMPTED"}, {"10": "PREEMPTED"}, {"10": "FAILED"}]
    [(_, [error])] = cluster.run(1)
    assert set(cluster.sent_back) == {"10"}
    assert "FAILED" in str(error)


def test_a_slurm_that_does_not_answer_is_waited_for(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    cluster.answers = [None, None, {"10": "RUNNING"}, None, {"10": "FAILED"}]
    [(_, [error])] = cluster.run(1)
    assert "FAILED" in str(error)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "squeue does not answer; the jobs go on, and are waited for"
    ] * 2


def test_jobs_at_work_are_not_submitted_again(cluster: Cluster) -> None:
    Notes(cluster.folder / "slurm", [Submission("ns-0", [[1], [2]], "5")]).write()
    cluster.answers = [{"5_0": "FAILED", "5_1": "RUNNING"}]
    with pytest.raises(Detached, match="3 batches are left to Slurm"):
        next(cluster.run(1, 2, 3, wait=False))
    assert cluster.submitted == [[[1], [3]]]
    assert read_notes(cluster.folder).jobs() == {"5_0": [1], "5_1": [2], "10_0": [1], "10_1": [3]}


def test_what_was_cancelled_or_half_submitted_ends_before_it_is_submitted_again(cluster: Cluster) -> None:
    submissions = [Submission("ns-0", [[1]], "5", cancelled=True), Submission("ns-9", [[2]])]
    Notes(cluster.folder / "slurm", submissions).write()
    cluster.answers = [{"5": "RUNNING"}, {"5": "CANCELLED"}]
    with pytest.raises(Detached):
        next(cluster.run(1, 2, wait=False))
    assert cluster.cancelled == ["ns-9"]
    assert cluster.submitted == [[[1], [2]]]


def test_many_batches_are_several_arrays(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_slurm_submission, "MOST_AT_ONCE", 2)
    with pytest.raises(Detached):
        next(cluster.run(1, 2, 3, wait=False))
    assert cluster.submitted == [[[1], [2]], [[3]]]
    assert read_notes(cluster.folder).jobs() == {"10_0": [1], "10_1": [2], "11": [3]}


def test_asked_to_stop_it_cancels_its_jobs(cluster: Cluster) -> None:
    cluster.answers = [{"10": "RUNNING"}]
    interruption.request()
    with pytest.raises(interruption.Interrupted):
        next(cluster.run(1))
    assert cluster.cancelled[-1] == "ns-1"
    assert not (cluster.folder / "slurm").exists()


def test_a_folder_that_slurm_would_read_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a path must not contain % or a line break"):
        next(in_jobs([batch(double, 1, folder=tmp_path / "50%job")], {}, None, True, print))


def test_a_sweep_that_is_not_waited_for_ends_well(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leave(batches: Iterator[Batch], **options: Any) -> Any:
        assert options["wait"] is False
        assert [each.numbers for each in batches] == [[0, 1]]
        raise Detached("look at them")
        yield

    monkeypatch.setattr(_slurm_options, "_check_programs", lambda: None)
    monkeypatch.setattr(_slurm, "in_jobs", leave)
    words = ["-m", "seed=0,1", "hydra.sweep.dir=out", "hydra.launcher.executor=slurm", "hydra.launcher.wait=false"]
    assert command(*words) == 0
    assert capsys.readouterr().out == "look at them\n"
    assert Path("out/plan.json").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["hydra.launcher.wait=false"], "hydra.launcher.wait=false: not with executor=inline"),
        (
            ["hydra.launcher.executor=slurm", "hydra.launcher.slurm.minutes=0"],
            "hydra.launcher.slurm.minutes=0: must be",
        ),
        (["hydra.launcher.slurm.minutes=soon"], "hydra.launcher.slurm.minutes: "),
        (["hydra.launcher.slurm.nodes=2"], "hydra.launcher.slurm.nodes"),
    ],
)
def test_a_mistake_is_told_before_work_starts(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert command("-m", "seed=0,1", *words) == 1
    [error] = capsys.readouterr().err.splitlines()
    assert line in error
    assert not list(Path().glob("multirun_outputs/*"))
