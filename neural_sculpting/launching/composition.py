"""Groups of jobs, composed by Hydra and checked once each, ready to be put into batches."""

import copy
import os
from collections.abc import Container, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import env_override
from omegaconf import MISSING, DictConfig, OmegaConf, flag_override, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from neural_sculpting.config.loading import check_seed
from neural_sculpting.config.messages import composing
from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.files import check_inside
from neural_sculpting.launching.groups import Job, JobGroup


@dataclass(frozen=True)
class ReadyGroup:
    """A group that is composed and checked.

    Attributes:
        number: the lowest one of all its jobs.
        group: its jobs that are to run.
        name: the overrides that distinguish its batch from others.
        in_common: equal for groups that share a batch.
        environment: environment variables that are set while it runs.
        logging: Hydra's ``job_logging`` and ``verbose``.
        threads: how many it uses.
        files: the content of Hydra's files for its first job.
        config: the composition of its first job, kept where Hydra's callbacks are configured.
    """

    number: int
    group: SeedGroup
    name: tuple[str, ...]
    in_common: Hashable
    environment: dict[str, str]
    logging: DictConfig
    threads: int
    files: dict[Path, str]
    config: DictConfig | None

    def only(self, jobs: Container[int]) -> "ReadyGroup":
        """Return the group without all other jobs."""
        return replace(self, group=self.group.only(jobs))


class Composer:
    """Composes and checks groups of jobs."""

    def __init__(self, loader: ConfigLoader, master: DictConfig, task_function: Any) -> None:
        """Prepare.

        Args:
            loader: Hydra's.
            master: the configuration of the sweep.
            task_function: the one of the sweep.
        """
        self._loader = loader
        self._master = master
        self._validate: Any = getattr(task_function, "validate", None)
        self._in_common: Any = getattr(task_function, "in_common", None)

    def compose(self, number: int, job: Job) -> DictConfig:
        """Return the whole configuration of a job, as ``load_sweep_config`` does."""
        lines = [setting.line for setting in job]
        with composing(lines):
            config = self._loader.load_sweep_config(self._master, lines)
        number_job(config, number)
        return config

    def ready(self, group: JobGroup, finished: Container[int]) -> list[ReadyGroup]:
        """Compose and check a group; jobs in which another value follows the seed or the job are one group each.

        Args:
            group: its jobs.
            finished: the numbers of jobs that are not to run.

        Raises:
            Exception: what composing or the check raises.
        """
        left = [number for number in group.jobs if number not in finished]
        if not left:
            return []
        config = self._compose_with_folder(group.first, group.jobs[group.first])
        if len(group.jobs) == 1:
            return [self._check(config, group.name, {group.first: None})]
        if all(type(seed) is int for seed in group.seeds.values()) and not _depends_on_job(config):
            return [self._check(config, group.name, group.seeds).only(left)]
        return [self._ready_alone(number, group.jobs[number]) for number in left]

    def _ready_alone(self, number: int, job: Job) -> ReadyGroup:
        config = self._compose_with_folder(number, job)
        return self._check(config, tuple(each.line for each in job if not each.is_hydras), {number: None})

    def _compose_with_folder(self, number: int, job: Job) -> DictConfig:
        config = self.compose(number, job)
        with current(config):  # the name of the folder may refer to it
            subdir = str(config.hydra.sweep.subdir)
            check_inside("hydra.sweep.subdir", subdir)
            folder = os.path.abspath(os.path.join(str(config.hydra.sweep.dir), subdir))
        with flag_override(config.hydra, "readonly", False):
            config.hydra.runtime.output_dir = folder
        return config

    def _check(self, config: DictConfig, name: tuple[str, ...], seeds: dict[int, int | None]) -> ReadyGroup:
        """Check a group; the seed of a job is that of the configuration where it is None."""
        hydra = config.hydra
        with current(config), env_override(hydra.job.env_set):
            task = without_hydra(config)
            checked = self._validate(task)
            values = [task.get("seed") if seed is None else seed for seed in seeds.values()]
            files = _hydras_files(task)
            logging = OmegaConf.create({name: _plain(hydra, name) for name in ("job_logging", "verbose")})
        return ReadyGroup(
            number=next(iter(seeds)),
            group=SeedGroup(checked, tuple(map(check_seed, values)), tuple(seeds)),
            name=name,
            in_common=self._in_common(checked),
            environment=dict(hydra.job.env_set),
            logging=logging,
            threads=OmegaConf.select(task, "trainer.threads") or 1,
            files=files,
            config=config if hydra.callbacks else None,
        )


@contextmanager
def current(config: DictConfig) -> Iterator[None]:
    """Let a configuration with a node ``hydra`` be the one that ``${hydra:…}`` and ``HydraConfig`` refer to."""
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(config)
    try:
        yield
    finally:
        HydraConfig.instance().cfg = before


def number_job(config: DictConfig, number: int) -> None:
    """Write into the configuration of a job which one of the sweep it is."""
    with flag_override(config.hydra, "readonly", False):
        config.hydra.job.id = str(number)
        config.hydra.job.num = number


def without_hydra(config: DictConfig) -> DictConfig:
    """Return a copy of a configuration without the node ``hydra``: what the task function gets."""
    task = copy.deepcopy(config)
    with read_write(task), open_dict(task):
        del task["hydra"]
    return task


def _hydras_files(task: DictConfig) -> dict[Path, str]:
    """Return what Hydra's ``run_job`` writes for the current job."""
    current_config = HydraConfig.instance().cfg
    hydra = HydraConfig.get()
    if hydra.output_subdir is None:
        return {}
    texts = {"config": task, "hydra": current_config, "overrides": hydra.overrides.task}
    folder = Path(hydra.runtime.output_dir, hydra.output_subdir)
    return {folder / f"{name}.yaml": OmegaConf.to_yaml(node) for name, node in texts.items()}


def _depends_on_job(config: DictConfig) -> bool:
    """Whether any value but the seed changes with the seed or the job: tried with neither of them known."""
    if "${" not in str(_values(config, resolve=False)):
        return False
    with current(config):
        values = _values(config)
    unknown = copy.deepcopy(config)
    number_job(unknown, -1)
    with flag_override(unknown, "readonly", False), flag_override(unknown.hydra, "readonly", False):
        unknown.seed = MISSING
        unknown.hydra.runtime.output_dir = unknown.hydra.job.override_dirname = ""
        unknown.hydra.overrides.task = []
    with current(unknown):
        try:
            return _values(unknown) != values
        except OmegaConfBaseException:
            return True


def _values(config: DictConfig, resolve: bool = True) -> dict[str, Any]:
    """Return what a configuration sets for the task, apart from the seed."""
    return {str(name): _plain(config, str(name), resolve) for name in config if name not in ("hydra", "seed")}


def _plain(config: DictConfig, name: str, resolve: bool = True) -> Any:
    if not resolve and OmegaConf.is_interpolation(config, name):
        return "${}"
    node = config[name]
    return OmegaConf.to_container(node, resolve=resolve) if OmegaConf.is_config(node) else node
