"""Choosing where batches run."""

from functools import partial

import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.launching.executors import check, count_workers, executor, inline


@pytest.mark.parametrize(
    ("name", "workers", "line"),
    [
        ("threads", None, "hydra.launcher.executor=threads: must be inline, processes or slurm"),
        ("processes", 0, "hydra.launcher.workers=0: must be a whole number of processes or jobs at a time, 1 or more"),
    ],
)
def test_an_option_that_is_not_allowed_is_refused(name: str, workers: int | None, line: str) -> None:
    with pytest.raises(UserError, match=f"^{line}"):
        check(name, workers)


@pytest.mark.parametrize(
    ("name", "workers", "batches", "threads", "expected"),
    [
        ("inline", 4, 9, 1, 1),
        ("slurm", 4, 9, 1, 4),
        ("slurm", None, 9, 16, 9),
        ("processes", None, 9, 1, 8),
        ("processes", None, 9, 3, 2),
        ("processes", None, 9, 16, 1),
        ("processes", 5, 9, 16, 5),
        ("processes", 5, 3, 1, 3),
        ("processes", 5, 1, 1, 1),
    ],
)
def test_no_more_workers_than_cores_and_batches(
    name: str, workers: int | None, batches: int, threads: int, expected: int
) -> None:
    assert count_workers(name, workers, batches, threads, cores=8) == expected


def test_one_at_a_time_needs_no_other_process() -> None:
    assert executor(1) is inline
    assert isinstance(executor(2), partial)
