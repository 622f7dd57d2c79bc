"""The launcher ``hydra/launcher=batch``: jobs that differ only in seed and steps are one call of the task function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from neural_sculpting.errors import UserError

if TYPE_CHECKING:
    from neural_sculpting.launching.composition import Composer


@dataclass
class SlurmConf:
    """What each job of Slurm asks for; where null, what the cluster gives by itself."""

    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    # The time limit. A batch that needs longer goes back to the queue and goes on from its last checkpoint.
    minutes: int | None = None
    # How often it may do so.
    requeues: int = 100
    cpus: int | None = None
    memory_gb: float | None = None
    gpus: int | None = None
    # Lines of shell before Python starts, such as "module load cuda".
    setup: list[str] = field(default_factory=list)
    # Any other options of sbatch, such as {constraint: a100, mail-type: END}.
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class BatchLauncherConf:
    """The options of the launcher."""

    _target_: str = "hydra_plugins.neural_sculpting.batch_launcher.BatchLauncher"
    # Where batches run: inline (one after another in this process), processes (several at a time, a process each) or
    # slurm (each a job of Slurm, all submitted at once).
    executor: str = "inline"
    # How many processes; null: as many as there are cores for, with trainer.threads of them for each. With slurm: how
    # many jobs run at a time; null: as many as the cluster lets.
    workers: int | None = None
    # Up to how many jobs each has a folder with its .hydra files. In a larger sweep only the first one has, and beside
    # them overrides.csv, which tells what was set for every job; Hydra's callbacks are served as in a small one.
    job_folders: int = 400
    # With slurm: whether to wait for the jobs. false submits them and ends.
    wait: bool = True
    slurm: SlurmConf = field(default_factory=SlurmConf)


class BatchLauncher(Launcher):
    """Runs the groups of a sweep, each as one batch.

    A task function can be batched when it has the attributes that
    :func:`neural_sculpting.launching.batched.batched` gives it. Jobs of any other task function run one by
    one, those of one that can be batched too where each wants a working directory of its own.
    """

    def __init__(
        self, executor: str, workers: int | None, job_folders: int, wait: bool, slurm: Mapping[str, Any]
    ) -> None:
        self.executor = executor
        self.workers = workers
        self.job_folders = job_folders
        self.wait = wait
        self.slurm = slurm
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
        from neural_sculpting.launching import executors as _executors
        from neural_sculpting.launching.slurm import options as _slurm_options

        _executors.check(self.executor, self.workers)
        if self.executor == "slurm":
            _slurm_options.check(self.slurm, self.wait, config.hydra.sweeper.get("max_batch_size"))
        elif not self.wait:
            raise UserError(
                f"hydra.launcher.wait=false: not with executor={self.executor}; only Slurm goes on by itself"
            )
        self.config = config
        self.hydra_context = hydra_context
        self.task_function = task_function

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run all jobs; return one result for each, in their order, failed ones included."""
        from neural_sculpting.launching import launch as _launch

        return _launch.launch(self, job_overrides, initial_job_idx)


ConfigStore.instance().store(group="hydra/launcher", name="batch", node=BatchLauncherConf, provider="neural_sculpting")
