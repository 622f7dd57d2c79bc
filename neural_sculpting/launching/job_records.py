"""Hydra's records of jobs, for batches: files for each group, one table of jobs, and calls of callbacks."""

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, env_override
from hydra.types import TaskFunction
from omegaconf import DictConfig, flag_override

from neural_sculpting.errors import writing
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.composition import ReadyGroup, current, number_job
from neural_sculpting.launching.groups import Job

TABLE = "jobs.csv"


def write_hydras_files(ready: ReadyGroup) -> None:
    """Write the ``.hydra`` files of a group, those of its first job."""
    for path, text in ready.files.items():
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def write_table(folder: Path, groups: Mapping[int, int], jobs: Mapping[int, Job]) -> None:
    """Write a line for each job, with a column for each key that is set, named as its override is.

    ``groups`` has the number of the group of each job, that of its first job. Existing lines stay.
    """
    path, rows = folder / TABLE, dict[str, dict[str, str]]()
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            rows = {row["job"]: row for row in csv.DictReader(file)}
    new = [number for number in jobs if str(number) not in rows]
    for number in new:
        settings = {each.key: each.plain for each in jobs[number] if not each.is_hydras}
        rows[str(number)] = {"job": str(number), "group": str(groups[number]), **settings}

    def write(unfinished: Path) -> None:
        columns = list(dict.fromkeys(key for row in rows.values() for key in row))
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator=os.linesep)
            writer.writeheader()
            writer.writerows(rows.values())

    if new:
        atomic_write(path, write)


def notify_start(callbacks: Any, ready: ReadyGroup, task_function: TaskFunction) -> None:
    """Notify callbacks that the jobs of a group start, each with its configuration."""
    for config in _of_each_job(ready):
        with current(config), env_override(ready.environment):
            callbacks.on_job_start(config=config, task_function=task_function)


def notify_end(callbacks: Any, ready: ReadyGroup, results: Mapping[int, JobReturn]) -> None:
    """Notify callbacks how the jobs of a group ended."""
    for config in _of_each_job(ready):
        with current(config):
            callbacks.on_job_end(config=config, job_return=results[config.hydra.job.num])


def _of_each_job(ready: ReadyGroup) -> Iterator[DictConfig]:
    if ready.config is None:
        return
    for seed, number in zip(ready.group.seeds, ready.group.jobs, strict=True):
        number_job(ready.config, number)
        with flag_override(ready.config, "readonly", False):
            ready.config.seed = seed
        yield ready.config
