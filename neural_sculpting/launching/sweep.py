"""What the sweeper does: make the jobs, check them all, then launch."""

import os
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from omegaconf import OmegaConf

from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import finished_jobs
from neural_sculpting.launching.composition import Composer
from neural_sculpting.launching.current import restored, set_current
from neural_sculpting.launching.failures import SweepFailed, failure, report
from neural_sculpting.launching.grouping import group_jobs


def sweep(sweeper: Any, arguments: Sequence[str]) -> list[Sequence[JobReturn]]:
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
    folder = Path(os.path.abspath(sweeper.config.hydra.sweep.dir))
    finished = finished_jobs(sweeper.task_function, folder)
    _check(sweeper, composer, [job for batch in batches for job in batch], finished)

    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "multirun.yaml").exists():  # that of the run that is resumed stays
        OmegaConf.save(sweeper.config, folder / "multirun.yaml")
    launcher: Any = sweeper.launcher
    if hasattr(launcher, "composer"):  # BatchLauncher: not by its class, which Hydra may import a second time
        launcher.composer, launcher.finished = composer, finished
    returns = _launch(launcher, batches)
    _raise_failure(returns)
    return returns


def _check(sweeper: Any, composer: Composer, jobs: Sequence[Sequence[str]], finished: Container[int]) -> None:
    """Compose every group and have the task function check every job that is not finished."""
    validate = getattr(sweeper.task_function, "validate", None)
    for group in group_jobs(jobs):
        left = [place for place in group if place not in finished]
        if not left:
            continue
        with restored():
            set_current(composer.job(jobs[left[0]], left[0]).config)
            for place in left:
                task = composer.task(jobs[place])
                if validate is not None:
                    validate(task)


def _launch(launcher: Launcher, batches: Sequence[Sequence[Sequence[str]]]) -> list[Sequence[JobReturn]]:
    returns: list[Sequence[JobReturn]] = []
    for batch in batches:
        results = launcher.launch(batch, initial_job_idx=sum(map(len, returns)))
        if not hasattr(launcher, "composer"):
            report(dict(enumerate(results, start=sum(map(len, returns)))))
        returns.append(results)
    return returns


def _raise_failure(returns: Sequence[Sequence[JobReturn]]) -> None:
    results = [result for batch in returns for result in batch]
    failures = [error for error in map(failure, results) if error is not None]
    if failures:
        mistakes = [error for error in failures if isinstance(error, UserError)]
        raise SweepFailed(len(failures), len(results), refused=len(mistakes) == len(results)) from failures[0]
