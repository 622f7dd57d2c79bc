"""Batches as jobs of Slurm, one for each batch: submitted all at once, waited for, and reported as they end.

submitit writes the scripts and passes the batches to the jobs. Its files are in the folder ``slurm`` of the sweep; only
these jobs read its pickles, outcomes come back as JSON.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.launching.batches import Batch
from neural_sculpting.launching.processes import Ended
from neural_sculpting.launching.reporting import Detached, JobLost
from neural_sculpting.launching.slurm import commands
from neural_sculpting.launching.slurm.batch_job import BatchJob, log_file, outcomes_file, read_outcomes
from neural_sculpting.launching.slurm.commands import GONE, State
from neural_sculpting.launching.slurm.jobs import SAVING_SECONDS, Submission, SweepJobs
from neural_sculpting.launching.slurm.options import parameters

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
"""Jobs in one array; Slurm's default limit is 1001."""

HINTS = {
    "OUT_OF_MEMORY": "; hydra.launcher.slurm.memory_gb asks for more memory",
    "TIMEOUT": "; hydra.launcher.slurm.minutes asks for more time",
}


@dataclass(frozen=True)
class Patience:
    """Times in seconds: between two queries to Slurm, and until files of a job are visible on every machine.

    The first is a twentieth of the time so far, from ``shortest`` to ``longest``.
    """

    shortest: float = 2.0
    longest: float = 30.0
    visible: float = 30.0

    def pause(self, elapsed: float) -> None:
        """Wait for the next query; raise Interrupted as soon as this process is asked to stop."""
        end = time.monotonic() + min(self.longest, max(self.shortest, elapsed / 20))
        while not interruption.requested():
            if time.monotonic() >= end:
                return
            time.sleep(0.2)
        raise interruption.Interrupted


def in_jobs(
    batches: Iterable[Batch],
    options: Any,
    workers: int | None,
    wait: bool,
    started: Callable[[int], None],
    patience: Patience = Patience(),
    most_at_once: int = MOST_AT_ONCE,
) -> Ended:
    """Run batches in jobs of Slurm; those of an earlier run that still run are waited for.

    All batches are taken before the first is submitted. ``workers`` is how many jobs of an array run at a time, or None
    for as many as the cluster allows; ``started`` is called with the index of each batch whose job has started.

    Raises:
        Detached: where jobs are not waited for.
        UserError: if Slurm refuses the jobs, or cannot write to the folder.
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
        raise Detached(
            f"{len(running)} batches are left to Slurm; look at them with\n"
            f"    python -m neural_sculpting.status {sweep}\n"
            "and collect what is finished, at any time, with\n"
            f"    python -m neural_sculpting.collect {sweep}\n"
            "The same command with resume=true waits for the rest and runs again what has failed."
        )
    jobs.tidy()


def _adopt(batches: Sequence[Batch], jobs: SweepJobs) -> dict[str, int]:
    """Return the index of the batch that each job of an earlier run runs, by ID; forget jobs that have ended.

    Cancelled jobs of an earlier run are waited for, since they may still be saving. Those of a process that was killed
    while it submitted them may lack their batches, and are cancelled first.
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


def outcomes_of_jobs(
    batches: Sequence[Batch],
    jobs: SweepJobs,
    running: dict[str, int],
    started: Callable[[int], None],
    patience: Patience,
) -> Ended:
    """Yield the outcomes of batches as their jobs end; the files of jobs that succeed are deleted.

    ``running`` has the index of the batch of each job, by ID; ``started`` is called with it when the job has started.
    At the end ``jobs`` has only those that failed.
    """
    begun, failed, waiting = time.monotonic(), set[str](), {*running.values()}
    given_up = dict[str, float]()  # when a job that has ended without outcomes is
    answers = True
    while running:
        states = jobs.states()
        if states is None and answers:
            log.warning("squeue does not answer; the jobs keep running, and are waited for")
        answers = states is not None
        for job_id, index in list(running.items()):
            if states is None:
                break
            state, numbers = states.get(job_id, State(GONE, "Slurm does not know it any more")), batches[index].numbers
            if index in waiting and state.is_running:
                waiting.remove(index)
                started(index)
            if not state.is_over:
                continue
            outcomes = read_outcomes(outcomes_file(jobs.folder, job_id), numbers)
            if outcomes is None:
                if state.name == "PREEMPTED" and commands.requeue(job_id):
                    continue
                now = time.monotonic()
                if state.name in ("COMPLETED", GONE) and now < given_up.setdefault(job_id, now + patience.visible):
                    continue
                outcomes = [_lost(jobs.folder, job_id, state)] * len(numbers)
            del running[job_id]
            if index in waiting:  # it ran between two queries
                started(index)
            if any(isinstance(outcome, Exception) for outcome in outcomes):
                failed.add(job_id)
            else:
                jobs.delete(f"{job_id}_*")
            yield index, outcomes
        if running:
            patience.pause(time.monotonic() - begun)
    jobs.keep(failed)


def _lost(folder: Path, job_id: str, state: State) -> JobLost:
    if state.name == GONE:
        state = commands.final_state(job_id) or state
    path = log_file(folder, job_id)
    if state.name == "FAILED" and _ran_out_of_memory(path):
        state = State("OUT_OF_MEMORY")
    name = state.name if state.reason in ("None", state.name) else f"{state.name} ({state.reason})"
    where = f"log: {path}" if path.exists() else "it has left no log"
    return JobLost(f"job {job_id} of Slurm ended without a result: {name}{HINTS.get(state.name, '')}; {where}")


def _ran_out_of_memory(log: Path) -> bool:
    """Whether Slurm ended a job for its memory: where it samples memory, only the log has that, not the state."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("slurmstepd") and "memory limit" in line for line in lines)
