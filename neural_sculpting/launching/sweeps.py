"""What the sweeper and the launcher ``batch`` do: enumerate and check all jobs, then run them batch by batch."""

import logging
import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import fmean
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus, configure_log, run_job, setup_globals
from omegaconf import DictConfig, OmegaConf

from neural_sculpting.config.messages import MISTAKES, one_line
from neural_sculpting.errors import UserError, writing
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.batches import Batch, finished_jobs, is_batched
from neural_sculpting.launching.composition import Composer, Part, ReadyGroup
from neural_sculpting.launching.executors import count_workers, executor
from neural_sculpting.launching.groups import Job, Setting, group_jobs, jobs_of, merged, params_of, seed_of, settings_of
from neural_sculpting.launching.job_records import notify_end, notify_start, write_hydras_files, write_table
from neural_sculpting.launching.reporting import Progress, SweepFailed, outcome, report
from neural_sculpting.launching.slurm.jobs import refuse_if_at_work

log = logging.getLogger(__name__)

Name = tuple[str, ...]


def sweep(sweeper: Any, arguments: Sequence[str]) -> list[Sequence[JobReturn]]:
    """Check and run all jobs; return one list of results for each part of at most ``max_batch_size`` jobs.

    Raises:
        SweepFailed: when all jobs have run and some of them failed.
        Exception: from composing or from the check of the task function, before anything is written.
    """
    config, loader, task_function = sweeper.config, sweeper.hydra_context.config_loader, sweeper.task_function
    parser = OverridesParser.create(config_loader=loader)
    params = parser.parse_overrides(params_of({"params": sweeper.params}))
    jobs = jobs_of(merged(params, parser.parse_overrides(list(arguments))))
    numbers, size = [*jobs], sweeper.max_batch_size or len(jobs)
    parts = [{number: jobs[number] for number in numbers[at : at + size]} for at in range(0, len(jobs), size)]
    folder = Path(os.path.abspath(config.hydra.sweep.dir))
    stored = finished_jobs(task_function, config)
    composer = Composer(loader, config, task_function)
    if hasattr(task_function, "validate"):
        ready = [composer.ready(part, stored) for part in parts]
    else:
        for group in group_jobs(jobs):
            composer.compose(group.first, group.jobs[group.first])  # raises where that cannot be done

    prepare_folder(config, folder)
    if getattr(sweeper.launcher, "runs_groups", False) and is_batched(task_function, config):
        results = run_parts(sweeper.launcher, ready, stored)
        returns: list[Sequence[JobReturn]] = [[results[number] for number in part] for part in parts]
    else:
        lines = [[[setting.line for setting in job] for job in part.values()] for part in parts]
        firsts = [next(iter(part)) for part in parts]
        returns = [launch_as_text(sweeper.launcher, *each) for each in zip(lines, firsts, strict=True)]
    outcomes = [outcome(result) for part in returns for result in part]
    failures = [error for error in outcomes if isinstance(error, Exception)]
    if failures:
        refused = all(isinstance(each, UserError) for each in outcomes)
        raise SweepFailed(f"{len(failures)} of {len(outcomes)} jobs failed", refused) from failures[0]
    return returns


