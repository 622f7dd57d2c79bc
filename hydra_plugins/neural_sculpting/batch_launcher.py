"""The launcher ``hydra/launcher=batch``: jobs that differ only in seed and steps are one call of the task function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

if TYPE_CHECKING:
    from hydra_plugins.neural_sculpting._composition import Composer


@dataclass
class BatchLauncherConf:
    """The options of the launcher."""

    _target_: str = "hydra_plugins.neural_sculpting.batch_launcher.BatchLauncher"
    # Where batches run: inline (one after another in this process) or processes (several at a time, a process each).
    executor: str = "inline"
    # How many processes; null: as many as there are cores for, with trainer.threads of them for each.
    workers: int | None = None


class BatchLauncher(Launcher):
    """Runs the groups of a sweep, each as one batch.

    A task function can be batched when it has the attributes that
    :func:`neural_sculpting.command_line.batched.batched` gives it. Jobs of any other task function run one by
    one, those of one that can be batched too where each wants a working directory of its own.
    """

    def __init__(self, executor: str, workers: int | None) -> None:
        self.executor = executor
        self.workers = workers
        self.config: DictConfig
        self.hydra_context: HydraContext
        self.task_function: TaskFunction
        self.composer: Composer | None = None  # the sweeper's, where it has composed the groups
        self.finished: Mapping[int, float] | None = None  # what the sweeper knows of an earlier run

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take over what Hydra knows when the sweep begins.

        Raises:
            UserError: if an option is not allowed.
        """
        from hydra_plugins.neural_sculpting import _executors

        _executors.check(self.executor, self.workers)
        self.config = config
        self.hydra_context = hydra_context
        self.task_function = task_function

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run all jobs; return one result for each, in their order, failed ones included."""
        from hydra_plugins.neural_sculpting import _launch

        return _launch.launch(self, job_overrides, initial_job_idx)


ConfigStore.instance().store(group="hydra/launcher", name="batch", node=BatchLauncherConf, provider="neural_sculpting")
