"""A group of jobs ready to run: what one call of the task function takes, in this process or another."""

import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.utils import configure_log, env_override
from hydra.types import TaskFunction
from omegaconf import DictConfig

from neural_sculpting.errors import UserError

Outcomes = list[float | Exception]
"""For every job of a batch, in order, its result or the exception that ended it."""


@dataclass(frozen=True)
class Batch:
    """Jobs that are one call of the task function; can be pickled.

    Attributes:
        function: what is called: the attribute ``run_group`` of the task function.
        configs: what its attribute ``validate`` returned for every job.
        numbers: the number of every job.
        folder: the folder of the sweep.
        environment: environment variables that are set meanwhile.
        logging: Hydra's ``job_logging`` and ``verbose``, which hold meanwhile.
    """

    function: Callable[[list[Any], list[int], Path], Outcomes]
    configs: list[Any]
    numbers: list[int]
    folder: Path
    environment: dict[str, str]
    logging: DictConfig


def run(batch: Batch) -> Outcomes:
    """Run a batch; an exception becomes the outcome of each of its jobs."""
    configure_log(batch.logging.job_logging, batch.logging.verbose)
    try:
        with env_override(batch.environment):
            outcomes = batch.function(batch.configs, batch.numbers, batch.folder)
    except Exception as error:
        return [error] * len(batch.numbers)
    if len(outcomes) != len(batch.numbers):
        return [RuntimeError(f"{len(outcomes)} results for {len(batch.numbers)} jobs")] * len(batch.numbers)
    return outcomes


def run_elsewhere(batch: Batch) -> Outcomes:
    """Run a batch in a worker process; what went wrong there can be read in the process that started it."""
    outcomes = run(batch)
    travelling = {id(each): _travelling(each) for each in outcomes if isinstance(each, Exception)}
    return [travelling.get(id(each), each) for each in outcomes]


def finished_jobs(task_function: TaskFunction, folder: Path) -> dict[int, float]:
    """Return the results of the jobs that an earlier run of the sweep has finished, by their numbers."""
    finished = getattr(task_function, "finished", None)
    results: dict[int, float] = finished(folder) if finished is not None else {}
    return results


def _travelling(error: Exception) -> Exception:
    """Return an exception that survives pickling, with its traceback as a note; a user's mistake needs none."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(repr(error)).with_traceback(error.__traceback__)
    if not isinstance(error, UserError):
        error.add_note("In the worker process:\n" + "".join(traceback.format_tb(error.__traceback__)).rstrip())
    return error
