"""Which jobs of Slurm run the batches of a sweep: those of an earlier run that are still at work, and new ones."""

import logging
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.launching.batches import Batch
from neural_sculpting.launching.slurm import jobs as _slurm_jobs
from neural_sculpting.launching.slurm.batch import BatchJob
from neural_sculpting.launching.slurm.jobs import Notes, Submission
from neural_sculpting.launching.slurm.options import parameters

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
"""Jobs in one array; Slurm's own limit is 1001 unless a cluster sets another."""


def check_folder(sweep: Path) -> None:
    """Raise a UserError if Slurm cannot write its files in the folder of a sweep."""
    if "%" in str(sweep) or "\n" in str(sweep):
        raise UserError(
            f"hydra.sweep.dir={str(sweep)!r}: with executor=slurm a path must not contain % or a line break"
        )


def await_cancelled(notes: Notes) -> None:
    """Wait for jobs that an earlier run has cancelled, which may still be saving; forget those that have ended.

    Those of a process that was killed while it submitted them are cancelled first.
    """
    half_done = [each for each in notes.submissions if each.number is None]  # maybe without what they are to run
    _slurm_jobs.cancel(half_done)
    at_work = notes.at_work()
    if any({*each.job_ids()} & {*at_work} for each in notes.submissions if each.cancelled):
        log.info("waiting for jobs of Slurm that were cancelled")
        cancelled = Notes(notes.folder, [each for each in notes.submissions if each.cancelled])
        if not _slurm_jobs.await_end(cancelled, _slurm_jobs.FOR_SAVING):
            raise UserError(f"{notes.folder}: jobs of Slurm that were cancelled do not end; look at squeue --me")
    notes.submissions = [each for each in notes.submissions if not each.cancelled and {*each.job_ids()} & {*at_work}]


def adopted(batches: Sequence[Batch], notes: Notes) -> dict[str, int]:
    """Return the jobs at work that run a batch, and its place."""
    states = notes.at_work()
    at_work = {job_id: {*numbers} for job_id, numbers in notes.jobs().items() if job_id in states}
    return {
        job_id: place
        for place, batch in enumerate(batches)
        for job_id, numbers in at_work.items()
        if {*batch.numbers} <= numbers
    }


def submit_all(batches: Sequence[tuple[int, Batch]], notes: Notes, options: Any, workers: int | None) -> dict[str, int]:
    """Submit batches; return the place of each by its job."""
    submitted: dict[str, int] = {}
    for start in range(0, len(batches), MOST_AT_ONCE):
        some = batches[start : start + MOST_AT_ONCE]
        submission = _submit([batch for _, batch in some], notes, options, workers)
        submitted |= dict(zip(submission.job_ids(), [place for place, _ in some], strict=True))
    return submitted


def _submit(batches: Sequence[Batch], notes: Notes, options: Any, workers: int | None) -> Submission:
    from submitit import SlurmExecutor, helpers
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    name = f"neural_sculpting-{uuid.uuid4().hex[:8]}"
    submission = Submission(name, [list(batch.numbers) for batch in batches])
    notes.submissions.append(submission)
    notes.write()
    executor = SlurmExecutor(notes.folder)
    executor.update_parameters(**parameters(options, name, workers))
    jobs = [BatchJob(batch, notes.folder, options["requeues"]) for batch in batches]
    try:
        with helpers.clean_env():  # this process may itself be in a job of Slurm
            submitted = executor.submit_array(jobs)
    except (FailedJobError, FailedSubmissionError) as error:
        if interruption.requested():  # Ctrl-C reaches sbatch too
            raise interruption.Interrupted from error
        raise UserError(f"Slurm refuses the jobs: {on_one_line(error)}") from None
    submission.number = submitted[0].job_id.partition("_")[0]
    notes.write()
    log.info(
        "Slurm has %s as job %s", "the batch" if len(batches) == 1 else f"{len(batches)} batches", submission.number
    )
    return submission
