"""The launcher ``hydra/launcher=batch``: jobs that differ only in their seed are one call of the task function."""

from collections.abc import Sequence
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
    """The launcher has no options."""

    _target_: str = "hydra_plugins.neural_sculpting.batch_launcher.BatchLauncher"


class BatchLauncher(Launcher):
    """Runs the groups of a sweep one after another, each as one batch.

    A task function can be batched when it has an attribute ``run_group``: a function that takes the
    configurations of the jobs, their numbers and the folder of the sweep, and returns for every job, in order,
    a float or the exception that ended it. Jobs of any other task function run one by one.
    """

    def __init__(self) -> None:
        self.config: DictConfig
        self.hydra_context: HydraContext
        self.task_function: TaskFunction
        self.composer: Composer | None = None  # the sweeper's, where it has composed the groups

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take over what Hydra knows when the sweep begins."""
        self.config = config
        self.hydra_context = hydra_context
        self.task_function = task_function

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run all jobs; return one result for each, in their order, failed ones included."""
        from hydra_plugins.neural_sculpting import _launch

        return _launch.launch(self, job_overrides, initial_job_idx)


ConfigStore.instance().store(group="hydra/launcher", name="batch", node=BatchLauncherConf, provider="neural_sculpting")