def prepare_folder(config: DictConfig, folder: Path) -> None:
    """Make the folder of a sweep, and write its configuration as Hydra does; that of a resumed run stays."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "multirun.yaml").is_file():
        atomic_write(folder / "multirun.yaml", lambda path: OmegaConf.save(config, path))


def launch_as_text(launcher: Any, job_overrides: Sequence[Sequence[str]], first_number: int) -> Sequence[JobReturn]:
    """Run some jobs by a launcher that takes their overrides as text."""
    results: Sequence[JobReturn] = launcher.launch(job_overrides, initial_job_idx=first_number)
    if not getattr(launcher, "runs_groups", False):  # which reports failures itself
        report({number: outcome(result) for number, result in enumerate(results, start=first_number)})
    return results


def launch(
    launcher: Any, job_overrides: Sequence[Sequence[str]], first_number: int, *, refused_fail: bool = False
) -> list[JobReturn]:
    """Run jobs for a sweeper that gives their overrides as text; return one result for each, in their order.

    A job whose seed is a list is one for each of them, numbered accordingly; its result is their mean. A job that is
    refused is an error for all, or fails alone if ``refused_fail``.
    """
    loader, task_function = launcher.hydra_context.config_loader, launcher.task_function
    parser = OverridesParser.create(config_loader=loader)
    jobs: dict[int, Job] = {
        number: tuple(setting for each in parser.parse_overrides(list(lines)) for setting in settings_of(each))
        for number, lines in enumerate(job_overrides, start=first_number)
    }
    composer = Composer(loader, launcher.config, task_function)
    if not is_batched(task_function, launcher.config):
        setup_globals()
        _log_as_hydra(launcher)
        return [_run_alone(launcher, composer, number, job) for number, job in jobs.items()]
    members = {number: _for_each_seed(number, job) for number, job in jobs.items()}
    alone = all(len(each) == 1 for each in members.values())
    stored = finished_jobs(task_function, launcher.config) if alone and not refused_fail else {}
    part: Part = []
    results: dict[int, JobReturn] = {}
    together = {member: job for each in members.values() for member, job in each.items()}
    for each in members.values() if refused_fail else [together]:
        try:
            part += composer.ready(each, stored)
        except MISTAKES as error:
            if not refused_fail:
                raise
            problem = UserError(one_line(error))
            report(dict.fromkeys(each, problem))
            results |= {member: _result(job, problem) for member, job in each.items()}
    results |= run_parts(launcher, [part], stored) if part else {}
    return [_mean_result(jobs[number], [results[member] for member in each]) for number, each in members.items()]


def _for_each_seed(number: int, job: Job) -> dict[int, Job]:
    """Return a job whose seed is a list as one job for each of them."""
    seed = seed_of(job)
    if seed is None or not isinstance(seed.value, list):
        return {number: job}
    settings = [Setting(seed.key, str(value), value) for value in seed.value]
    jobs = (tuple(setting if each is seed else each for each in job) for setting in settings)
    return dict(enumerate(jobs, start=number * len(settings)))


def _mean_result(job: Job, results: Sequence[JobReturn]) -> JobReturn:
    outcomes = [outcome(result) for result in results]
    failure = next((each for each in outcomes if isinstance(each, Exception)), None)
    return results[0] if len(results) == 1 else _result(job, failure or fmean(outcomes))


def run_parts(launcher: Any, parts: Sequence[Part], stored: Mapping[int, float]) -> dict[int, JobReturn]:
    """Run the parts of a sweep one after another, each as few batches; return the results of all jobs.

    ``stored`` are the results of an earlier run by job number.
    """
    setup_globals()
    _log_as_hydra(launcher)
    if launcher.executor != "slurm":
        refuse_if_at_work(_folder(launcher))
    jobs = {number: job for part in parts for group, _ in part for number, job in group.jobs.items()}
    results = {number: _result(job, stored[number]) for number, job in jobs.items() if number in stored}
    if results:
        log.info("%d of %d jobs are finished already", len(results), len(jobs))
    numbers = {number: group.first for part in parts for group, _ in part for number in group.jobs}
    ready = [each for part in parts for _, ready in part for each in ready]
    numbers |= {number: each.number for each in ready for number in each.group.jobs}
    write_table(_folder(launcher), numbers, dict(sorted(jobs.items())))
    for part in parts:
        results |= _run(launcher, _batches(part), jobs)
    return results


def _batches(part: Part) -> list[tuple[Name, list[ReadyGroup]]]:
    """Put the groups of a part into batches; return the name and the groups of each, none where all is finished."""
    batches: dict[tuple[Name, Hashable], list[ReadyGroup]] = {}
    for group, ready in part:
        for each in ready:
            batches.setdefault((each.name, each.in_common), []).append(each)
        if not ready:
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
    workers = count_workers(launcher.executor, launcher.workers, len(to_run), to_run[0][1][0].threads)
    progress = Progress([name for name, _ in batches], len(to_run), workers)

    def started(position: int) -> None:
        index, batch = to_run[position]
        groups = [each.group for each in batch]
        log.info(progress.line(index, sum(len(group.jobs) for group in groups), *task.describe(groups)))

    def begin() -> Iterator[Batch]:
        for position, (_, batch) in enumerate(to_run):
            for each in batch:
                write_hydras_files(each)
                notify_start(callbacks, each, task)
            if launcher.executor != "slurm":  # which reports when a job has started
                started(position)
            groups = [each.group for each in batch]
            yield Batch(task.run_batch, groups, _folder(launcher), batch[0].environment, batch[0].logging)

    results: dict[int, JobReturn] = {}
    with closing(executor(launcher, workers, started)(begin())) as ended:
        for position, outcomes in ended:
            progress.one_done()
            _, batch = to_run[position]
            found = dict(zip((number for each in batch for number in each.group.jobs), outcomes, strict=True))
            results |= {number: _result(jobs[number], each) for number, each in found.items()}
            for each in batch:
                notify_end(callbacks, each, results)
            report(found)
            _log_as_hydra(launcher)
    return results


def _run_alone(launcher: Any, composer: Composer, number: int, job: Job) -> JobReturn:
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
    status = JobStatus.FAILED if isinstance(outcome, Exception) else JobStatus.COMPLETED
    result = JobReturn(overrides=[each.line for each in job if not each.is_hydras], status=status)
    result.return_value = outcome
    return result


def _folder(launcher: Any) -> Path:
    return Path(os.path.abspath(launcher.config.hydra.sweep.dir))


def _log_as_hydra(launcher: Any) -> None:
    configure_log(launcher.config.hydra.hydra_logging, launcher.config.hydra.verbose)
