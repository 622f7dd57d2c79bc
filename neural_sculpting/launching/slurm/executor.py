"""Batches as jobs of Slurm, one for each batch: submitted all at once, waited for, and told as they end.

submitit writes the scripts and hands over the batches. Its files lie in the folder ``slurm`` of the sweep; its pickles
are read by these jobs alone, outcomes come back as JSON.
"""

import logging
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from neural_sculpting import interruption
from neural_sculpting.launching.batches import Batch, Outcomes
from neural_sculpting.launching.failures import Detached, JobLost
from neural_sculpting.launching.slurm import jobs as _slurm_jobs
from neural_sculpting.launching.slurm.batch import log_file, outcomes_file, read_outcomes
from neural_sculpting.launching.slurm.jobs import Notes, State
from neural_sculpting.launching.slurm.submission import adopted, await_cancelled, check_folder, submit_all

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two looks at the folder."""

FIRST_QUESTION, LONGEST_QUESTION = 2.0, 30.0
"""Seconds between two questions to Slurm."""

FOR_FILES = 30.0
"""Seconds in which a file that a job has written comes to light on every machine that shares the folder."""

HINTS = {
    "OUT_OF_MEMORY": "; hydra.launcher.slurm.memory_gb asks for more memory",
    "TIMEOUT": "; hydra.launcher.slurm.minutes asks for more time",
}


def in_jobs(
    batches: Iterable[Batch], options: Any, workers: int | None, wait: bool, started: Callable[[int], None]
) -> Generator[tuple[int, Outcomes], None, None]:
    """Run batches in jobs of Slurm; those of an earlier run that are still at work are waited for.

    Args:
        batches: all are taken before the first is submitted.
        options: what jobs ask for, checked.
        workers: how many jobs of an array run at a time; None: as many as the cluster lets.
        wait: whether to wait for the jobs.
        started: is told the place of each batch whose job has started.

    Yields:
        As each batch ends, its place and its outcomes.

    Raises:
        Detached: where jobs are not waited for.
        UserError: if Slurm refuses the jobs, or the folder cannot hold its files.
        Interrupted: when this process was asked to stop; its jobs are cancelled.
    """
    batches = list(batches)
    sweep = batches[0].folder
    check_folder(sweep)
    notes = _slurm_jobs.read_notes(sweep)
    await_cancelled(notes)
    at_work = adopted(batches, notes)
    new = [place for place in range(len(batches)) if place not in at_work.values()]
    if at_work:
        log.info("%d of %d batches are at work in Slurm already, and waited for", len(at_work), len(batches))
    try:
        at_work |= submit_all([(place, batches[place]) for place in new], notes, options, workers)
        if not wait:
            raise Detached(_farewell(sweep, at_work))
        yield from _Watch(batches, notes, at_work, started).outcomes()
    except Detached:
        raise
    except BaseException:
        _stop(notes)
        raise
    _slurm_jobs.tidy(notes)


class _Watch:
    """Waits for jobs."""

    def __init__(
        self, batches: Sequence[Batch], notes: Notes, at_work: dict[str, int], started: Callable[[int], None]
    ) -> None:
        self._batches = batches
        self._notes = notes
        self._at_work = dict(at_work)  # the place of its batch, by the job
        self._started = started
        self._begun = set[int]()
        self._failed = set[str]()
        self._states: dict[str, State] = {}
        self._asked = float("-inf")
        self._since = time.monotonic()
        self._missed: dict[str, float] = {}  # since when a job is over that has left nothing
        self._silent = False

    def outcomes(self) -> Generator[tuple[int, Outcomes], None, None]:
        """Yield the outcomes of batches as their jobs end."""
        while self._at_work:
            self._ask()
            names = {path.name for path in self._notes.folder.iterdir()}
            for job_id, place in list(self._at_work.items()):
                if self._states.get(job_id, State("")).name in ("RUNNING", "COMPLETING"):
                    self._begin(place)
                outcomes = self._outcomes_of(job_id, place, names)
                if outcomes is not None:
                    self._begin(place)
                    del self._at_work[job_id]
                    self._put_away(job_id, outcomes)
                    yield place, outcomes
            self._pause()
        self._notes.submissions = [each for each in self._notes.submissions if {*each.job_ids()} & self._failed]
        self._notes.write()

    def _begin(self, place: int) -> None:
        if place not in self._begun:
            self._begun.add(place)
            self._started(place)

    def _outcomes_of(self, job_id: str, place: int, names: set[str]) -> Outcomes | None:
        """Return the outcomes of a job that has ended, None of one that has not, as far as is known."""
        state = self._states.get(job_id, State("gone", "Slurm does not know it any more"))
        ended = state.over or state.name == "gone"
        if f"{job_id}_0_result.pkl" not in names and not ended:
            return None
        outcomes = read_outcomes(outcomes_file(self._notes.folder, job_id), self._batches[place].numbers)
        if outcomes is not None:
            return outcomes
        if state.name == "PREEMPTED" and _slurm_jobs.requeue(job_id):
            self._asked = float("-inf")
            return None
        expected = not ended or state.name in ("COMPLETED", "gone")
        if expected and time.monotonic() - self._missed.setdefault(job_id, time.monotonic()) < FOR_FILES:
            return None
        return [self._lost(job_id, state)] * len(self._batches[place].numbers)

    def _lost(self, job_id: str, state: State) -> JobLost:
        if state.name == "gone":
            state = _slurm_jobs.ask_accounts(job_id) or state
        path = log_file(self._notes.folder, job_id)
        if state.name == "FAILED" and _wanted_more_memory(path):
            state = State("OUT_OF_MEMORY")
        name = state.name if state.reason in ("None", state.name) else f"{state.name} ({state.reason})"
        where = f"log: {path}" if path.exists() else "it has left no log"
        return JobLost(f"job {job_id} of Slurm ended without a result: {name}{HINTS.get(state.name, '')}; {where}")

    def _put_away(self, job_id: str, outcomes: Outcomes) -> None:
        if any(isinstance(outcome, Exception) for outcome in outcomes):
            self._failed.add(job_id)
            return
        for path in self._notes.folder.glob(f"{job_id}_*"):
            with suppress(OSError):
                path.unlink()

    def _ask(self) -> None:
        now = time.monotonic()
        if now - self._asked < min(LONGEST_QUESTION, max(FIRST_QUESTION, (now - self._since) / 20)):
            return
        states = _slurm_jobs.ask(self._notes.submissions)
        if states is None and not self._silent:
            log.warning("squeue does not answer; the jobs go on, and are waited for")
        self._silent = states is None
        if states is not None:
            self._states = states
        elif not self._states:
            self._states = {job_id: State("UNKNOWN") for job_id in self._at_work}
        self._asked = now

    def _pause(self) -> None:
        """Wait a little while, unless this process is asked to stop."""
        elapsed = time.monotonic() - self._since
        end = time.monotonic() + min(LONGEST_PAUSE, max(FIRST_PAUSE, elapsed / 60))
        while self._at_work:
            if interruption.requested():
                raise interruption.Interrupted
            if time.monotonic() >= end:
                return
            time.sleep(0.2)


def _wanted_more_memory(log: Path) -> bool:
    """Whether Slurm has noted that it ended a job for its memory, which only some clusters tell by its state."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("slurmstepd") and "memory limit" in line for line in lines)


def _farewell(sweep: Path, at_work: dict[str, int]) -> str:
    return (
        f"{len(at_work)} batches are left to Slurm; look at them with\n"
        f"    python -m neural_sculpting.status {sweep}\n"
        "and collect what is finished, at any time, with\n"
        f"    python -m neural_sculpting.collect {sweep}\n"
        "The same command with resume=true waits for the rest and runs again what has failed."
    )


def _stop(notes: Notes) -> None:
    """Cancel the jobs, and wait until they have saved and ended."""
    if not notes.submissions:
        return
    _slurm_jobs.cancel(notes.submissions)
    notes.write()
    if not _slurm_jobs.await_end(notes, 0):
        log.info("the jobs of Slurm are cancelled; waiting until they have saved")
    if _slurm_jobs.await_end(notes, _slurm_jobs.FOR_SAVING):
        notes.submissions = []
        _slurm_jobs.tidy(notes)
