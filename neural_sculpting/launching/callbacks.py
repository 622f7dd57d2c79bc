"""Hydra's callbacks, notified of each job of a batch."""

from collections.abc import Mapping
from typing import Any

from hydra.core.utils import JobReturn, env_override
from hydra.types import TaskFunction
from omegaconf import flag_override

from neural_sculpting.launching.composition import ReadyGroup, current, number_job


def notify_start(callbacks: Any, ready: ReadyGroup, task_function: TaskFunction) -> None:
    """Notify callbacks that the jobs of a group start.

    They get the configuration of the group with the seed and the number of each job.
    """
    for config in _of_each_job(ready):
        with current(config), env_override(ready.environment):
            callbacks.on_job_start(config=config, task_function=task_function)


def notify_end(callbacks: Any, ready: ReadyGroup, results: Mapping[int, JobReturn]) -> None:
    """Notify callbacks how the jobs of a group ended."""
    for config in _of_each_job(ready):
        with current(config):
            callbacks.on_job_end(config=config, job_return=results[config.hydra.job.num])


def _of_each_job(ready: ReadyGroup) -> Any:
    if ready.config is None:
        return
    for seed, number in zip(ready.group.seeds, ready.group.jobs, strict=True):
        number_job(ready.config, number)
        with flag_override(ready.config, "readonly", False):
            ready.config.seed = seed
        yield ready.config
