"""Waiting for jobs of Slurm, and what became of them."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from neural_sculpting import interruption
from neural_sculpting.launching.batches import Batch
from neural_sculpting.launching.failures import JobLost
from neural_sculpting.launching.processes import Ended
from neural_sculpting.launching.slurm import commands
from neural_sculpting.launching.slurm.batch_job import log_file, outcomes_file, read_outcomes
from neural_sculpting.launching.slurm.commands import GONE, State
from neural_sculpting.launching.slurm.jobs import SweepJobs

log = logging.getLogger(__name__)

HINTS = {
    "OUT_OF_MEMORY": "; hydra.launcher.slurm.memory_gb asks for more memory",
    "TIMEOUT": "; hydra.launcher.slurm.minutes asks for more time",
}


@dataclass(frozen=True)
class Patience:
    """Times in seconds: between two questions to Slurm, and until what a job has written is visible on every machine.

    The first grows from ``shortest`` to ``longest``, to a twentieth of what was waited so far.
    """

    shortest: float = 2.0
    longest: float = 30.0
    visible: float = 30.0

    def pause(self, elapsed: float) -> None:
        """Wait for the next question.

        Raises:
            Interrupted: as soon as this process is asked to stop.
        """
        end = time.monotonic() + min(self.longest, max(self.shortest, elapsed / 20))
        while not interruption.requested():
            if time.monotonic() >= end:
                return
            time.sleep(0.2)
        raise interruption.Interrupted


def outcomes_of_jobs(
    batches: Sequence[Batch],
    jobs: SweepJobs,
    running: dict[str, int],
    started: Callable[[int], None],
    patience: Patience,
) -> Ended:
    """Yield the outcomes of batches as their jobs end; the files of jobs that succeed are deleted.

    ``running`` has the index of its batch by the ID of the job; ``started`` is called with it when the job has started.
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
            if index in waiting:  # it ran between two questions
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
    """Whether Slurm ended a job for its memory: where it samples memory, its log alone says so, not its state."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("slurmstepd") and "memory limit" in line for line in lines)
