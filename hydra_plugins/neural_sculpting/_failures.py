"""Saying what failed, once, when it fails."""

import logging
from collections.abc import Sequence

from hydra.core.utils import JobReturn, JobStatus
from hydra.errors import HydraException

from neural_sculpting.errors import UserError

log = logging.getLogger(__name__)


class SweepFailed(HydraException):
    """Some jobs of a sweep failed; each failure has been reported already.

    Attributes:
        refused: whether not one job ran, all for mistakes of the user.
    """

    def __init__(self, failed: int, jobs: int, refused: bool) -> None:
        super().__init__(f"{failed} of {jobs} jobs failed")
        self.refused = refused


def report(results: Sequence[JobReturn]) -> None:
    """Log every distinct failure among results: a line for a user's mistake, else with its traceback."""
    failures: dict[int, tuple[Exception, list[str]]] = {}
    for result in results:
        error = failure(result)
        if error is not None:
            _, jobs = failures.setdefault(id(error), (error, []))
            jobs.append(str(result.hydra_cfg.hydra.job.num if result.hydra_cfg else "?"))
    for error, jobs in failures.values():
        names = f"job {jobs[0]}" if len(jobs) == 1 else f"{len(jobs)} jobs ({', '.join(jobs)})"
        if isinstance(error, UserError):
            log.error("%s failed: %s", names, error)
        else:
            log.error("%s failed: %r", names, error, exc_info=error)


def failure(result: JobReturn) -> Exception | None:
    """Return the exception that ended a job, None if it went well."""
    if result.status != JobStatus.FAILED:
        return None
    error: Exception = result._return_value  # the public property prints a line and raises
    return error
