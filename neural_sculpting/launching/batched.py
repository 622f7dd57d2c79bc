"""Task functions that the launcher ``batch`` can call once for many jobs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from omegaconf import DictConfig

Validate = Callable[[DictConfig], Any]
RunGroup = Callable[[list[Any], list[int], Path], list[float | Exception]]
Describe = Callable[[Sequence[Any]], tuple[str, str]]
Finished = Callable[[Path], dict[int, float]]
TaskFunction = TypeVar("TaskFunction", bound=Callable[[DictConfig], float])


def describe_jobs(configs: Sequence[Any]) -> tuple[str, str]:
    """Say no more of jobs than how many they are."""
    return "group", f"{len(configs)} jobs"


def nothing_finished(folder: Path) -> dict[int, float]:
    """Run every job anew."""
    return {}


def batched(
    *,
    validate: Validate,
    run_group: RunGroup,
    describe: Describe = describe_jobs,
    finished: Finished = nothing_finished,
) -> Callable[[TaskFunction], TaskFunction]:
    """Make a task function of Hydra one that can be called for a whole group of jobs.

    Args:
        validate: called with the configuration of every job before any work starts; raises if it is wrong.
            What it returns can be pickled and stands for the job from then on.
        run_group: called with what stands for the jobs of a group, which differ in ``seed``,
            ``pruning.unit.step`` and ``pruning.edge.step`` only, the numbers of the jobs and the folder of the
            sweep, maybe in another process. Returns for every job, in order, its result or the exception that
            ended it.
        describe: called with what stands for the jobs of a group; returns what they have in common and how many
            they are, in words.
        finished: called with the folder of the sweep; returns the results that an earlier run left there, by the
            numbers of their jobs, which are not run again.
    """

    def decorate(function: TaskFunction) -> TaskFunction:
        attributes: Any = function
        attributes.validate = validate
        attributes.run_group = run_group
        attributes.describe = describe
        attributes.finished = finished
        return function

    return decorate
