"""Where batches run: in this process one after another, in several processes, or in jobs of Slurm."""

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Batch, run
from neural_sculpting.launching.processes import Ended, in_processes
from neural_sculpting.launching.slurm import executor as slurm
from neural_sculpting.launching.slurm import options as slurm_options

NAMES = ("inline", "processes", "slurm")

Executor = Callable[[Iterable[Batch]], Ended]
"""Runs batches. One is taken from the iterable when it is about to run."""


def check_options(launcher: Any) -> None:
    """Raise a UserError if an option of a launcher that is being set up is not allowed."""
    name, workers = launcher.executor, launcher.workers
    if name not in NAMES:
        raise UserError(f"hydra.launcher.executor={name}: must be {', '.join(NAMES[:-1])} or {NAMES[-1]}")
    if workers is not None and workers < 1:
        raise UserError(
            f"hydra.launcher.workers={workers}: must be a whole number of processes or jobs at a time, 1 or more, or "
            "null for as many as there is room for"
        )
    if name == "slurm":
        slurm_options.check(launcher.slurm, launcher.wait, launcher.config.hydra.sweeper.get("max_batch_size"))
    elif not launcher.wait:
        raise UserError(f"hydra.launcher.wait=false: not with executor={name}; only Slurm jobs outlive the command")


def count_workers(name: str, workers: int | None, batches: int, threads: int, cores: int | None = None) -> int:
    """Return how many of some batches run at a time, each with some threads.

    Args:
        name: of the executor.
        workers: None for as many as the cluster, or the cores of this process, have room for.
        batches: their number.
        threads: of one batch.
        cores: that this process may use; None for as many as the system reports.
    """
    if name == "slurm":
        return min(workers or batches, batches)
    cores = cores or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    return 1 if name == "inline" else min(workers or max(1, cores // threads), batches)


def executor(launcher: Any, workers: int, started: Callable[[int], None]) -> Executor:
    """Return the executor that a launcher has chosen, for so many batches at a time; one at a time needs no process.

    With Slurm ``started`` is called with the index of each batch whose job has started.
    """
    if launcher.executor == "slurm":
        options = {"options": launcher.slurm, "workers": launcher.workers, "wait": launcher.wait, "started": started}
        return partial(slurm.in_jobs, **options)
    return inline if workers == 1 else partial(in_processes, workers=workers)


def inline(batches: Iterable[Batch]) -> Ended:
    """Run one batch after another in this process."""
    for index, batch in enumerate(batches):
        yield index, run(batch)
