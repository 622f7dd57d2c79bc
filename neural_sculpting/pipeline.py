"""From a configuration and its seeds to the record of a group: the whole method in one place.

The command line, the launcher and the Python interface all come through here.
"""

from collections.abc import Sequence
from pathlib import Path

from lightning.pytorch.loggers import Logger

from neural_sculpting.errors import UserError
from neural_sculpting.reporting.loggers import log_result, open_logger
from neural_sculpting.reporting.records import GroupRecord, record_group
from neural_sculpting.reporting.storage import new_group
from neural_sculpting.schemas import Config
from neural_sculpting.scoring.verdict import judge
from neural_sculpting.sculpting import sculpt_networks
from neural_sculpting.tasks import build_task


def sculpt_group(
    config: Config, seeds: Sequence[int], jobs: Sequence[int] | None = None, logger: Logger | None = None
) -> GroupRecord:
    """Sculpt, analyze and score one trial for each seed, all in one batch and in memory.

    Args:
        config: checked, with the paper's settings filled in; its own seed is not looked at.
        seeds: distinct.
        jobs: a number for each trial; 0, 1, … where there are no jobs.
        logger: gets the metrics of every attempt.

    Raises:
        UserError: if a seed appears twice, or the accelerator is not there.
    """
    if repeated := sorted(seed for seed in set(seeds) if list(seeds).count(seed) > 1):
        raise UserError(f"seed={repeated[0]}: appears more than once; every trial needs a seed of its own")
    task = build_task(config.task.name, **config.task.parameters)
    expected = task.expected_hierarchy(hidden_layers=len(config.arch.hidden))
    networks = sculpt_networks(task, config, seeds, logger)
    analysis = config.analysis.model_dump()
    verdicts = [judge(networks.masks_of(index), expected, **analysis) for index in range(len(networks.table))]
    return record_group(config, task, networks, verdicts, jobs or range(len(seeds)))


def run_group(config: Config, seeds: Sequence[int], jobs: Sequence[int], folder: Path) -> list[float | Exception]:
    """Sculpt a group and leave its record in ``folder/groups``.

    Args:
        config: as for :func:`sculpt_group`.
        seeds: one for each job.
        jobs: the numbers of the jobs in the sweep.
        folder: the folder of the sweep.

    Returns:
        For each job 1.0 where its trial is an exact success, else 0.0.

    Raises:
        UserError: as :func:`sculpt_group`, and if the folder cannot be written.
    """
    with new_group(folder, first_job=min(jobs)) as group:
        with open_logger(config, group.path, sweep=folder.name) as logger:
            record = sculpt_group(config, seeds, jobs, logger)
            log_result(logger, record)
        group.save(record)
    return [float(exact) for exact in record.trials["exact"]]
