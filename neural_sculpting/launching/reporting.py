"""Lines on a sweep as it runs: each batch as it starts, with the time that is left, and each failure, once."""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

from hydra.core.utils import JobReturn
from hydra.errors import HydraException

from neural_sculpting.errors import UserError, described, write_problem

log = logging.getLogger(__name__)

SHORTEST = 10
"""Seconds: less time is not reported, since it is over before it is read."""

MOST_NAMED = 40
"""The largest number of jobs with the same failure that are all named."""


class SweepFailed(HydraException):
    """Some jobs of a sweep failed; each failure has been reported already.

    ``refused`` is whether no job ran, all because of mistakes of the user.
    """

    def __init__(self, message: str, refused: bool) -> None:
        super().__init__(message)
        self.refused = refused


class Detached(Exception):
    """The jobs of a sweep were submitted and are not waited for; the message is how to resume."""


class JobLost(Exception):
    """The process of some jobs was ended from outside; the message has all that is known."""


def report(outcomes: Mapping[int, Any]) -> None:
    """Log every distinct exception of some jobs: a line for a user's mistake or a lost job, else with its traceback.

    ``outcomes`` are results, or the exceptions that ended the jobs, by job number.
    """
    failures: dict[int, tuple[Exception, list[str]]] = {}
    for number, error in outcomes.items():
        if isinstance(error, Exception):
            _, jobs = failures.setdefault(id(error), (error, []))
            jobs.append(str(number))
    for error, jobs in failures.values():
        listed = ", ".join(jobs if len(jobs) <= MOST_NAMED else [*jobs[: MOST_NAMED - 1], "…", jobs[-1]])
        names = f"job {jobs[0]}" if len(jobs) == 1 else f"{len(jobs)} jobs ({listed})"
        if isinstance(error, UserError | JobLost):
            log.error("%s failed: %s", names, error)
        elif problem := write_problem(error):
            log.error("%s failed: %s; resume=true resumes when it can be written", names, problem)
        else:
            log.error("%s failed: %s", names, described(error), exc_info=error)


def outcome(result: JobReturn) -> Any:
    """Return the result of a job, or the exception that ended it."""
    try:
        with redirect_stderr(StringIO()):  # Hydra announces the exception there before it raises it
            return result.return_value
    except Exception as error:
        return error


class Progress:
    """Reports how far a sweep is.

    Args:
        batches: the overrides that name each batch, finished ones included.
        to_run: how many of them are to run.
        at_once: how many run at a time.
    """

    def __init__(self, batches: Sequence[Sequence[str]], to_run: int, at_once: int = 1) -> None:
        common = set(batches[0]).intersection(*batches)
        self._swept = [" ".join(line for line in batch if line not in common) for batch in batches]
        self._to_run = to_run
        self._at_once = at_once
        self._times = [time.monotonic()]  # of the beginning and of each end

    def line(self, index: int, jobs: int, name: str, size: str) -> str:
        """Return the line for a batch that is about to run.

        ``name`` and ``size`` describe its jobs in words; the name is shown where the batch is the only one.
        """
        if len(self._swept) == 1:
            return f"{name}: {size}{' in one batch' if jobs > 1 else ''}"
        parts = [f"batch {index + 1} of {len(self._swept)}: {self._swept[index]}", size, self._time_left()]
        return " · ".join(filter(None, parts))

    def one_done(self) -> None:
        """Count a batch that has ended."""
        self._times.append(time.monotonic())

    def _time_left(self) -> str:
        """Return the time left if batches keep ending at the present rate, or nothing if it is a few seconds.

        The first batches, in which libraries are loaded, count only while there are no others.
        """
        done = len(self._times) - 1
        if not done:
            return ""
        skipped = self._at_once if done > self._at_once else 0
        each = (time.monotonic() - self._times[skipped]) / (done - skipped)
        left = each * (self._to_run - done)
        return f"about {duration(left)} left" if left >= SHORTEST else ""


def duration(seconds: float) -> str:
    """Write a time of ten seconds or more in words: ``30 s``, ``4 min``, ``2 h 10 min``.

    Example:
        >>> [duration(12), duration(200), duration(7800)]
        ['10 s', '3 min', '2 h 10 min']
    """
    if seconds < 55:
        return f"{10 * round(seconds / 10)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60 // 10 * 10} min"
