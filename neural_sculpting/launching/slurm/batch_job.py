"""A job of Slurm runs one batch and leaves its outcomes as JSON, which can be read without running code."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, described, read_json
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.batches import Batch, Outcomes, run_elsewhere
from neural_sculpting.launching.slurm import commands

STOPPED = 143
"""The exit code of shells for SIGTERM."""


@dataclass(frozen=True)
class BatchJob:
    """A batch, called by submitit in a job of Slurm.

    SIGUSR2 comes before the time limit: the job is requeued at once, and SIGTERM follows. SIGTERM lets the job finish
    and save the current attempt. Slurm also sends it when a job is cancelled or requeued by others, and when it is
    preempted with a grace time; only then does the job have to requeue itself, or it would count as finished.

    submitit's own checkpoint and requeue cannot replace this: its handlers ignore SIGTERM, so that a cancelled job
    would be killed without saving, and they requeue from within the signal handler, in the middle of an attempt, which
    would be trained again.
    """

    batch: Batch
    folder: Path  # of the outcomes
    requeues: int  # how often a batch may reach its time limit

    def __call__(self) -> None:
        """Run the batch, in a job of Slurm."""
        job_id = own_id(os.environ)
        turns = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
        refused: list[Exception] = []

        def near_time_limit(number: int, frame: FrameType | None) -> None:
            if turns >= self.requeues:
                often = "once" if turns == 0 else f"{turns + 1} times"
                problem = f"job {job_id} of Slurm reached its time limit {often}"
                refused.append(RuntimeError(f"{problem}; hydra.launcher.slurm.minutes asks for more time"))
            else:
                print(f"the time limit is near: requeued for turn {turns + 2}", file=sys.stderr, flush=True)
                commands.requeue(job_id)
            interruption.request()

        signal.signal(signal.SIGUSR2, near_time_limit)
        signal.signal(signal.SIGTERM, lambda number, frame: interruption.request())
        try:
            outcomes = run_elsewhere(self.batch)
        except KeyboardInterrupt:
            print("stopped; what is done is saved", file=sys.stderr, flush=True)
            if not refused:
                if commands.may_continue(job_id):
                    commands.requeue(job_id)
                sys.exit(STOPPED)
            outcomes = [refused[0]] * len(self.batch.numbers)
        write_outcomes(outcomes_file(self.folder, job_id), self.batch.numbers, outcomes)


def own_id(environment: Mapping[str, str]) -> str:
    """Return the ID of the job with these environment variables, such as ``12`` or ``12_3``."""
    array = environment.get("SLURM_ARRAY_JOB_ID")
    return f"{array}_{environment['SLURM_ARRAY_TASK_ID']}" if array else environment["SLURM_JOB_ID"]


def outcomes_file(folder: Path, job_id: str) -> Path:
    """Return where a job leaves its outcomes."""
    return folder / f"{job_id}_outcomes.json"


def log_file(folder: Path, job_id: str) -> Path:
    """Return where submitit has Slurm write the output of a job."""
    return folder / f"{job_id}_0_log.out"


def write_outcomes(path: Path, numbers: list[int], outcomes: Outcomes) -> None:
    """Write the outcomes of the jobs of a batch; a shared exception is written once."""
    errors = list({id(each): each for each in outcomes if isinstance(each, Exception)}.values())
    indices = {id(error): index for index, error in enumerate(errors)}
    values = {
        "outcomes": {
            str(number): {"error": indices[id(outcome)]} if isinstance(outcome, Exception) else outcome
            for number, outcome in zip(numbers, outcomes, strict=True)
        },
        "errors": [_as_json(error) for error in errors],
    }
    atomic_write(path, lambda unfinished: unfinished.write_text(json.dumps(values) + "\n", encoding="utf-8"))


def read_outcomes(path: Path, numbers: list[int]) -> Outcomes | None:
    """Read the outcomes of jobs; None where the file does not contain them all, or does not exist."""
    try:
        values = read_json(path)
        errors = [_from_json(each) for each in values["errors"]]
        found = [values["outcomes"][str(number)] for number in numbers]
        return [errors[each["error"]] if isinstance(each, dict) else float(each) for each in found]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _as_json(error: Exception) -> dict[str, Any]:
    mistake = isinstance(error, UserError)
    message = str(error) if mistake else described(error)
    return {"mistake": mistake, "message": message, "notes": list(getattr(error, "__notes__", []))}


def _from_json(values: dict[str, Any]) -> Exception:
    error = UserError(values["message"]) if values["mistake"] else RuntimeError(values["message"])
    for note in values["notes"]:
        error.add_note(str(note))
    return error
