"""Sweeps of the real task function whose results the tests can look at."""

from collections.abc import Sequence

from hydra import version
from hydra.core.utils import JobReturn
from hydra.types import TaskFunction

from neural_sculpting.cli import arguments
from neural_sculpting.cli.job import job
from neural_sculpting.cli.search_path import hydra_for

BASIC = ("hydra/sweeper=basic", "hydra/launcher=basic")


def sweep(*overrides: str, task_function: TaskFunction = job) -> list[Sequence[JobReturn]]:
    """Sweep into the folder ``out`` and return the results, batch by batch."""
    version.setbase("1.3")
    lines = [*overrides, "hydra.mode=MULTIRUN", "hydra.sweep.dir=out"]
    with hydra_for(arguments.read([])) as hydra:
        returns: list[Sequence[JobReturn]] = hydra.multirun("config", task_function, lines)
        return returns
