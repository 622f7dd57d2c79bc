"""Which jobs of Slurm work for a sweep: notes in its folder, and what Slurm says of them.

The notes are written before jobs are submitted, so that also the jobs of a process that was killed meanwhile are
found again, by their name.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from neural_sculpting.errors import UserError, read_json
from neural_sculpting.files import atomic_write

FOLDER = "slurm"
"""In the folder of the sweep: notes, logs, and submitit's own files."""

NOTES = "jobs.json"
FORMAT_VERSION = 1

OVER = frozenset(
    {
        *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
        *("PREEMPTED", "REVOKED", "SPECIAL_EXIT", "TIMEOUT"),
    }
)
"""The states of jobs that have ended. PREEMPTED jobs whose cluster sends them back to the queue are PENDING."""


FOR_SAVING = 120.0
"""Seconds to wait for jobs that were cancelled; clusters kill them after half a minute."""


@dataclass
class Submission:
    """Jobs that were submitted together: one, or the elements of an array.

    Attributes:
        name: of the jobs; no other submission has it.
        batches: the numbers of the jobs of Hydra that each of them runs.
        number: what Slurm calls the job or the array; None until it has answered.
        cancelled: whether the sweep has cancelled them.
    """

    name: str
    batches: list[list[int]]
    number: str | None = None
    cancelled: bool = False

    def job_ids(self) -> list[str]:
        """Return what Slurm calls each job; nothing where it has not answered."""
        if self.number is None:
            return []
        if len(self.batches) == 1:
            return [self.number]
        return [f"{self.number}_{place}" for place in range(len(self.batches))]


@dataclass(frozen=True)
class State:
    """What Slurm says of a job.

    Attributes:
        name: such as ``RUNNING``.
        reason: why it waits or has ended, in Slurm's word; ``None`` where there is none.
    """

    name: str
    reason: str = "None"

    @property
    def over(self) -> bool:
        """Whether the job has ended."""
        return self.name in OVER


@dataclass
class Notes:
    """The submissions of a sweep whose jobs may still be at work, as the file in its folder tells them.

    Attributes:
        folder: ``slurm`` in the folder of the sweep.
        submissions: the earlier ones first.
    """

    folder: Path
    submissions: list[Submission] = field(default_factory=list)

    def write(self) -> None:
        """Write the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        submissions = [asdict(submission) for submission in self.submissions]
        text = json.dumps({"format_version": FORMAT_VERSION, "submissions": submissions}) + "\n"
        atomic_write(self.folder / NOTES, lambda path: path.write_text(text, encoding="utf-8"))

    def jobs(self) -> dict[str, list[int]]:
        """Return which jobs of Hydra each job of Slurm runs."""
        return {
            job_id: numbers
            for submission in self.submissions
            for job_id, numbers in zip(submission.job_ids(), submission.batches, strict=False)
        }

    def at_work(self) -> dict[str, State]:
        """Return the states of the jobs that have not ended.

        Raises:
            UserError: if Slurm does not answer.
        """
        if not self.submissions:
            return {}
        states = ask(self.submissions)
        if states is None:
            raise UserError(
                f"{self.folder / NOTES}: names jobs of Slurm that may be at work, and squeue does not answer"
            )
        return {job_id: state for job_id, state in states.items() if not state.over}


def read_notes(sweep: Path) -> Notes:
    """Read the notes of a sweep; none where there is no such file.

    Raises:
        UserError: if the file is not one of this version.
    """
    path = sweep / FOLDER / NOTES
    try:
        if not path.exists():
            return Notes(path.parent)
        values = read_json(path)
        if values["format_version"] != FORMAT_VERSION:
            raise UserError(f"{path}: has format {values['format_version']}; this version reads {FORMAT_VERSION}")
        return Notes(path.parent, [Submission(**each) for each in values["submissions"]])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(f"{path}: not the notes of a sweep ({type(error).__name__}: {error})") from error


def ask(submissions: Sequence[Submission]) -> dict[str, State] | None:
    """Ask Slurm for the states of jobs, with one call; None where it does not answer.

    Jobs that ended some minutes ago are left out. A submission whose number is not known gets it.
    """
    names = ",".join(submission.name for submission in submissions)
    answer = run_command("squeue", "--noheader", "--states=all", "--array", *_mine(names), "--format=%i|%j|%T|%r")
    if answer is None:
        return None
    found = [line.split("|", maxsplit=3) for line in answer.splitlines()]
    numbers = {fields[1]: fields[0].partition("_")[0] for fields in found if len(fields) == 4}
    for submission in submissions:
        submission.number = submission.number or numbers.get(submission.name)
    return {fields[0]: State(fields[2], fields[3]) for fields in found if len(fields) == 4}


def ask_accounts(job_id: str) -> State | None:
    """Ask Slurm's accounting how a job ended; None where there is none."""
    answer = run_command("sacct", "--noheader", "--allocations", "--parsable2", "--format=State", f"--jobs={job_id}")
    words = answer.split() if answer else []
    return State(words[0].rstrip("+")) if words else None


def cancel(submissions: Iterable[Submission]) -> None:
    """Cancel all jobs of some submissions: those that run get SIGTERM, save and end."""
    for submission in submissions:
        submission.cancelled = True
        run_command("scancel", *_mine(submission.name))


def requeue(job_id: str) -> bool:
    """Put a job back into the queue, which runs or has ended; return whether Slurm has done so."""
    return run_command("scontrol", "requeue", job_id) is not None


def still_wanted(job_id: str) -> bool:
    """Whether Slurm lets a job run on: it is neither cancelled nor on its way back to the queue."""
    answer = run_command("squeue", "--noheader", f"--jobs={job_id}", "--format=%T")
    return answer is not None and answer.strip() == "RUNNING"


def await_end(notes: Notes, seconds: float, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Wait until no job is at work; return whether that came to pass in time."""
    end = time.monotonic() + seconds
    while True:
        states = ask(notes.submissions)
        if states is not None and all(state.over for state in states.values()):
            return True
        if time.monotonic() > end:
            return False
        sleep(1)


def refuse_if_at_work(sweep: Path) -> None:
    """Keep other executors from doing what jobs of Slurm are doing.

    Raises:
        UserError: if jobs of an earlier run are at work in the folder.
    """
    job_ids = sorted(read_notes(sweep).at_work())
    if job_ids:
        jobs = f"jobs {' '.join(job_ids[:5])}{' …' if len(job_ids) > 5 else ''}"
        raise UserError(
            f"{sweep}: {jobs} of Slurm are still at work here; go on with hydra.launcher.executor=slurm, which waits "
            "for them, or end them with scancel first"
        )


def tidy(notes: Notes) -> None:
    """Take away what was only of use while jobs were at work; where some failed, their logs stay."""
    if not notes.submissions:
        shutil.rmtree(notes.folder, ignore_errors=True)
        return
    for pattern in ("*.pkl", "*.pkl.save_tmp", "*.sh", ".submission_file_*.sh"):
        for path in notes.folder.glob(pattern):
            with suppress(OSError):
                path.unlink()


def _mine(names: str) -> list[str]:
    return [f"--user={os.getuid()}", f"--name={names}"]


def run_command(*command: str) -> str | None:
    """Run a program of Slurm and return what it says; None if it fails, or says nothing for a minute."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout if result.returncode == 0 else None
