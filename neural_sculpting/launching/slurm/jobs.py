"""The jobs of Slurm that work for a sweep, as recorded in its folder.

They are recorded before they are submitted, so that even those of a process that was killed meanwhile are found again,
by name. submitit's own handles would not do: they end with the process, and need Slurm's accounting, which not every
cluster has.
"""

import json
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from neural_sculpting.errors import UserError, read_json, unreadable
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.slurm import commands
from neural_sculpting.launching.slurm.commands import State

FOLDER = "slurm"
"""In the folder of the sweep: the record of its jobs, logs, and submitit's own files."""

FILE = "jobs.json"
FORMAT_VERSION = 1

SAVING_SECONDS = 120.0
"""How long to wait for jobs that were cancelled; clusters kill them after half a minute."""


@dataclass
class Submission:
    """Jobs that were submitted together under a unique name: one job, or the elements of an array.

    ``batches`` are the numbers of the jobs of Hydra that each of them runs; ``number`` is the ID of the job or the
    array, None until Slurm has assigned it.
    """

    name: str
    batches: list[list[int]]
    number: str | None = None
    cancelled: bool = False

    def job_ids(self) -> list[str]:
        """Return the ID of each job; none until Slurm has assigned them."""
        if self.number is None:
            return []
        return [self.number] if len(self.batches) == 1 else [f"{self.number}_{i}" for i in range(len(self.batches))]

    def cancel(self) -> None:
        """Cancel the jobs."""
        self.cancelled = True
        commands.cancel(self.name)


@dataclass
class SweepJobs:
    """The submissions of a sweep whose jobs may still run, and the folder ``slurm`` in which they are recorded."""

    folder: Path
    submissions: list[Submission] = field(default_factory=list)

    @classmethod
    def read(cls, sweep: Path) -> "SweepJobs":
        """Read the record of a sweep, empty if there is none; raise a UserError if it is not one of this version."""
        path = sweep / FOLDER / FILE
        try:
            if not path.exists():
                return cls(path.parent)
            values = read_json(path)
            if values["format_version"] != FORMAT_VERSION:
                raise UserError(f"{path}: has format {values['format_version']}; this version reads {FORMAT_VERSION}")
            return cls(path.parent, [Submission(**each) for each in values["submissions"]])
        except PermissionError as error:
            raise unreadable(error) from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise UserError(f"{path}: not the record of a sweep's jobs ({type(error).__name__}: {error})") from error

    def write(self) -> None:
        """Write the record."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"format_version": FORMAT_VERSION, "submissions": list(map(asdict, self.submissions))})
        atomic_write(self.folder / FILE, lambda path: path.write_text(text + "\n", encoding="utf-8"))

    def numbers(self) -> dict[str, list[int]]:
        """Return the numbers of the jobs of Hydra that each job of Slurm runs, by ID."""
        return {
            job_id: numbers
            for submission in self.submissions
            for job_id, numbers in zip(submission.job_ids(), submission.batches, strict=False)
        }

    def states(self) -> dict[str, State] | None:
        """Return the states of the jobs that Slurm still knows; None where it does not answer.

        Submissions without a number get theirs.
        """
        found = commands.query(each.name for each in self.submissions) if self.submissions else {}
        if found is None:
            return None
        numbers = {name: job_id.partition("_")[0] for job_id, (name, _) in found.items()}
        for submission in self.submissions:
            submission.number = submission.number or numbers.get(submission.name)
        return {job_id: state for job_id, (_, state) in found.items()}

    def running(self) -> set[str]:
        """Return the IDs of the jobs that have not ended; raise a UserError if Slurm does not answer."""
        states = self.states()
        if states is None:
            raise UserError(f"{self.folder / FILE}: names jobs of Slurm that may run, and squeue does not answer")
        return {job_id for job_id, state in states.items() if not state.is_over}

    def keep(self, job_ids: set[str]) -> None:
        """Forget the submissions without any of these jobs."""
        self.submissions = [each for each in self.submissions if job_ids.intersection(each.job_ids())]

    def await_end(self, seconds: float) -> bool:
        """Wait until no job runs; return whether that happened in time."""
        end = time.monotonic() + seconds
        while (states := self.states()) is None or not all(state.is_over for state in states.values()):
            if time.monotonic() > end:
                return False
            time.sleep(1)
        return True

    def tidy(self) -> None:
        """Delete the files that only running jobs needed; where some have failed, the record and the logs stay."""
        if not self.submissions:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        self.write()
        self.delete("*.pkl", "*.pkl.save_tmp", "*.sh")

    def delete(self, *patterns: str) -> None:
        """Delete files of the folder, as far as possible."""
        for path in (path for pattern in patterns for path in self.folder.glob(pattern)):
            with suppress(OSError):
                path.unlink()


def refuse_if_at_work(sweep: Path) -> None:
    """Raise a UserError if jobs of Slurm of an earlier run are still running in the folder of a sweep."""
    job_ids = sorted(SweepJobs.read(sweep).running())
    if job_ids:
        jobs = f"jobs {' '.join(job_ids[:5])}{' …' if len(job_ids) > 5 else ''}"
        raise UserError(
            f"{sweep}: {jobs} of Slurm are still running here; resume with hydra.launcher.executor=slurm, which waits "
            "for them, or end them with scancel first"
        )
