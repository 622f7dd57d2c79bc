"""Notes of jobs, and what Slurm says of them; a script stands in for its programs."""

import json
import os
from pathlib import Path

import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.launching.slurm import jobs as _slurm_jobs
from neural_sculpting.launching.slurm.jobs import (
    Notes,
    State,
    Submission,
    ask,
    ask_accounts,
    cancel,
    read_notes,
    refuse_if_at_work,
    requeue,
    still_wanted,
    tidy,
)

ONE = Submission("ns-1", [[0, 1]], "7")
TWO = Submission("ns-2", [[2, 3], [4, 5]], "12")


class Programs:
    """Stands in for Slurm's programs: each says what it is told to, and notes how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def let(self, name: str, say: str = "", code: int = 0) -> None:
        script = self.folder / name
        (self.folder / f"{name}.says").write_text(say)
        script.write_text(f'#!/bin/sh\necho "$@" >> $0.calls\n/bin/cat $0.says\nexit {code}\n')
        script.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        return (self.folder / f"{name}.calls").read_text().splitlines()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    found = Programs(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(found.folder))
    return found


def test_notes_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert read_notes(tmp_path) == Notes(tmp_path / "slurm")
    notes = Notes(tmp_path / "slurm", [ONE, TWO, Submission("ns-3", [[6]], cancelled=True)])
    notes.write()
    assert read_notes(tmp_path) == notes
    assert notes.jobs() == {"7": [0, 1], "12_0": [2, 3], "12_1": [4, 5]}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"format_version": 9}', '{"format_version": 1, "submissions": [{"x": 1}]}', "\udcff"],
)
def test_foreign_notes_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "slurm").mkdir()
    (tmp_path / "slurm" / "jobs.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UserError, match=r"slurm/jobs.json: (not the notes of a sweep|has format 9)"):
        read_notes(tmp_path)


def test_one_question_for_all_jobs(programs: Programs) -> None:
    programs.let("squeue", "7|ns-1|COMPLETED|None\n12_0|ns-2|RUNNING|None\n12_1|ns-2|PENDING|Resources\n")
    states = ask([ONE, TWO])
    assert states == {"7": State("COMPLETED"), "12_0": State("RUNNING"), "12_1": State("PENDING", "Resources")}
    assert [state.over for state in states.values()] == [True, False, False]
    [call] = programs.calls("squeue")
    assert "--name=ns-1,ns-2" in call
    assert f"--user={os.getuid()}" in call
    assert Notes(Path(), [ONE, TWO]).at_work().keys() == {"12_0", "12_1"}


def test_the_number_of_jobs_is_found_by_their_name(programs: Programs) -> None:
    programs.let("squeue", "30_0|ns-2|PENDING|None\n30_1|ns-2|PENDING|None\n")
    lost = Submission("ns-2", TWO.batches)
    assert lost.job_ids() == []
    ask([lost])
    assert lost.job_ids() == ["30_0", "30_1"]


def test_a_slurm_that_does_not_answer(programs: Programs, tmp_path: Path) -> None:
    assert ask([ONE]) is None  # no such program
    programs.let("squeue", code=1)
    assert ask([ONE]) is None
    with pytest.raises(UserError, match="names jobs of Slurm that may be at work, and squeue does not answer"):
        Notes(tmp_path, [ONE]).at_work()
    assert Notes(tmp_path).at_work() == {}  # nobody to ask


def test_other_executors_keep_away_from_jobs_at_work(programs: Programs, tmp_path: Path) -> None:
    refuse_if_at_work(tmp_path)
    Notes(tmp_path / "slurm", [TWO]).write()
    programs.let("squeue", "12_0|ns-2|COMPLETED|None\n12_1|ns-2|RUNNING|None\n")
    with pytest.raises(UserError, match="jobs 12_1 of Slurm are still at work here; go on with"):
        refuse_if_at_work(tmp_path)
    programs.let("squeue", "12_0|ns-2|COMPLETED|None\n12_1|ns-2|FAILED|None\n")
    refuse_if_at_work(tmp_path)


@pytest.mark.parametrize(
    ("said", "state"),
    [("OUT_OF_MEMORY\n", State("OUT_OF_MEMORY")), ("CANCELLED by 1000\n", State("CANCELLED")), ("\n", None)],
)
def test_accounts_tell_how_a_job_ended(programs: Programs, said: str, state: State | None) -> None:
    assert ask_accounts("12_1") is None
    programs.let("sacct", said)
    assert ask_accounts("12_1") == state


def test_cancelling_is_by_name_and_noted(programs: Programs) -> None:
    programs.let("scancel")
    submissions = [Submission("ns-4", [[0]]), Submission("ns-5", [[1]], "8")]
    cancel(submissions)
    assert [each.cancelled for each in submissions] == [True, True]
    assert ["--name=ns-4" in call or "--name=ns-5" in call for call in programs.calls("scancel")] == [True, True]


@pytest.mark.parametrize(("said", "wanted"), [("RUNNING\n", True), ("COMPLETING\n", False), ("", False)])
def test_whether_a_job_may_go_on(programs: Programs, said: str, wanted: bool) -> None:
    programs.let("squeue", said)
    assert still_wanted("12_1") is wanted


def test_whether_slurm_took_a_job_back(programs: Programs) -> None:
    programs.let("scontrol")
    assert requeue("12_1")
    assert programs.calls("scontrol") == ["requeue 12_1"]
    programs.let("scontrol", code=1)
    assert not requeue("12_1")


def test_logs_of_failed_jobs_stay_and_no_pickle_does(tmp_path: Path) -> None:
    notes = Notes(tmp_path / "slurm", [TWO])
    notes.write()
    names = ["12_1_submitted.pkl", "12_1_0_result.pkl", "12_submission.sh", "12_1_0_log.out", "12_1_outcomes.json"]
    for name in names:
        (notes.folder / name).touch()
    tidy(notes)
    assert {path.name for path in notes.folder.iterdir()} == {"jobs.json", *names[3:]}
    tidy(Notes(notes.folder))
    assert not notes.folder.exists()


def test_notes_are_plain_json(tmp_path: Path) -> None:
    Notes(tmp_path / _slurm_jobs.FOLDER, [TWO]).write()
    values = json.loads((tmp_path / "slurm" / "jobs.json").read_text())
    assert values["submissions"] == [{"name": "ns-2", "batches": [[2, 3], [4, 5]], "number": "12", "cancelled": False}]
