"""The task function: what Hydra calls for a job, and the launcher ``batch`` for a group of them."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from neural_sculpting.command_line.batched import batched
from neural_sculpting.configuration import load
from neural_sculpting.schemas import Config
from neural_sculpting.tasks import build_task

log = logging.getLogger(__name__)


def validate(cfg: DictConfig) -> Config:
    """Check a composed configuration without a node ``hydra``.

    Raises:
        UserError: at the first value that is not allowed.
    """
    values: Any = OmegaConf.to_container(cfg, resolve=True)
    return load(values)


def run_group(cfgs: Sequence[DictConfig], jobs: Sequence[int], folder: Path) -> list[float | Exception]:
    """Run jobs as few batched computations: one for all whose configurations differ only in the seed.

    Args:
        cfgs: the composed configuration of every job.
        jobs: the number of every job.
        folder: where the results go.

    Returns:
        For every job, in order, 1.0 or 0.0 for success, or the exception that ended it.
    """
    from neural_sculpting import pipeline  # takes seconds: torch and lightning

    configs = [validate(cfg) for cfg in cfgs]
    results: dict[int, float | Exception] = {}
    for places in _alike(configs):
        config = configs[places[0]]
        log.info(_headline(config, len(places)))
        seeds = [configs[place].seed for place in places]
        outcomes = pipeline.run_group(config, seeds, [jobs[place] for place in places], folder)
        results.update(zip(places, outcomes, strict=True))
    return [results[place] for place in range(len(cfgs))]


@batched(validate=validate, run_group=run_group)
def job(cfg: DictConfig) -> float:
    """Run one job, alone; the task function of Hydra.

    Returns:
        1.0 or 0.0: whether the trial is a success. What ended it is raised.
    """
    hydra = HydraConfig.get()
    if hydra.mode == RunMode.MULTIRUN:
        number, folder = hydra.job.num, Path(hydra.runtime.cwd, hydra.sweep.dir)
    else:
        number, folder = 0, Path(hydra.runtime.output_dir)
    [result] = run_group([cfg], [number], folder)
    if isinstance(result, Exception):
        raise result
    return result


def _alike(configs: Sequence[Config]) -> list[list[int]]:
    """Return the places of configurations that differ only in the seed, together.

    The overrides of the jobs of a group do, but a value may be an interpolation that leads to the seed.
    """
    groups: list[list[int]] = []
    for place, config in enumerate(configs):
        for group in groups:
            first = configs[group[0]]
            if config.model_copy(update={"seed": first.seed}) == first:
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def _headline(config: Config, trials: int) -> str:
    task = build_task(config.task.name, **config.task.parameters)
    parameters = (f"{key}={value}" for key, value in config.task.parameters.items())
    layers = "-".join(map(str, (task.n_inputs, *config.arch.hidden, task.n_outputs)))
    count = f"{trials} trials in one batch" if trials > 1 else "1 trial"
    return f"{' '.join([config.task.name, *parameters, layers])}: {count}"
