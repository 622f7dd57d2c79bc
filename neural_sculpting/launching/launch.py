"""What the launcher ``batch`` does: check its options, then run all jobs that are not finished, batch by batch."""

import logging
import os
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus, configure_log, run_job, setup_globals

from neural_sculpting.errors import UserError
from neural_sculpting.launching import executors as _executors
from neural_sculpting.launching.batches import Batch, finished_jobs, is_batched
from neural_sculpting.launching.composition import Composer, ReadyGroup
from neural_sculpting.launching.executors import Executor
from neural_sculpting.launching.failures import outcome, report
from neural_sculpting.launching.groups import Job, JobGroup, group_jobs, settings_of
from neural_sculpting.launching.job_records import notify_end, notify_start, write_hydras_files, write_table
from neural_sculpting.launching.progress import Progress
from neural_sculpting.launching.slurm import executor as _slurm
from neural_sculpting.launching.slurm import jobs as _slurm_jobs
from neural_sculpting.launching.slurm import options as _slurm_options

log = logging.getLogger(__name__)

Name = tuple[str, ...]
Batches = list[tuple[Name, list[ReadyGroup]]]
"""What each batch is to run, nothing where all is finished, with its name."""


def check_options(launcher: Any) -> None:
    """Check the options of a launcher that is being set up.

    Raises:
        UserError: if one is not allowed.
    """
    _executors.check(launcher.executor, launcher.workers)
    if launcher.executor == "slurm":
        max_batch_size = launcher.config.hydra.sweeper.get("max_batch_size")
        _slurm_options.check(launcher.slurm, launcher.wait, max_batch_size)
    elif not launcher.wait:
        raise UserError(
            f"hydra.launcher.wait=false: not with executor={launcher.executor}; only Slurm jobs outlive the command"
        )


def launch(launcher: Any, job_overrides: Sequence[Sequence[str]], first_number: int) -> list[JobReturn]:
    """Run jobs for a sweeper that gives their overrides as text; return one result for each, in their order."""
    loader, task_function = launcher.hydra_context.config_loader, launcher.task_function
    parser = OverridesParser.create(config_loader=loader)
    jobs: dict[int, Job] = {
        number: tuple(setting for each in parser.parse_overrides(list(lines)) for setting in settings_of(each))
        for number, lines in enumerate(job_overrides, start=first_number)
    }
    composer = Composer(loader, launcher.config, task_function)
    if is_batched(task_function, launcher.config):
        stored = finished_jobs(task_function, _folder(launcher))
        groups = group_jobs(jobs)
        ready = [each for group in groups for each in composer.ready(group, stored)]
        results = run_parts(launcher, [groups], [ready], stored)
    else:
        setup_globals()
        _log_as_hydra(launcher)
        results = {number: _run_alone(launcher, composer, number, job) for number, job in jobs.items()}
    return [results[number] for number in jobs]


def run_parts(
    launcher: Any,
    parts: Sequence[Sequence[JobGroup]],
    ready: Sequence[Sequence[ReadyGroup]],
    stored: Mapping[int, float],
) -> dict[int, JobReturn]:
    """Run the parts of a sweep one after another, each as few batches; return the results of all jobs.

    Args:
        launcher: with its options, and what Hydra gave it.
        parts: their groups, finished ones included.
        ready: those of each part that are to run.
        stored: results of an earlier run, by the numbers of their jobs.
    """
    setup_globals()
    _log_as_hydra(launcher)
    if launcher.executor != "slurm":
        _slurm_jobs.refuse_if_at_work(_folder(launcher))
    jobs = {number: job for part in parts for group in part for number, job in group.jobs.items()}
    results = {number: _result(job, stored[number]) for number, job in jobs.items() if number in stored}
    if results:
        log.info("%d of %d jobs are finished already", len(results), len(jobs))
    numbers = {number: group.first for part in parts for group in part for number in group.jobs}
    numbers |= {number: each.number for part in ready for each in part for number in each.group.jobs}
    write_table(_folder(launcher), numbers, dict(sorted(jobs.items())))
    for groups, to_run in zip(parts, ready, strict=True):
        results |= _run(launcher, _batches(groups, to_run), jobs)
    return results


