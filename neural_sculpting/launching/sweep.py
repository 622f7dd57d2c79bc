"""What the sweeper ``batch`` does: enumerate the jobs, check them all, then launch."""

import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn
from omegaconf import OmegaConf

from neural_sculpting.errors import UserError
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.batches import finished_jobs, is_batched
from neural_sculpting.launching.composition import Composer
from neural_sculpting.launching.failures import SweepFailed, outcome, report
from neural_sculpting.launching.groups import Job, group_jobs, jobs_of, merged, params_of
from neural_sculpting.launching.launch import run_parts


def sweep(sweeper: Any, arguments: Sequence[str]) -> list[Sequence[JobReturn]]:
    """Check and run all jobs; return one list of results for each part of at most ``max_batch_size`` jobs.

    Raises:
        SweepFailed: when all jobs have run and some of them failed.
        Exception: what composing or the check of the task function raises, before anything is written.
    """
    config, loader, task_function = sweeper.config, sweeper.hydra_context.config_loader, sweeper.task_function
    parser = OverridesParser.create(config_loader=loader)
    params = parser.parse_overrides(params_of({"params": sweeper.params}))
    jobs = jobs_of(merged(params, parser.parse_overrides(list(arguments))))
    numbers, size = [*jobs], sweeper.max_batch_size or len(jobs)
    parts = [{number: jobs[number] for number in numbers[at : at + size]} for at in range(0, len(jobs), size)]
    folder = Path(os.path.abspath(config.hydra.sweep.dir))
    stored = finished_jobs(task_function, folder)
    composer = Composer(loader, config, task_function)
    groups = [group_jobs(part) for part in parts]
    if hasattr(task_function, "validate"):
        ready = [[each for group in part for each in composer.ready(group, stored)] for part in groups]
    else:
        for group in chain(*groups):
            composer.compose(group.first, group.jobs[group.first])  # raises where that cannot be done

    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "multirun.yaml").exists():  # that of the run that is resumed stays
        atomic_write(folder / "multirun.yaml", lambda path: OmegaConf.save(config, path))
    if getattr(sweeper.launcher, "runs_groups", False) and is_batched(task_function, config):
        results = run_parts(sweeper.launcher, groups, ready, stored)
        returns: list[Sequence[JobReturn]] = [[results[number] for number in part] for part in parts]
    else:
        returns = [_launch(sweeper.launcher, part) for part in parts]
    _raise_failure(returns)
    return returns


def _launch(launcher: Any, jobs: Mapping[int, Job]) -> Sequence[JobReturn]:
    """Have some jobs run by a launcher that takes their overrides as text."""
    lines = [[setting.line for setting in job] for job in jobs.values()]
    results: Sequence[JobReturn] = launcher.launch(lines, initial_job_idx=next(iter(jobs)))
    if not getattr(launcher, "runs_groups", False):  # which reports failures itself
        report({number: outcome(result) for number, result in zip(jobs, results, strict=True)})
    return results


def _raise_failure(returns: Sequence[Sequence[JobReturn]]) -> None:
    outcomes = [outcome(result) for part in returns for result in part]
    failures = [error for error in outcomes if isinstance(error, Exception)]
    if failures:
        mistakes = [error for error in failures if isinstance(error, UserError)]
        raise SweepFailed(len(failures), len(outcomes), refused=len(mistakes) == len(outcomes)) from failures[0]
