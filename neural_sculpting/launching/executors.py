"""Where batches run: in this process one after another, in several processes, or in jobs of Slurm."""

import os
from collections.abc import Callable, Iterable
from functools import partial

from neural_sculpting.errors import UserError
from neural_sculpting.launching.batches import Batch, run
from neural_sculpting.launching.processes import Ended, in_processes

NAMES = ("inline", "processes", "slurm")

Executor = Callable[[Iterable[Batch]], Ended]
"""Runs batches. One is taken from the iterable when it is about to run."""


def check(name: str, workers: int | None) -> None:
    """Check the options of the launcher.

    Raises:
        UserError: if there is no such executor, or it cannot have so many workers.
    """
    if name not in NAMES:
        raise UserError(f"hydra.launcher.executor={name}: must be {', '.join(NAMES[:-1])} or {NAMES[-1]}")
    if workers is not None and workers < 1:
        raise UserError(
            f"hydra.launcher.workers={workers}: must be a whole number of processes or jobs at a time, 1 or more, or "
            "null for as many as there is room for"
        )


def count_workers(name: str, workers: int | None, batches: int, threads: int, cores: int | None = None) -> int:
    """Return how many batches run at a time, each with some threads.

    Args:
        name: of the executor.
        workers: as asked for; None: as many as the cores of this process, or the cluster, have room for.
        batches: how many there are to run; no more workers than that are started.
        threads: of a batch.
        cores: that this process may use; None: as the system reports.
    """
    if name == "slurm":
        return min(workers or batches, batches)
    cores = cores or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    return 1 if name == "inline" else min(workers or max(1, cores // threads), batches)


def executor(workers: int) -> Executor:
    """Return what runs so many batches at a time; for one at a time no process is started."""
    return inline if workers == 1 else partial(in_processes, workers=workers)


def inline(batches: Iterable[Batch]) -> Ended:
    """Run one batch after another in this process."""
    for index, batch in enumerate(batches):
        yield index, run(batch)
