"""Task functions that the launcher ``batch`` can call once for many jobs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from omegaconf import DictConfig

Validate = Callable[[DictConfig], object]
RunGroup = Callable[[list[DictConfig], list[int], Path], list[float | Exception]]
TaskFunction = TypeVar("TaskFunction", bound=Callable[[DictConfig], float])


def batched(*, validate: Validate, run_group: RunGroup) -> Callable[[TaskFunction], TaskFunction]:
    """Make a task function of Hydra one that can be called for a whole group of jobs.

    Args:
        validate: called with the configuration of every job before any work starts; raises if it is wrong.
        run_group: called with the configurations of jobs that differ only in ``seed``, the numbers of the
            jobs and the folder of the sweep. Returns for every job, in order, its result or the exception
            that ended it.
    """

    def decorate(function: TaskFunction) -> TaskFunction:
        attributes: Any = function
        attributes.validate = validate
        attributes.run_group = run_group
        return function

    return decorate
