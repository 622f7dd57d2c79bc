"""The jobs of one group while they run: what Hydra's ``run_job`` does for one job, done for all at once."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobRuntime, JobStatus, env_override
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, flag_override

from neural_sculpting.files import check_inside
from neural_sculpting.launching.batches import Batch, Outcomes
from neural_sculpting.launching.composition import Job
from neural_sculpting.launching.current import set_current
from neural_sculpting.launching.failures import report
from neural_sculpting.launching.job_files import HydraFiles


class RunningGroup:
    """Jobs that are one call of a task function that can be batched."""

    def __init__(self, jobs: Sequence[Job], task_function: TaskFunction, context: HydraContext) -> None:
        self.jobs = jobs
        self._task_function: Any = task_function
        self._callbacks = context.callbacks
        self._results: list[JobReturn] = []

    def begin(self) -> Batch:
        """Settle and fill the folders of the jobs, tell Hydra's callbacks that they start, and check them.

        Returns:
            What an executor runs. Until it is done the first job stands for all in what Hydra knows.

        Raises:
            Exception: what the check of the task function raises.
        """
        self._results = [_begin(job) for job in self.jobs]
        write_files(self.jobs)
        hydra = self.jobs[0].config.hydra
        configs = []
        with env_override(hydra.job.env_set):
            for job in self.jobs:
                set_current(job.hydra)  # a value may refer to it
                self._callbacks.on_job_start(config=job.config, task_function=self._task_function)
                configs.append(self._task_function.validate(job.task))
        set_current(self.jobs[0].hydra)
        return batch_of(self._task_function, configs, [job.number for job in self.jobs], hydra)

    def end(self, outcomes: Outcomes) -> dict[int, JobReturn]:
        """Tell Hydra's callbacks and the user how the jobs ended; return their results by their numbers."""
        for job, result, outcome in zip(self.jobs, self._results, outcomes, strict=True):
            result.return_value = outcome
            result.status = JobStatus.FAILED if isinstance(outcome, Exception) else JobStatus.COMPLETED
            set_current(job.hydra)
            self._callbacks.on_job_end(config=job.config, job_return=result)
        results = {job.number: result for job, result in zip(self.jobs, self._results, strict=True)}
        report(results)
        return results


def batch_of(task_function: Any, configs: list[Any], numbers: list[int], hydra: DictConfig) -> Batch:
    """Return what an executor runs.

    Args:
        task_function: one that can be batched.
        configs: what its check has made of every job.
        numbers: the number of every job.
        hydra: the node ``hydra`` of the first job.
    """
    return Batch(
        function=task_function.run_group,
        configs=configs,
        numbers=numbers,
        folder=Path(os.path.abspath(hydra.sweep.dir)),
        environment=dict(hydra.job.env_set),
        logging=OmegaConf.create({name: _plain(hydra[name], resolve=True) for name in ("job_logging", "verbose")}),
    )


def settle_folder(config: DictConfig) -> None:
    """Write into the whole configuration of a job which folder it has."""
    hydra = config.hydra
    set_current(config)  # the name of the folder may refer to it
    check_inside("hydra.sweep.subdir", str(hydra.sweep.subdir))  # it may hold values of this job
    folder = os.path.join(str(hydra.sweep.dir), str(hydra.sweep.subdir))
    with flag_override(hydra, "readonly", False):
        hydra.runtime.output_dir = os.path.abspath(folder)
    OmegaConf.set_readonly(hydra, True)


def _begin(job: Job) -> JobReturn:
    """Settle the folder of a job; return its result as far as it is known before it runs."""
    settle_folder(job.config)
    hydra = job.config.hydra
    return JobReturn(
        overrides=_plain(hydra.overrides.task),
        cfg=job.task,
        hydra_cfg=job.hydra,
        working_dir=os.getcwd(),
        task_name=JobRuntime.instance().get("name"),
    )


def write_files(jobs: Sequence[Job]) -> None:
    """Write the ``.hydra`` files of jobs of one group into their folders."""
    subfolder = jobs[0].config.hydra.output_subdir
    if subfolder is not None:
        files = HydraFiles(jobs[0].task, jobs[0].hydra)
        for job in jobs:
            files.write(Path(job.config.hydra.runtime.output_dir) / subfolder, job.task, job.hydra)


def _plain(value: Any, resolve: bool = False) -> Any:
    return OmegaConf.to_container(value, resolve=resolve) if OmegaConf.is_config(value) else value
