"""The record of jobs, and what Slurm's programs report of them."""

import json
import os
from pathlib import Path

import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.launching.slurm import commands
from neural_sculpting.launching.slurm.commands import State
from neural_sculpting.launching.slurm.jobs import Submission, SweepJobs, refuse_if_at_work

ONE = Submission("ns-1", [[0, 1]], "7")
TWO = Submission("ns-2", [[2, 3], [4, 5]], "12")


def test_the_record_is_read_as_it_was_written(tmp_path):
    assert SweepJobs.read(tmp_path) == SweepJobs(tmp_path / "slurm")
    jobs = SweepJobs(tmp_path / "slurm", [ONE, TWO, Submission("ns-3", [[6]], cancelled=True)])
    jobs.write()
    assert SweepJobs.read(tmp_path) == jobs
    assert jobs.numbers() == {"7": [0, 1], "12_0": [2, 3], "12_1": [4, 5]}
    values = json.loads((tmp_path / "slurm" / "jobs.json").read_text())
    assert values["submissions"][1] == {
        "name": "ns-2",
        "batches": [[2, 3], [4, 5]],
        "number": "12",
        "cancelled": False,
    }


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"format_version": 9}', '{"format_version": 1, "submissions": [{"x": 1}]}', "\udcff"],
)
def test_a_foreign_record_is_refused(tmp_path, text):
    (tmp_path / "slurm").mkdir()
    (tmp_path / "slurm" / "jobs.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UserError, match=r"slurm/jobs.json: (not the record of a sweep's jobs|has format 9)"):
        SweepJobs.read(tmp_path)


def test_one_query_for_all_jobs(programs):
    programs.let_squeue({"7": "COMPLETED", "12_0": "RUNNING", "12_1": "PENDING|Resources"})
    states = SweepJobs(Path(), [ONE, TWO]).states()
    assert states == {"7": State("COMPLETED"), "12_0": State("RUNNING"), "12_1": State("PENDING", "Resources")}
    assert [state.is_over for state in states.values()] == [True, False, False]
    [call] = programs.calls("squeue")
    assert "--name=ns-1,ns-2" in call
    assert f"--user={os.getuid()}" in call
    assert SweepJobs(Path(), [ONE, TWO]).running() == {"12_0", "12_1"}


def test_the_number_of_jobs_is_found_by_their_name(programs):
    programs.let("squeue", "30_0|ns-2|PENDING|None\n30_1|ns-2|PENDING|None\n")
    unnumbered = Submission("ns-2", TWO.batches)
    assert unnumbered.job_ids() == []
    SweepJobs(Path(), [unnumbered]).states()
    assert unnumbered.job_ids() == ["30_0", "30_1"]


def test_a_slurm_that_does_not_answer(programs, tmp_path):
    jobs = SweepJobs(tmp_path, [ONE])
    assert jobs.states() is None  # no such program
    programs.let_squeue(None)
    assert jobs.states() is None
    with pytest.raises(UserError, match="names jobs of Slurm that may run, and squeue does not answer"):
        jobs.running()
    assert SweepJobs(tmp_path).running() == set()  # nothing to ask


def test_other_executors_keep_away_from_running_jobs(programs, tmp_path):
    refuse_if_at_work(tmp_path)
    SweepJobs(tmp_path / "slurm", [TWO]).write()
    programs.let_squeue({"12_0": "COMPLETED", "12_1": "RUNNING"}, {"12_0": "COMPLETED", "12_1": "FAILED"})
    with pytest.raises(UserError, match="jobs 12_1 of Slurm are still running here; resume with"):
        refuse_if_at_work(tmp_path)
    refuse_if_at_work(tmp_path)


@pytest.mark.parametrize(
    ("reply", "state"),
    [("OUT_OF_MEMORY\n", State("OUT_OF_MEMORY")), ("CANCELLED by 1000\n", State("CANCELLED")), ("\n", None)],
)
def test_accounting_reports_how_a_job_ended(programs, reply, state):
    assert commands.final_state("12_1") is None
    programs.let("sacct", reply)
    assert commands.final_state("12_1") == state


def test_cancelling_is_by_name(programs):
    programs.let("scancel")
    submission = Submission("ns-4", [[0]])
    submission.cancel()
    assert submission.cancelled
    assert programs.calls("scancel") == [f"--user={os.getuid()} --name=ns-4"]


def test_logs_of_failed_jobs_stay_and_no_pickle_does(tmp_path):
    jobs = SweepJobs(tmp_path / "slurm", [TWO])
    jobs.write()
    names = ["12_1_submitted.pkl", "12_1_0_result.pkl", "12_submission.sh", "12_1_0_log.out", "12_1_outcomes.json"]
    for name in names:
        (jobs.folder / name).touch()
    jobs.tidy()
    assert {path.name for path in jobs.folder.iterdir()} == {"jobs.json", *names[3:]}
    SweepJobs(jobs.folder).tidy()
    assert not jobs.folder.exists()


def test_whether_slurm_requeued_a_job(programs):
    for code in (0, 1):
        programs.let("scontrol", code=code)
        assert commands.requeue("12_1") == (code == 0)
        assert programs.calls("scontrol") == ["requeue 12_1"]
