"""Batches as jobs of Slurm, one for each batch: submitted all at once, waited for, and reported as they end.

submitit writes the scripts and hands over the batches. Its files are in the folder ``slurm`` of the sweep; its pickles
are read by these jobs alone, outcomes come back as JSON.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.launching.batches import Batch
from neural_sculpting.launching.failures import Detached
from neural_sculpting.launching.processes import Ended
from neural_sculpting.launching.slurm.batch_job import BatchJob
from neural_sculpting.launching.slurm.jobs import SAVING_SECONDS, Submission, SweepJobs
from neural_sculpting.launching.slurm.options import parameters
from neural_sculpting.launching.slurm.waiting import Patience, outcomes_of_jobs

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
"""Jobs in one array; Slurm's own limit is 1001 unless a cluster sets another."""


def in_jobs(
    batches: Iterable[Batch],
    options: Any,
    workers: int | None,
    wait: bool,
    started: Callable[[int], None],
    patience: Patience = Patience(),  # noqa: B008 - it is frozen
    most_at_once: int = MOST_AT_ONCE,
) -> Ended:
    """Run batches in jobs of Slurm; those of an earlier run that still run are waited for.

    All batches are taken before the first is submitted. ``workers`` is how many jobs of an array run at a time, and
    None as many as the cluster allows; ``started`` is called with the index of each batch whose job has started.

    Raises:
        Detached: where jobs are not waited for.
        UserError: if Slurm refuses the jobs, or the folder cannot hold its files.
        Interrupted: when this process was asked to stop; its jobs are cancelled.
    """
    batches = list(batches)
    sweep = batches[0].folder
    if "%" in str(sweep) or "\n" in str(sweep):
        raise UserError(
            f"hydra.sweep.dir={str(sweep)!r}: with executor=slurm a path must not contain % or a line break"
        )
    jobs = SweepJobs.read(sweep)
    running = _adopt(batches, jobs)
    if running:
        log.info("%d of %d batches are running in Slurm already, and are waited for", len(running), len(batches))
    new = [index for index in range(len(batches)) if index not in running.values()]
    try:
        for start in range(0, len(new), most_at_once):
            indices = new[start : start + most_at_once]
            submission = _submit([batches[index] for index in indices], jobs, options, workers)
            running |= dict(zip(submission.job_ids(), indices, strict=True))
        if wait:
            yield from outcomes_of_jobs(batches, jobs, running, started, patience)
    except BaseException:
        _stop(jobs)
        raise
    if not wait:
        raise Detached(_farewell(sweep, len(running)))
    jobs.tidy()


def _adopt(batches: Sequence[Batch], jobs: SweepJobs) -> dict[str, int]:
    """Return the IDs of jobs of an earlier run that run a batch, and its index; forget jobs that have ended.

    Jobs that an earlier run has cancelled are waited for, since they may still be saving. Those of a process that was
    killed while it submitted them may lack what they are to run, and are cancelled first.
    """
    for submission in jobs.submissions:
        if submission.number is None:
            submission.cancel()
    cancelled = [each for each in jobs.submissions if each.cancelled]
    running = jobs.running()
    if any(running.intersection(each.job_ids()) for each in cancelled):
        log.info("waiting for jobs of Slurm that were cancelled")
        if not SweepJobs(jobs.folder, cancelled).await_end(SAVING_SECONDS):
            raise UserError(f"{jobs.folder}: jobs of Slurm that were cancelled do not end; look at squeue --me")
    jobs.submissions = [each for each in jobs.submissions if not each.cancelled]
    jobs.keep(running)
    return {
        job_id: index
        for index, batch in enumerate(batches)
        for job_id, numbers in jobs.numbers().items()
        if job_id in running and {*numbers}.issuperset(batch.numbers)
    }


def _submit(batches: Sequence[Batch], jobs: SweepJobs, options: Any, workers: int | None) -> Submission:
    from submitit import SlurmExecutor, helpers
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    submission = Submission(f"neural_sculpting-{uuid.uuid4().hex[:8]}", [list(batch.numbers) for batch in batches])
    jobs.submissions.append(submission)
    jobs.write()
    executor = SlurmExecutor(jobs.folder)
    executor.update_parameters(**parameters(options, submission.name, workers))
    try:
        with helpers.clean_env():  # this process may itself be in a job of Slurm
            submitted = executor.submit_array([BatchJob(batch, jobs.folder, options["requeues"]) for batch in batches])
    except (FailedJobError, FailedSubmissionError) as error:
        if interruption.requested():  # Ctrl-C reaches sbatch too
            raise interruption.Interrupted from error
        raise UserError(f"Slurm refuses the jobs: {on_one_line(error)}") from None
    submission.number = submitted[0].job_id.partition("_")[0]
    jobs.write()
    what = "the batch" if len(batches) == 1 else f"{len(batches)} batches"
    log.info("submitted %s to Slurm as job %s", what, submission.number)
    return submission


def _stop(jobs: SweepJobs) -> None:
    if not jobs.submissions:
        return
    for submission in jobs.submissions:
        submission.cancel()
    jobs.write()
    if not jobs.await_end(0):
        log.info("the jobs of Slurm are cancelled; waiting until they have saved")
    if jobs.await_end(SAVING_SECONDS):
        jobs.submissions = []
        jobs.tidy()


def _farewell(sweep: Path, batches: int) -> str:
    return (
        f"{batches} batches are left to Slurm; look at them with\n"
        f"    python -m neural_sculpting.status {sweep}\n"
        "and collect what is finished, at any time, with\n"
        f"    python -m neural_sculpting.collect {sweep}\n"
        "The same command with resume=true waits for the rest and runs again what has failed."
    )
