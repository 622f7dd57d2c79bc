"""Groups of a sweep with so many jobs that a folder for each, and Hydra's configurations of all, would be too much.

A job then costs 3 ms of preparation in place of 8, 60 bytes on the disk in place of 24 KB in five files and folders,
and half a kilobyte of memory until the sweep is over in place of 40.
"""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus, env_override
from hydra.types import TaskFunction

from neural_sculpting.files import atomic_write
from neural_sculpting.launching.batches import Batch, Outcomes
from neural_sculpting.launching.composition import Composer, number_job
from neural_sculpting.launching.current import set_current
from neural_sculpting.launching.failures import report
from neural_sculpting.launching.grouping import parse
from neural_sculpting.launching.running import batch_of, settle_folder, write_files

Jobs = Mapping[int, Sequence[str]]
"""The overrides of jobs, by their numbers."""

TABLE = "overrides.csv"


class LeanGroup:
    """Jobs that are one call of a task function that can be batched, and have no folders of their own.

    Hydra's callbacks are not told of them.
    """

    def __init__(self, jobs: Jobs, composer: Composer, task_function: TaskFunction) -> None:
        self._jobs = jobs
        self._composer = composer
        self._task_function: Any = task_function

    def begin(self) -> Batch:
        """Check the jobs.

        Returns:
            What an executor runs. Until it is done the first job stands for all in what Hydra knows.

        Raises:
            Exception: what the check of the task function raises.
        """
        numbers = list(self._jobs)
        first = self._composer.job(self._jobs[numbers[0]], numbers[0])
        configs = []
        with env_override(first.config.hydra.job.env_set):
            for number in [*numbers[1:], numbers[0]]:  # the first job last: its number stays
                number_job(first.config, self._jobs[number], number)
                settle_folder(first.config)
                set_current(first.hydra)  # a value may refer to it
                configs.append(self._task_function.validate(self._composer.task(self._jobs[number])))
        return batch_of(self._task_function, [configs[-1], *configs[:-1]], numbers, first.config.hydra)

    def end(self, outcomes: Outcomes) -> dict[int, JobReturn]:
        """Tell the user how the jobs ended; return their results by their numbers, without their configurations."""
        results = {
            number: result_of(overrides, outcome)
            for (number, overrides), outcome in zip(self._jobs.items(), outcomes, strict=True)
        }
        report(results)
        return results


def result_of(overrides: Sequence[str], outcome: float | Exception) -> JobReturn:
    """Return what is kept of a job: its overrides and how it ended."""
    status = JobStatus.FAILED if isinstance(outcome, Exception) else JobStatus.COMPLETED
    return JobReturn(overrides=_of_the_task(overrides), status=status, _return_value=outcome)


def write_overview(jobs: Jobs, composer: Composer) -> None:
    """Leave the files of the first job in its folder, and beside them a table of what was set for every job.

    They stay as they are where an earlier run has left them. None are written where Hydra's files are not wanted.

    Args:
        jobs: all jobs of the sweep, finished ones included.
        composer: makes their configurations.
    """
    number = next(iter(jobs))
    first = composer.job(jobs[number], number)
    settle_folder(first.config)
    folder = Path(first.config.hydra.runtime.output_dir)
    if first.config.hydra.output_subdir is None or (folder / TABLE).exists():
        return
    write_files([first])
    atomic_write(folder / TABLE, lambda path: _write_table(jobs, path))


def _write_table(jobs: Jobs, path: Path) -> None:
    """Write a line for each job and a column for each key, as the overrides have it: with its ``+`` or ``~``."""
    rows = [
        {"job": str(number), **{key: value for key, _, value in (line.partition("=") for line in _of_the_task(lines))}}
        for number, lines in jobs.items()
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator=os.linesep)
        writer.writeheader()
        writer.writerows(rows)


def _of_the_task(overrides: Sequence[str]) -> list[str]:
    """Return the overrides that are not Hydra's own."""
    return [line for line in overrides if not parse(line).is_hydra_override()]
