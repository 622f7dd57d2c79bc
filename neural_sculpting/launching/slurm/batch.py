"""What a job of Slurm does: run one batch, and leave its outcomes as JSON, which can be read without running code."""

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, read_json
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.batches import Batch, Outcomes, run_elsewhere
from neural_sculpting.launching.slurm import jobs as _slurm_jobs

STOPPED = 143
"""The exit code that shells know for SIGTERM."""


@dataclass(frozen=True)
class BatchJob:
    """A batch as submitit calls it in a job of Slurm.

    SIGTERM lets it finish and save the attempt that is being trained. Slurm sends it when a job is cancelled or sent
    back to the queue, which it then sees to itself, and when a job is to make room for another within a time of grace:
    a job that ends in this time counts as finished unless it asks for another turn itself. SIGUSR2 comes before the
    time limit; the job goes back to the queue at once, and SIGTERM follows. (The handlers of submitit would ignore
    SIGTERM, and leave in the middle of an attempt.)

    Attributes:
        batch: what is run.
        folder: where the outcomes go.
        requeues: how often a batch may reach its time limit.
    """

    batch: Batch
    folder: Path
    requeues: int

    def __call__(self) -> None:
        """Run the batch, in a job of Slurm."""
        job_id = name_of_job(os.environ)
        turns = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
        refused: list[Exception] = []

        def out_of_time(number: int, frame: FrameType | None) -> None:
            if turns >= self.requeues:
                refused.append(RuntimeError(_too_often(job_id, turns + 1)))
            else:
                print(f"the time limit is near: back to the queue for turn {turns + 2}", file=sys.stderr, flush=True)
                _slurm_jobs.requeue(job_id)
            interruption.request()

        signal.signal(signal.SIGUSR2, out_of_time)
        signal.signal(signal.SIGTERM, lambda number, frame: interruption.request())
        try:
            outcomes = run_elsewhere(self.batch)
        except KeyboardInterrupt:
            print("stopped; what is done is saved", file=sys.stderr, flush=True)
            if not refused:
                if _slurm_jobs.still_wanted(job_id):
                    _slurm_jobs.requeue(job_id)
                sys.exit(STOPPED)
            outcomes = [refused[0]] * len(self.batch.numbers)
        write_outcomes(outcomes_file(self.folder, job_id), self.batch.numbers, outcomes)


def _too_often(job_id: str, times: int) -> str:
    often = "once" if times == 1 else f"{times} times"
    return f"job {job_id} of Slurm reached its time limit {often}; hydra.launcher.slurm.minutes asks for more time"


def name_of_job(environment: Any) -> str:
    """Return what Slurm calls the job with these environment variables, such as ``12`` or ``12_3``."""
    array = environment.get("SLURM_ARRAY_JOB_ID")
    return f"{array}_{environment['SLURM_ARRAY_TASK_ID']}" if array else str(environment["SLURM_JOB_ID"])


def outcomes_file(folder: Path, job_id: str) -> Path:
    """Return where a job leaves its outcomes."""
    return folder / f"{job_id}_outcomes.json"


def log_file(folder: Path, job_id: str) -> Path:
    """Return where what a job says goes."""
    return folder / f"{job_id}_0_log.out"


def write_outcomes(path: Path, numbers: list[int], outcomes: Outcomes) -> None:
    """Write the outcomes of the jobs of a batch; an exception that several share is written once."""
    errors = list({id(each): each for each in outcomes if isinstance(each, Exception)}.values())
    places = {id(error): place for place, error in enumerate(errors)}
    values = {
        "outcomes": {
            str(number): {"error": places[id(outcome)]} if isinstance(outcome, Exception) else outcome
            for number, outcome in zip(numbers, outcomes, strict=True)
        },
        "errors": [_as_json(error) for error in errors],
    }
    atomic_write(path, lambda unfinished: unfinished.write_text(json.dumps(values) + "\n", encoding="utf-8"))


def read_outcomes(path: Path, numbers: list[int]) -> Outcomes | None:
    """Read the outcomes of jobs; None where there is no such file, or it does not tell all of them."""
    try:
        values = read_json(path)
        errors = [_from_json(each) for each in values["errors"]]
        found = [values["outcomes"][str(number)] for number in numbers]
        return [errors[each["error"]] if isinstance(each, dict) else float(each) for each in found]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def first_error(path: Path) -> str | None:
    """Return the message of the first exception that a job has left; None where it has left none."""
    try:
        return str(read_json(path)["errors"][0]["message"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _as_json(error: Exception) -> dict[str, Any]:
    mistake = isinstance(error, UserError)
    notes = [str(note) for note in getattr(error, "__notes__", [])]
    return {"mistake": mistake, "message": str(error) if mistake else repr(error), "notes": notes}


def _from_json(values: dict[str, Any]) -> Exception:
    error = UserError(values["message"]) if values["mistake"] else RuntimeError(values["message"])
    for note in values["notes"]:
        error.add_note(str(note))
    return error
