"""``python -m neural_sculpting.status``."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from slurm_programs import Programs, programs

from neural_sculpting.launching.slurm.batch_job import log_file, outcomes_file, write_outcomes
from neural_sculpting.launching.slurm.jobs import Submission, SweepJobs
from neural_sculpting.records.plan import Plan
from neural_sculpting.status import lines, main, newest

__all__ = ["programs"]


def leave_group(folder: Path, jobs: Sequence[int]) -> None:
    path = folder / "groups" / f"{min(jobs):04d}"
    path.mkdir(parents=True)
    (path / "group.json").write_text(json.dumps({"jobs": list(jobs)}))


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """A sweep of nine jobs in three groups, of which one is finished and in the tables."""
    folder = tmp_path / "multirun_outputs" / "some"
    folder.mkdir(parents=True)
    Plan(multirun=True, jobs=9, overrides=()).write(folder)
    leave_group(folder, [0, 1, 2])
    (folder / "sweep.json").touch()
    return folder


def test_what_is_finished(sweep: Path) -> None:
    assert lines(sweep) == [f"{sweep}: 3 of 9 jobs finished, in 1 group"]
    leave_group(sweep, [3, 4, 5])
    os.utime(sweep / "sweep.json", (0, 0))
    assert lines(sweep) == [
        f"{sweep}: 6 of 9 jobs finished, in 2 groups; "
        f"not all in the tables yet: python -m neural_sculpting.collect {sweep}"
    ]


def test_a_sweep_without_a_plan(sweep: Path) -> None:
    (sweep / "plan.json").unlink()
    assert lines(sweep) == [f"{sweep}: 3 jobs finished, in 1 group"]


def test_what_runs_in_processes_of_this_machine(sweep: Path) -> None:
    (sweep / "groups" / f".0003.{os.getpid()}").mkdir()
    (sweep / "groups" / ".0006.999999999").mkdir()  # no process has this number
    assert lines(sweep)[1:] == [f"  running  the group of job 3, in process {os.getpid()}"]


def test_what_runs_waits_and_has_failed_in_slurm(sweep: Path, programs: Programs) -> None:
    batches = [[0, 1, 2], [3], [4, 6], [5], [7], [8]]
    jobs = SweepJobs(sweep / "slurm", [Submission("ns-1", batches, "12")])
    jobs.write()
    states = ("COMPLETED", "RUNNING", "COMPLETED", "PENDING|Priority", "PENDING|Priority", "TIMEOUT")
    programs.let_squeue({f"12_{number}": state for number, state in enumerate(states)})
    write_outcomes(outcomes_file(jobs.folder, "12_2"), [4, 6], [ValueError("bad luck"), 1.0])
    log_file(jobs.folder, "12_2").touch()
    assert lines(sweep)[1:] == [
        "Slurm: 1 running, 2 failed, 2 pending (Priority)",
        "  running  12_1: job 3",
        f"  failed  12_2: 2 jobs from 4 to 6: ValueError: bad luck; log: {sweep}/slurm/12_2_0_log.out",
        "  failed  12_5: job 8: TIMEOUT",
    ]


def test_away_from_the_cluster_it_reports_what_it_can(sweep: Path, programs: Programs) -> None:
    SweepJobs(sweep / "slurm", [Submission("ns-1", [[0, 1, 2], [3, 4, 5]], "12")]).write()
    assert lines(sweep)[1:] == ["Slurm: squeue does not answer here; 1 jobs were submitted and are not finished"]


def test_the_newest_sweep_is_the_one_that_began_last(
    sweep: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(sweep.parents[1])
    other = sweep.with_name("other")
    other.mkdir()
    Plan(multirun=False, jobs=1, overrides=()).write(other)
    os.utime(sweep / "plan.json", (0, 0))
    assert newest() == Path("multirun_outputs/other")
    assert main([]) == 0
    assert capsys.readouterr().out == "multirun_outputs/other: 0 of 1 jobs finished, in 0 groups\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "multirun_outputs: contains no run; name the folder of one"),
        (["nowhere"], "nowhere: no such folder"),
        (["."], ".: contains no run"),
        (["a", "b"], "unrecognized arguments: b; --help shows what is allowed"),
    ],
)
def test_mistakes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
    assert capsys.readouterr().err == f"error: {line}\n"
