"""The sweeper ``hydra/sweeper=batch``: Hydra's basic sweeper, with the whole sweep checked before it starts."""

from dataclasses import dataclass
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper, BasicSweeperConf
from hydra.core.config_store import ConfigStore
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


@dataclass
class BatchSweeperConf(BasicSweeperConf):
    """The options of Hydra's basic sweeper: ``max_batch_size`` and ``params``."""

    _target_: str = "hydra_plugins.neural_sculpting.batch_sweeper.BatchSweeper"


class BatchSweeper(BasicSweeper):
    """Makes the jobs as the basic sweeper does, but composes once for all that differ only in seed and steps.

    Every job of the sweep is checked before a folder is made or work starts: where the task function has an
    attribute ``validate``, it is called with the configuration of every job. A group that an earlier run has
    finished is neither composed nor checked again. A job that fails does not keep the others from running; the
    sweep fails when they are done.
    """

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take over what Hydra knows when the sweep begins."""
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)
        self.task_function = task_function

    def sweep(self, arguments: list[str]) -> Any:
        """Check and run all jobs; return one list of results for each batch of at most ``max_batch_size``."""
        from neural_sculpting.launching import sweep as _sweep

        return _sweep.sweep(self, arguments)


ConfigStore.instance().store(group="hydra/sweeper", name="batch", node=BatchSweeperConf, provider="neural_sculpting")
