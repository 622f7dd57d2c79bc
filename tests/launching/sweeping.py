"""Sweeps of a task function whose results the tests can look at."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.utils import JobReturn
from hydra.types import TaskFunction
from omegaconf import DictConfig

from neural_sculpting.cli.job import job
from neural_sculpting.config.composing import hydra_ready
from neural_sculpting.launching.batches import Outcomes, batched

BASIC = ("hydra/sweeper=basic", "hydra/launcher=basic")


def sweep(*overrides: str, task_function: TaskFunction = job) -> list[Sequence[JobReturn]]:
    """Sweep into the folder ``out`` and return the results, part by part."""
    lines = [*overrides, "hydra.mode=MULTIRUN", "hydra.sweep.dir=out"]
    with hydra_ready():
        main = GlobalHydra.instance().hydra
        assert main is not None
        returns: list[Sequence[JobReturn]] = main.multirun("config", task_function, lines)
        return returns


def function(
    run: Callable[[Any, Path], list[Outcomes]] = lambda groups, folder: [[0.0] * len(each.jobs) for each in groups],
    validate: Callable[[DictConfig], Any] = lambda cfg: None,
) -> TaskFunction:
    """A task function that can be batched."""
    return batched(validate=validate, run_batch=run)(lambda cfg: 0.0)
