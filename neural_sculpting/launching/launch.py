"""What the launcher does: all jobs that are not finished, group by group."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, configure_log, run_job, setup_globals
from omegaconf import OmegaConf

from neural_sculpting.launching import executors as _executors
from neural_sculpting.launching.batches import Batch, finished_jobs
from neural_sculpting.launching.composition import Composer
from neural_sculpting.launching.current import restored
from neural_sculpting.launching.executors import Executor
from neural_sculpting.launching.failures import report
from neural_sculpting.launching.grouping import group_jobs
from neural_sculpting.launching.large_sweeps import Jobs, LeanGroup, result_of, write_overview
from neural_sculpting.launching.progress import Progress
from neural_sculpting.launching.running import RunningGroup
from neural_sculpting.launching.slurm import executor as _slurm
from neural_sculpting.launching.slurm import jobs as _slurm_jobs

log = logging.getLogger(__name__)


def launch(launcher: Any, job_overrides: Sequence[Sequence[str]], first_number: int) -> list[JobReturn]:
    """Run all jobs that are not finished yet; return one result for each job, in their order."""
    setup_globals()
    hydra = launcher.config.hydra
    _log_as_hydra(launcher)
    jobs = dict(enumerate(job_overrides, start=first_number))
    stored = launcher.finished
    if stored is None:
        stored = finished_jobs(launcher.task_function, Path(os.path.abspath(hydra.sweep.dir)))
    results = {number: result_of(jobs[number], stored[number]) for number in jobs if number in stored}
    if results:
        log.info("%d of %d jobs are finished already", len(results), len(jobs))
    if hasattr(launcher.task_function, "run_group") and not hydra.job.chdir:  # each in a folder of its own
        _run_in_batches(launcher, jobs, results)
    else:
        _run_one_by_one(launcher, jobs, results)
    return [results[number] for number in jobs]


def _run_one_by_one(launcher: Any, jobs: Jobs, results: dict[int, JobReturn]) -> None:
    composer = _composer(launcher)
    for number in [number for number in jobs if number not in results]:
        results[number] = run_job(
            hydra_context=launcher.hydra_context,
            task_function=launcher.task_function,
            config=composer.job(jobs[number], number).config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
        report({number: results[number]})
        _log_as_hydra(launcher)


def _run_in_batches(launcher: Any, jobs: Jobs, results: dict[int, JobReturn]) -> None:
    numbers = list(jobs)
    groups = [[numbers[place] for place in group] for group in group_jobs(list(jobs.values()))]
    left = {place: [number for number in group if number not in results] for place, group in enumerate(groups)}
    left = {place: group for place, group in left.items() if group}
    folder = Path(os.path.abspath(launcher.config.hydra.sweep.dir))
    if launcher.executor != "slurm":
        _slurm_jobs.refuse_if_at_work(folder)
    if not left:
        return
    composer, running = _composer(launcher), dict[int, RunningGroup | LeanGroup]()
    begin_group = _beginning(launcher, jobs, composer)
    first = composer.task(jobs[next(iter(left.values()))[0]])
    threads = OmegaConf.select(first, "trainer.threads") or 1
    workers = _executors.count_workers(launcher.executor, launcher.workers, len(left), threads)
    progress = Progress([jobs[group[0]] for group in groups], to_run=len(left), at_once=workers)
    task_function: Any = launcher.task_function
    lines: list[Callable[[], str]] = []

    def tell(place: int) -> None:
        log.info(lines[place]())

    def begin() -> Iterator[Batch]:
        for place, group in left.items():
            members = {number: jobs[number] for number in group}
            running[len(lines)] = together = begin_group(members)
            batch = together.begin()
            lines.append(partial(progress.line, place, len(group), *task_function.describe(batch.configs)))
            if launcher.executor != "slurm":  # which tells when a job has started
                tell(-1)
            yield batch

    with restored(), closing(_executor(launcher, workers, tell)(begin())) as ended:
        for place, outcomes in ended:
            progress.one_done()
            results.update(running.pop(place).end(outcomes))
            _log_as_hydra(launcher)


def _beginning(launcher: Any, jobs: Jobs, composer: Composer) -> Callable[[Jobs], RunningGroup | LeanGroup]:
    """Return what makes a group of some jobs; where folders for all would be too many, write the table of them."""
    task_function, context = launcher.task_function, launcher.hydra_context
    if len(jobs) <= launcher.job_folders or context.callbacks.callbacks:  # which are told of every job
        return lambda members: RunningGroup(
            [composer.job(overrides, number) for number, overrides in members.items()], task_function, context
        )
    write_overview(jobs, composer)
    return lambda members: LeanGroup(members, composer, task_function)


def _executor(launcher: Any, workers: int, started: Callable[[int], None]) -> Executor:
    if launcher.executor != "slurm":
        return _executors.executor(workers)
    return partial(
        _slurm.in_jobs, options=launcher.slurm, workers=launcher.workers, wait=launcher.wait, started=started
    )


def _composer(launcher: Any) -> Composer:
    return launcher.composer or Composer(launcher.hydra_context.config_loader, launcher.config)


def _log_as_hydra(launcher: Any) -> None:
    """Go back to Hydra's own logging after that of the jobs."""
    configure_log(launcher.config.hydra.hydra_logging, launcher.config.hydra.verbose)
