"""Task functions that take many jobs at once, and a batch: one call of such a function, in this process or another."""

import os
import pickle
import traceback
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hydra.core.utils import configure_log, env_override
from hydra.types import TaskFunction
from omegaconf import DictConfig

from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.errors import UserError, described
from neural_sculpting.user_code import exits_are_errors

Outcomes = list[float | Exception]
"""For every job of a batch, in order, its result or the exception that ended it."""

RunBatch = Callable[[Sequence[SeedGroup], Path], Sequence[Outcomes]]
Function = TypeVar("Function", bound=Callable[[DictConfig], float])


def describe_jobs(groups: Sequence[SeedGroup]) -> tuple[str, str]:
    """Describe jobs by their number alone."""
    return "group", f"{sum(len(group.jobs) for group in groups)} jobs"


def batched(
    *,
    validate: Callable[[DictConfig], Any],
    run_batch: RunBatch,
    in_common: Callable[[Any], Hashable] = id,
    describe: Callable[[Sequence[SeedGroup]], tuple[str, str]] = describe_jobs,
    finished: Callable[[Path, DictConfig], dict[int, float]] = lambda folder, config: {},
) -> Callable[[Function], Function]:
    """Let a task function of Hydra be called once for many jobs.

    Args:
        validate: called with the configuration of every group before any work starts; raises if it is wrong. Its result
            can be pickled and becomes the configuration of the group.
        run_batch: called with the groups of a batch and the folder of the sweep, maybe in another process. Returns
            for each group the outcomes of its jobs.
        in_common: called with the result of ``validate``; groups for which it returns the same share a batch, if their
            overrides differ only in seed and steps.
        describe: called with the groups of a batch; returns what they have in common and the number of jobs, in words.
        finished: called with the folder of the sweep and its configuration; returns the results that an earlier run
            left there, by job number. These jobs are not run again.
    """

    def decorate(function: Function) -> Function:
        vars(function).update(
            validate=validate, run_batch=run_batch, in_common=in_common, describe=describe, finished=finished
        )
        return function

    return decorate


def is_batched(task_function: TaskFunction, config: DictConfig) -> bool:
    """Whether jobs run in batches: not where each runs in its own working directory."""
    return hasattr(task_function, "run_batch") and not config.hydra.job.chdir


def finished_jobs(task_function: TaskFunction, config: DictConfig) -> dict[int, float]:
    """Return the results of the jobs that an earlier run of the sweep has finished, by job number."""
    finished: Callable[[Path, DictConfig], dict[int, float]]
    finished = getattr(task_function, "finished", lambda folder, config: {})
    return finished(Path(os.path.abspath(config.hydra.sweep.dir)), config)


@dataclass(frozen=True)
class Batch:
    """Groups of jobs that are one call of the task function; can be pickled.

    Attributes:
        function: the ``run_batch`` of the task function.
        folder: of the sweep.
        environment: environment variables that are set meanwhile.
        logging: Hydra's ``job_logging`` and ``verbose``, which apply meanwhile.
    """

    function: RunBatch
    groups: Sequence[SeedGroup]
    folder: Path
    environment: dict[str, str]
    logging: DictConfig

    @property
    def numbers(self) -> list[int]:
        """The number of every job."""
        return [job for group in self.groups for job in group.jobs]


def run(batch: Batch) -> Outcomes:
    """Run a batch; an exception becomes the outcome of each of its jobs."""
    configure_log(batch.logging.job_logging, batch.logging.verbose)
    jobs = len(batch.numbers)
    try:
        with env_override(batch.environment), exits_are_errors():
            outcomes = [each for group in batch.function(batch.groups, batch.folder) for each in group]
    except Exception as error:
        return [error] * jobs
    return outcomes if len(outcomes) == jobs else [RuntimeError(f"{len(outcomes)} results for {jobs} jobs")] * jobs


def run_elsewhere(batch: Batch) -> Outcomes:
    """Run a batch in a worker process and make its exceptions readable in the process that started it."""
    outcomes = run(batch)
    sendable = {id(each): _sendable(each) for each in outcomes if isinstance(each, Exception)}
    return [sendable.get(id(each), each) for each in outcomes]


def _sendable(error: Exception) -> Exception:
    """Return an exception that survives pickling, with its traceback as a note; a user's mistake needs none."""
    try:
        pickle.loads(pickle.dumps(error))
    except BaseException:
        error = RuntimeError(described(error)).with_traceback(error.__traceback__)
    if not isinstance(error, UserError):
        error.add_note("In the worker process:\n" + "".join(traceback.format_tb(error.__traceback__)).rstrip())
    return error
