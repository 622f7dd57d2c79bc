"""``hydra/sweeper=batch`` and ``hydra/launcher=batch``: jobs that differ only in seed and steps run as one batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from neural_sculpting.launching.slurm.options import SlurmConf


@dataclass
class BatchLauncherConf:
    """The options of the launcher."""

    _target_: str = "hydra_plugins.neural_sculpting.batch.BatchLauncher"
    # inline: batches run one after another in this process; processes: several at a time, a process each; slurm: each
    # is a job of Slurm, all submitted at once.
    executor: str = "inline"
    # With processes: how many; null: the number of cores divided by trainer.threads. With slurm: how many jobs run at
    # a time; null: as many as the cluster allows.
    workers: int | None = None
    # With slurm: whether to wait for the jobs. false submits them and ends.
    wait: bool = True
    slurm: SlurmConf = field(default_factory=SlurmConf)


@dataclass
class BatchSweeperConf:
    """The options of Hydra's basic sweeper: how many jobs are launched before any other, and what is swept."""

    _target_: str = "hydra_plugins.neural_sculpting.batch.BatchSweeper"
    max_batch_size: int | None = None
    params: dict[str, str] | None = None


class BatchLauncher(Launcher):
    """Runs task functions made by :func:`neural_sculpting.launching.batches.batched` in batches, others job by job."""

    runs_groups = True

    def __init__(self, executor: str, workers: int | None, wait: bool, slurm: Mapping[str, Any]) -> None:
        self.executor, self.workers, self.wait, self.slurm = executor, workers, wait, slurm

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Store the context of the sweep and check the options."""
        from neural_sculpting.launching.executors import check_options

        self.config, self.hydra_context, self.task_function = config, hydra_context, task_function
        check_options(self)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run all jobs; return one result for each, in their order, failed ones included."""
        from neural_sculpting.launching.sweeps import launch

        return launch(self, job_overrides, initial_job_idx)


class LaunchingSweeper(Sweeper):
    """A sweeper with its launcher; Hydra passes over abstract classes."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Store the context of the sweep."""
        self.config, self.hydra_context, self.task_function = config, hydra_context, task_function
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )


class BatchSweeper(LaunchingSweeper):
    """Enumerates jobs as the basic sweeper does, and checks them all before the first one starts."""

    def __init__(self, max_batch_size: int | None, params: dict[str, str] | None = None) -> None:
        self.max_batch_size, self.params = max_batch_size, params or {}

    def sweep(self, arguments: list[str]) -> Any:
        """Check and run all jobs; return a list of results for each part of at most ``max_batch_size`` jobs."""
        from neural_sculpting.launching.sweeps import sweep

        return sweep(self, arguments)


for group, conf in (("launcher", BatchLauncherConf), ("sweeper", BatchSweeperConf)):
    ConfigStore.instance().store(group=f"hydra/{group}", name="batch", node=conf, provider="neural_sculpting")
