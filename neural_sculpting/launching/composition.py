"""Groups of jobs, composed by Hydra and checked once each before they are put into batches."""

import copy
import os
from collections.abc import Container, Hashable, Iterator, Mapping
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
from neural_sculpting.launching.groups import Job, JobGroup, group_jobs


@dataclass(frozen=True)
class ReadyGroup:
    """A group that is composed and checked.

    Attributes:
        number: of its first job, also where that is finished.
        group: its jobs that are to run.
        name: the overrides that distinguish its batch from others.
        in_common: equal for groups that share a batch.
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


Part = list[tuple[JobGroup, list[ReadyGroup]]]
"""The groups of a sweep, or of the part that is launched before any other, each with its jobs that are to run."""


class Composer:
    """Composes and checks the jobs of a sweep, whose configuration is the ``master``."""

    def __init__(self, loader: ConfigLoader, master: DictConfig, task_function: Any) -> None:
        self._loader, self._master, self._task_function = loader, master, task_function

    def compose(self, number: int, job: Job) -> DictConfig:
        """Return the whole configuration of a job, as ``load_sweep_config`` does."""
        lines = [setting.line for setting in job]
        with composing(lines):
            config = self._loader.load_sweep_config(self._master, lines)
        number_job(config, number)
        return config

    def ready(self, jobs: Mapping[int, Job], finished: Container[int]) -> Part:
        """Group jobs, then compose and check each group; raise what one of these raises."""
        return [(group, self._ready(group, finished)) for group in group_jobs(jobs)]

    def _ready(self, group: JobGroup, finished: Container[int]) -> list[ReadyGroup]:
        """Compose and check a group; jobs in which another value depends on the seed or the job are one group each."""
        unfinished = [number for number in group.jobs if number not in finished]
        if not unfinished:
            return []
        config = self._compose_with_folder(group.first, group.jobs[group.first])
        if len(group.jobs) == 1:
            return [self._check(config, group.name, {group.first: None})]
        if all(type(seed) is int for seed in group.seeds.values()) and not _depends_on_job(config):
            ready = self._check(config, group.name, group.seeds)
            return [replace(ready, group=ready.group.only(unfinished))]
        alone = []
        for number in unfinished:
            job = group.jobs[number]
            name = tuple(each.line for each in job if not each.is_hydras)
            alone.append(self._check(self._compose_with_folder(number, job), name, {number: None}))
        return alone

    def _compose_with_folder(self, number: int, job: Job) -> DictConfig:
        config = self.compose(number, job)
        with current(config):  # the name of the folder may refer to it
            subdir = str(config.hydra.sweep.subdir)
            check_inside("hydra.sweep.subdir", subdir)
            folder = os.path.abspath(os.path.join(str(config.hydra.sweep.dir), subdir))
        with flag_override(config.hydra, "readonly", False):
            config.hydra.runtime.output_dir = folder
        return config

    def _check(self, config: DictConfig, name: tuple[str, ...], seeds: Mapping[int, int | None]) -> ReadyGroup:
        """Check a group; the seed of a job is that of the configuration where it is None."""
        hydra = config.hydra
        with current(config), env_override(hydra.job.env_set):
            task = without_hydra(config)
            checked = self._task_function.validate(task)
            values = [getattr(checked, "seed", task.seed) if seed is None else seed for seed in seeds.values()]
            files = _hydras_files(task)
            logging = OmegaConf.create({name: _plain(hydra, name) for name in ("job_logging", "verbose")})
        return ReadyGroup(
            number=next(iter(seeds)),
            group=SeedGroup(checked, tuple(map(check_seed, values)), tuple(seeds)),
            name=name,
            in_common=self._task_function.in_common(checked),
            environment=dict(hydra.job.env_set),
            logging=logging,
            threads=OmegaConf.select(task, "trainer.threads") or 1,
            files=files,
            config=config if hydra.callbacks else None,
        )


@contextmanager
def current(config: DictConfig) -> Iterator[None]:
    """Let ``${hydra:…}`` and ``HydraConfig`` refer to a configuration with a ``hydra`` node."""
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(config)
    try:
        yield
    finally:
        HydraConfig.instance().cfg = before


def number_job(config: DictConfig, number: int) -> None:
    """Set the number of a job in its configuration."""
    with flag_override(config.hydra, "readonly", False):
        config.hydra.job.id = str(number)
        config.hydra.job.num = number


def without_hydra(config: DictConfig) -> DictConfig:
    """Return a copy of a configuration without its ``hydra`` node, as the task function gets it."""
    task = copy.deepcopy(config)
    with read_write(task), open_dict(task):
        del task["hydra"]
    return task


def _hydras_files(task: DictConfig) -> dict[Path, str]:
    """Return what Hydra's ``run_job`` writes for the current job."""
    hydra = HydraConfig.get()
    if hydra.output_subdir is None:
        return {}
    texts = {"config": task, "hydra": HydraConfig.instance().cfg, "overrides": hydra.overrides.task}
    folder = Path(hydra.runtime.output_dir, hydra.output_subdir)
    return {folder / f"{name}.yaml": OmegaConf.to_yaml(node) for name, node in texts.items()}


def _depends_on_job(config: DictConfig) -> bool:
    """Whether any value but the seed depends on the seed or the job: does it resolve alike with neither known?"""
    if "${" not in OmegaConf.to_yaml(without_hydra(config)):
        return False
    known = _values(config)
    unknown = copy.deepcopy(config)
    number_job(unknown, -1)
    with flag_override(unknown, "readonly", False), flag_override(unknown.hydra, "readonly", False):
        unknown.seed = MISSING
        unknown.hydra.runtime.output_dir = unknown.hydra.job.override_dirname = ""
        unknown.hydra.overrides.task = []
    try:
        return _values(unknown) != known
    except OmegaConfBaseException:
        return True


def _values(config: DictConfig) -> dict[str, Any]:
    with current(config):
        return {str(name): _plain(config, str(name)) for name in config if name not in ("hydra", "seed")}


def _plain(config: DictConfig, name: str) -> Any:
    node = config[name]
    return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
