"""What the sweeper does: make the jobs, check them all, then launch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn
from omegaconf import OmegaConf

from hydra_plugins.neural_sculpting._composition import Composer
from hydra_plugins.neural_sculpting._current import restored, set_current
from hydra_plugins.neural_sculpting._failures import SweepFailed, failure, report
from hydra_plugins.neural_sculpting._groups import group_jobs
from hydra_plugins.neural_sculpting.batch_sweeper import BatchSweeper


def sweep(sweeper: BatchSweeper, arguments: Sequence[str]) -> list[Sequence[JobReturn]]:
    """Check and run all jobs.

    Raises:
        SweepFailed: when all jobs have run and some of them failed.
        Exception: what composing or the check of the task function raises, before anything is written.
    """
    assert sweeper.config is not None  # setup has been called
    assert sweeper.hydra_context is not None
    assert sweeper.launcher is not None
    loader = sweeper.hydra_context.config_loader
    parser = OverridesParser.create(config_loader=loader)
    overrides = parser.parse_overrides([*sweeper._parse_config(), *arguments])
    batches = sweeper.split_arguments(overrides, sweeper.max_batch_size)
    composer = Composer(loader, sweeper.config)
    _check(sweeper, composer, [job for batch in batches for job in batch])

    folder = Path(str(sweeper.config.hydra.sweep.dir))
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(sweeper.config, folder / "multirun.yaml")
    returns = _launch(sweeper.launcher, batches, composer)
    _raise_failure(returns)
    return returns


def _check(sweeper: BatchSweeper, composer: Composer, jobs: Sequence[Sequence[str]]) -> None:
    """Compose every group and have the task function check every job."""
    validate = getattr(sweeper.task_function, "validate", None)
    for group in group_jobs(jobs):
        with restored():
            set_current(composer.job(jobs[group[0]], group[0]).config)
            for place in group:
                task = composer.task(jobs[place])
                if validate is not None:
                    validate(task)


def _launch(launcher: Any, batches: Sequence[Sequence[Sequence[str]]], composer: Composer) -> list[Sequence[JobReturn]]:
    is_batch_launcher = hasattr(launcher, "composer")  # not by its class, which Hydra may import a second time
    if is_batch_launcher:
        launcher.composer = composer
    returns: list[Sequence[JobReturn]] = []
    for batch in batches:
        results = launcher.launch(batch, initial_job_idx=sum(map(len, returns)))
        if not is_batch_launcher:
            report(results)
        returns.append(results)
    return returns


def _raise_failure(returns: Sequence[Sequence[JobReturn]]) -> None:
    results = [result for batch in returns for result in batch]
    failures = [error for error in map(failure, results) if error is not None]
    if failures:
        raise SweepFailed(len(failures), len(results)) from failures[0]
