"""Choosing where batches run."""

from functools import partial
from types import SimpleNamespace

import pytest

from neural_sculpting.launching.executors import count_workers, executor, inline


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
def test_no_more_workers_than_cores_and_batches(name, workers, batches, threads, expected):
    assert count_workers(name, workers, batches, threads, cores=8) == expected


def test_one_at_a_time_needs_no_other_process():
    launcher = SimpleNamespace(executor="processes")
    assert executor(launcher, 1, print) is inline
    assert isinstance(executor(launcher, 2, print), partial)
