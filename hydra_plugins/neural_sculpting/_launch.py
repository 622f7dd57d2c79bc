"""What the launcher does: group by group, one call of the task function."""

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import (
    JobReturn,
    JobRuntime,
    JobStatus,
    configure_log,
    env_override,
    run_job,
    setup_globals,
)
from hydra.types import TaskFunction
from omegaconf import DictConfig, OmegaConf, flag_override

from hydra_plugins.neural_sculpting._composition import Composer, Job
from hydra_plugins.neural_sculpting._current import restored, set_current
from hydra_plugins.neural_sculpting._failures import report
from hydra_plugins.neural_sculpting._files import HydraFiles
from hydra_plugins.neural_sculpting._groups import group_jobs, seed_place
from hydra_plugins.neural_sculpting.batch_launcher import BatchLauncher

log = logging.getLogger(__name__)

GroupFunction = Callable[[list[DictConfig], list[int], Path], list[float | Exception]]


def launch(launcher: BatchLauncher, job_overrides: Sequence[Sequence[str]], first_number: int) -> list[JobReturn]:
    """Run all jobs, group by group; return one result for each, in their order."""
    setup_globals()
    config = launcher.config
    composer = launcher.composer or Composer(launcher.hydra_context.config_loader, config)
    configure_log(config.hydra.hydra_logging, config.hydra.verbose)
    results: dict[int, JobReturn] = {}
    groups = group_jobs(job_overrides)
    for number, group in enumerate(groups, start=1):
        if len(groups) > 1:
            log.info("group %d of %d: %s", number, len(groups), _in_common(job_overrides[group[0]]))
        jobs = [composer.job(job_overrides[place], first_number + place) for place in group]
        run = _run_batch if _can_be_batched(launcher.task_function, jobs[0]) else _run_one_by_one
        results.update(zip(group, run(launcher, jobs), strict=True))
        configure_log(config.hydra.hydra_logging, config.hydra.verbose)
    return [results[place] for place in range(len(job_overrides))]


def run_group(
    task_function: GroupFunction, configs: list[DictConfig], jobs: list[int], folder: Path
) -> list[float | Exception]:
    """Run one group; an exception becomes the result of each of its jobs.

    Everything it takes and returns can be pickled, so that a group can run in another process.
    """
    try:
        results = task_function(configs, jobs, folder)
    except Exception as error:
        return [error] * len(jobs)
    if len(results) != len(jobs):
        return [RuntimeError(f"{len(results)} results for {len(jobs)} jobs")] * len(jobs)
    return results


def _in_common(overrides: Sequence[str]) -> str:
    place = seed_place(overrides)
    return " ".join(override for index, override in enumerate(overrides) if index != place)


def _can_be_batched(task_function: TaskFunction, job: Job) -> bool:
    """Tell whether jobs can share a call: not when each wants to run in a folder of its own."""
    return hasattr(task_function, "run_group") and not job.config.hydra.job.chdir


def _run_one_by_one(launcher: BatchLauncher, jobs: list[Job]) -> list[JobReturn]:
    results = []
    for job in jobs:
        result = run_job(
            hydra_context=launcher.hydra_context,
            task_function=launcher.task_function,
            config=job.config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
        report([result])
        results.append(result)
    return results


def _run_batch(launcher: BatchLauncher, jobs: list[Job]) -> list[JobReturn]:
    """Do for all jobs at once what Hydra's ``run_job`` does for one."""
    task_function: Any = launcher.task_function
    callbacks = launcher.hydra_context.callbacks
    first = jobs[0].config.hydra
    with restored():
        results = [_begin(job) for job in jobs]
        _write_files(jobs)
        configure_log(first.job_logging, first.verbose)
        with env_override(first.job.env_set):
            for job in jobs:
                set_current(job.hydra)
                callbacks.on_job_start(config=job.config, task_function=task_function)
            set_current(jobs[0].hydra)
            tasks, numbers = [job.task for job in jobs], [job.number for job in jobs]
            folder = Path(os.path.abspath(first.sweep.dir))
            outcomes = run_group(task_function.run_group, tasks, numbers, folder)
        for job, result, outcome in zip(jobs, results, outcomes, strict=True):
            result.return_value = outcome
            result.status = JobStatus.FAILED if isinstance(outcome, Exception) else JobStatus.COMPLETED
            set_current(job.hydra)
            callbacks.on_job_end(config=job.config, job_return=result)
    report(results)
    return results


def _begin(job: Job) -> JobReturn:
    """Settle the folder of a job; return its result as far as it is known before it runs."""
    hydra = job.config.hydra
    set_current(job.config)  # the name of the folder may refer to it
    folder = os.path.join(str(hydra.sweep.dir), str(hydra.sweep.subdir))
    with flag_override(hydra, "readonly", False):
        hydra.runtime.output_dir = os.path.abspath(folder)
    OmegaConf.set_readonly(hydra, True)
    return JobReturn(
        overrides=list(hydra.overrides.task),
        cfg=job.task,
        hydra_cfg=job.hydra,
        working_dir=os.getcwd(),
        task_name=JobRuntime.instance().get("name"),
    )


def _write_files(jobs: Sequence[Job]) -> None:
    subfolder = jobs[0].config.hydra.output_subdir
    if subfolder is not None:
        files = HydraFiles(jobs[0].task, jobs[0].hydra)
        for job in jobs:
            files.write(Path(job.config.hydra.runtime.output_dir) / subfolder, job.task, job.hydra)
