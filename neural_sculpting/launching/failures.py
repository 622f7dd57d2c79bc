"""Saying what failed, once, when it fails."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

from hydra.core.utils import JobReturn
from hydra.errors import HydraException

from neural_sculpting.errors import UserError, write_problem

log = logging.getLogger(__name__)

MOST_NAMED = 40
"""Jobs up to which those that failed alike are all named."""


class SweepFailed(HydraException):
    """Some jobs of a sweep failed; each failure has been reported already.

    Attributes:
        refused: whether not one job ran, all for mistakes of the user.
    """

    def __init__(self, failed: int, jobs: int, refused: bool) -> None:
        super().__init__(f"{failed} of {jobs} jobs failed")
        self.refused = refused


class Detached(Exception):
    """The jobs of a sweep were submitted and are not waited for; the message tells how to resume."""


class JobLost(Exception):
    """What ran some jobs was ended from outside; the message tells all that is known."""


def report(outcomes: Mapping[int, Any]) -> None:
    """Log every distinct exception: a line for a user's mistake or a lost job, else with its traceback.

    Args:
        outcomes: results of jobs, or the exceptions that ended them, by the numbers of the jobs.
    """
    failures: dict[int, tuple[Exception, list[str]]] = {}
    for number, error in outcomes.items():
        if isinstance(error, Exception):
            _, jobs = failures.setdefault(id(error), (error, []))
            jobs.append(str(number))
    for error, jobs in failures.values():
        names = f"job {jobs[0]}" if len(jobs) == 1 else f"{len(jobs)} jobs ({_listed(jobs)})"
        if isinstance(error, UserError | JobLost):
            log.error("%s failed: %s", names, error)
        elif problem := write_problem(error):
            log.error("%s failed: %s; resume=true resumes when it can be written", names, problem)
        else:
            log.error("%s failed: %r", names, error, exc_info=error)


def _listed(jobs: Sequence[str]) -> str:
    return ", ".join(jobs if len(jobs) <= MOST_NAMED else [*jobs[: MOST_NAMED - 1], "…", jobs[-1]])


def outcome(result: JobReturn) -> Any:
    """Return what a job returned, or the exception that ended it."""
    try:
        with redirect_stderr(StringIO()):  # where the exception is announced before it is raised
            return result.return_value
    except Exception as error:
        return error