def _batches(groups: Sequence[JobGroup], ready: Sequence[ReadyGroup]) -> Batches:
    """Put the groups of a part into batches."""
    batches: dict[tuple[Name, Hashable], list[ReadyGroup]] = {}
    by_first_job = {each.number: each for each in ready}
    for group in groups:
        of_group = [by_first_job[number] for number in group.jobs if number in by_first_job]
        for each in of_group:
            batches.setdefault((each.name, each.in_common), []).append(each)
        if not of_group:
            batches.setdefault((group.name, None), [])
    to_run = {name for (name, _), batch in batches.items() if batch}
    return [(name, batch) for (name, _), batch in batches.items() if batch or name not in to_run]


def _run(
    launcher: Any, batches: Sequence[tuple[Name, list[ReadyGroup]]], jobs: Mapping[int, Job]
) -> dict[int, JobReturn]:
    task, callbacks = launcher.task_function, launcher.hydra_context.callbacks
    to_run = [(index, batch) for index, (_, batch) in enumerate(batches) if batch]
    if not to_run:
        return {}
    workers = _executors.count_workers(launcher.executor, launcher.workers, len(to_run), to_run[0][1][0].threads)
    progress = Progress([name for name, _ in batches], len(to_run), workers)

    def started(place: int) -> None:
        index, batch = to_run[place]
        groups = [each.group for each in batch]
        log.info(progress.line(index, sum(len(group.jobs) for group in groups), *task.describe(groups)))

    def begin() -> Iterator[Batch]:
        for place, (_, batch) in enumerate(to_run):
            for each in batch:
                write_hydras_files(each)
                notify_start(callbacks, each, task)
            if launcher.executor != "slurm":  # which reports when a job has started
                started(place)
            groups = [each.group for each in batch]
            yield Batch(task.run_batch, groups, _folder(launcher), batch[0].environment, batch[0].logging)

    results: dict[int, JobReturn] = {}
    with closing(_executor(launcher, workers, started)(begin())) as ended:
        for place, outcomes in ended:
            progress.one_done()
            numbers = [number for each in to_run[place][1] for number in each.group.jobs]
            found = dict(zip(numbers, outcomes, strict=True))
            results |= {number: _result(jobs[number], each) for number, each in found.items()}
            for each in to_run[place][1]:
                notify_end(callbacks, each, results)
            report(found)
            _log_as_hydra(launcher)
    return results


def _run_alone(launcher: Any, composer: Composer, number: int, job: Job) -> JobReturn:
    """Run a job as Hydra's own launchers do, in a folder of its own."""
    result = run_job(
        hydra_context=launcher.hydra_context,
        task_function=launcher.task_function,
        config=composer.compose(number, job),
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )
    report({number: outcome(result)})
    _log_as_hydra(launcher)
    return result


def _result(job: Job, outcome: float | Exception) -> JobReturn:
    """Return what Hydra's sweepers get to know of a job."""
    status = JobStatus.FAILED if isinstance(outcome, Exception) else JobStatus.COMPLETED
    result = JobReturn(overrides=[each.line for each in job if not each.is_hydras], status=status)
    result.return_value = outcome
    return result


def _folder(launcher: Any) -> Path:
    return Path(os.path.abspath(launcher.config.hydra.sweep.dir))


def _log_as_hydra(launcher: Any) -> None:
    """Return to Hydra's own logging after that of the jobs."""
    configure_log(launcher.config.hydra.hydra_logging, launcher.config.hydra.verbose)


def _executor(launcher: Any, workers: int, started: Callable[[int], None]) -> Executor:
    if launcher.executor != "slurm":
        return _executors.executor(workers)
    return partial(
        _slurm.in_jobs, options=launcher.slurm, workers=launcher.workers, wait=launcher.wait, started=started
    )
