"""The task function: what Hydra calls for a job, and the launcher ``batch`` for a group of them."""

import logging
import multiprocessing
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from neural_sculpting.config.loading import load
from neural_sculpting.config.schemas import Config
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.launching.batched import batched
from neural_sculpting.records.finished import stored_result, stored_results
from neural_sculpting.tasks import build_task
from neural_sculpting.tracking import check_tracking

log = logging.getLogger(__name__)

Item = TypeVar("Item")


def validate(cfg: DictConfig) -> Config:
    """Check a composed configuration without a node ``hydra``.

    Raises:
        UserError: at the first value that is not allowed, or if W&B is asked for online and there is no key.
    """
    values: Any = OmegaConf.to_container(cfg, resolve=True)
    config = load(values)
    check_tracking(config.logger)
    return config


def describe(configs: Sequence[Config]) -> tuple[str, str]:
    """Say what jobs have in common and how much they are.

    Returns:
        Such as ``("boolean_sep 4-24-4", "36 trials")``.
    """
    task_config, hidden = configs[0].task, configs[0].arch.hidden
    task = build_task(task_config.name, **task_config.parameters)
    layers = "-".join(map(str, (task.n_inputs, *hidden, task.n_outputs)))
    network = configs[0].network
    start = f" from {network.file}" if network is not None else ""
    networks = sum(len(config.pruning.unit.step) * len(config.pruning.edge.step) for config in configs)
    trials = len({config.seed for config in configs})
    counted = f"{networks} networks" if networks > trials else f"{trials} trials" if trials > 1 else "1 trial"
    return f"{task.title} {layers}{start}", counted


def run_group(configs: Sequence[Config], jobs: Sequence[int], folder: Path) -> list[float | Exception]:
    """Run jobs as few batched computations: one for all whose configurations differ only in seed and steps.

    The overrides of the jobs of a group do, but a value may be an interpolation that leads to one of them.

    Args:
        configs: the configuration of every job.
        jobs: the number of every job.
        folder: where the results go.

    Returns:
        For every job, in order, 1.0 or 0.0 for success, or the exception that ended it.
    """
    with gc_paused():
        from neural_sculpting import pipeline  # takes seconds: torch and lightning

    if multiprocessing.parent_process() is not None:
        configs = [_without_progress_line(config) for config in configs]
        logging.getLogger("neural_sculpting.tasks").setLevel(logging.WARNING)  # the parent says what tasks take
    results: dict[int, float | Exception] = {}
    for batch in _alike(range(len(configs)), lambda place: _without_steps(configs[place])):
        places = _alike(batch, lambda place: _without_seed(configs[place]))
        parts = [
            pipeline.SeedGroup(
                config=configs[part[0]],
                seeds=tuple(configs[place].seed for place in part),
                jobs=tuple(jobs[place] for place in part),
            )
            for part in places
        ]
        for part, outcomes in zip(places, pipeline.run_batch(parts, folder), strict=True):
            results.update(zip(part, outcomes, strict=True))
    return [results[place] for place in range(len(configs))]


@batched(validate=validate, run_group=run_group, describe=describe, finished=stored_results)
def job(cfg: DictConfig) -> float:
    """Run one job, alone; the task function of Hydra.

    Returns:
        1.0 or 0.0: whether the trial is a success, from an earlier run where that has finished it. What ended it
        is raised.
    """
    hydra = HydraConfig.get()
    if hydra.mode == RunMode.MULTIRUN:
        number, folder = hydra.job.num, Path(hydra.runtime.cwd, hydra.sweep.dir)
    else:
        number, folder = 0, Path(hydra.runtime.output_dir)
    stored = stored_result(folder, number)  # launchers of others ask for every job
    if stored is not None:
        return stored
    config = validate(cfg)
    log.info(": ".join(describe([config])))
    [result] = run_group([config], [number], folder)
    if isinstance(result, Exception):
        raise result
    return result


def _alike(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    """Return items of the same key together, in the order in which they come."""
    found: dict[Hashable, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


def _without_seed(config: Config) -> Config:
    return config.model_copy(update={"seed": 0})


def _without_steps(config: Config) -> Config:
    """Return what the jobs of one batch have in common."""
    unit = config.pruning.unit.model_copy(update={"step": ()})
    edge = config.pruning.edge.model_copy(update={"step": ()})
    return _without_seed(config).model_copy(
        update={"pruning": config.pruning.model_copy(update={"unit": unit, "edge": edge})}
    )


def _without_progress_line(config: Config) -> Config:
    """Leave out the progress line in a worker process: those of several workers would write over each other."""
    return config.model_copy(update={"trainer": config.trainer.model_copy(update={"progress_bar": False})})
