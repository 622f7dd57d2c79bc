"""The task function: what Hydra calls for a job, and the launcher ``batch`` for a group of them."""

import logging
import multiprocessing
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, ListConfig, OmegaConf

from neural_sculpting.config.loading import load, named_network
from neural_sculpting.config.schemas import Config, SeedGroup
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.launching.batches import batched
from neural_sculpting.records.finished import stored_result, stored_results
from neural_sculpting.records.plan import FILE
from neural_sculpting.records.starts import start_named
from neural_sculpting.tasks import build_task
from neural_sculpting.tracking import check_tracking
from neural_sculpting.user_code import exits_are_errors

STORED_OBJECTIVE = "success"
"""That of :func:`stored_results`."""

log = logging.getLogger(__name__)


def validate(cfg: DictConfig) -> Config:
    """Check a composed configuration without a ``hydra`` node.

    Raises:
        UserError: at the first value that is not allowed, or if W&B is to be used online and there is no key.
    """
    values: Any = OmegaConf.to_container(cfg, resolve=True)
    config = load(values, start_named(named_network(values)[0]))
    check_tracking(config.logger)
    return config


def describe(groups: Sequence[SeedGroup]) -> tuple[str, str]:
    """Describe the jobs of a batch: what they have in common, and their number.

    Example:
        ``("boolean_sep 4-24-4", "36 trials")``
    """
    config = groups[0].config
    task = build_task(config.task.name, **config.task.parameters)
    layers = config.arch.title(task.n_inputs, task.n_outputs)
    start = f" from {config.network.file}" if config.network is not None else ""
    networks = sum(len(group.seeds) * group.config.pruning.networks for group in groups)
    trials = len({seed for group in groups for seed in group.seeds})
    counted = f"{networks} networks" if networks > trials else f"{trials} trials" if trials > 1 else "1 trial"
    return f"{task.title} {layers}{start}", counted


def in_common(config: Config) -> Config:
    """Return the configuration without seed and steps, in which the groups of one batch agree."""
    return config.model_copy(update={"seed": 0, "pruning": config.pruning.without_steps()})


def run_batch(groups: Sequence[SeedGroup], folder: Path) -> list[list[float | Exception]]:
    """Run the groups of a batch, which differ in seeds and steps only, as one computation.

    Returns:
        For each job of each group its value for ``objective``, or the exception that ended it.
    """
    with gc_paused(for_good=True):
        from neural_sculpting import pipeline  # takes seconds: torch and lightning

    if multiprocessing.parent_process() is not None:  # the progress lines of several workers would mix
        quiet = groups[0].config.trainer.model_copy(update={"progress_bar": False})  # the groups share their trainer
        groups = [replace(group, config=group.config.model_copy(update={"trainer": quiet})) for group in groups]
        logging.getLogger("neural_sculpting.tasks").setLevel(logging.WARNING)  # the parent reports what tasks take
    with exits_are_errors():  # the launchers of Hydra would end
        return pipeline.run_batch(groups, folder)


def finished(folder: Path, cfg: DictConfig) -> dict[int, float]:
    """Return the results of finished jobs that can be known at once; the others are loaded when they are due.

    There are none where the plan is lost, and groups are compared when they are due.
    """
    return stored_results(folder) if cfg.objective == STORED_OBJECTIVE and (folder / FILE).exists() else {}


@batched(validate=validate, run_batch=run_batch, in_common=in_common, describe=describe, finished=finished)
def job(cfg: DictConfig) -> float:
    """Run one job, alone, unless an earlier run has finished it; the task function of Hydra.

    Its seed may be a list: each of them is a trial.

    Returns:
        The value of the trial, or the mean of several, for ``objective``. What ended one is raised.
    """
    hydra = HydraConfig.get()
    if hydra.mode == RunMode.MULTIRUN:
        number, folder = hydra.job.num, Path(hydra.runtime.cwd, hydra.sweep.dir)
    else:
        number, folder = 0, Path(hydra.runtime.output_dir)
    if isinstance(cfg.seed, ListConfig):
        return _run_seeds(cfg, list(cfg.seed), number, folder)
    can_be_stored = cfg.objective == STORED_OBJECTIVE and (folder / FILE).exists()
    stored = stored_result(folder, number) if can_be_stored else None  # other launchers ask for every job
    return _run_seeds(cfg, [cfg.seed], number, folder) if stored is None else stored


def _run_seeds(cfg: DictConfig, seeds: Sequence[int], job: int, folder: Path) -> float:
    """Run a trial for each seed, numbered as if each were a job; other values may refer to the seed."""
    groups: dict[Config, list[tuple[Config, int]]] = {}
    for number, seed in enumerate(seeds, start=job * len(seeds)):
        alone = OmegaConf.merge(cfg, {"seed": seed})
        assert isinstance(alone, DictConfig)
        config = validate(alone)
        groups.setdefault(config.model_copy(update={"seed": 0}), []).append((config, number))
    values: list[float] = []
    for members in groups.values():
        group = SeedGroup(
            members[0][0], tuple(each.seed for each, _ in members), tuple(number for _, number in members)
        )
        log.info(": ".join(describe([group])))
        for value in run_batch([group], folder)[0]:
            if isinstance(value, Exception):
                raise value
            values.append(value)
    return fmean(values)
