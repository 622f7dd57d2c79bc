"""How much memory a process may count on, and how a batch is split."""

import os

import pytest
import torch

from neural_sculpting.sculpting import memory
from neural_sculpting.sculpting.memory import free_bytes, split_trials

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def one_thousand_free(monkeypatch):
    monkeypatch.setattr(memory, "_free_for_all", lambda device: 1000)
    for name in memory.PROCESSES.values():
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("one_thousand_free")
def test_a_process_alone_may_take_all():
    assert free_bytes(CPU) == free_bytes(GPU) == 1000


@pytest.mark.usefixtures("one_thousand_free")
def test_workers_share(monkeypatch):
    monkeypatch.setenv("NEURAL_SCULPTING_PROCESSES", "3")
    monkeypatch.setenv("NEURAL_SCULPTING_PROCESSES_ON_GPU", "2")
    assert free_bytes(CPU) == 333
    assert free_bytes(GPU) == 500


def test_what_is_free_is_less_than_there_is():
    assert 0 < free_bytes(CPU) < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_workers_split_what_one_process_would_not(monkeypatch, config):
    """To the end of the line: what memory takes at once."""
    from neural_sculpting.sculpting.batches import most_networks
    from neural_sculpting.tasks import build_task

    monkeypatch.setattr(memory, "_free_for_all", lambda device: 10**9)
    task = build_task(config.task.name, **config.task.parameters)
    alone = most_networks(task, config)
    for name in memory.PROCESSES.values():
        monkeypatch.setenv(name, "4")
    assert most_networks(task, config) == pytest.approx(alone / 4, abs=1)


@pytest.mark.parametrize(
    ("trials", "networks_per_trial", "most_networks", "sizes"),
    [(10, 1, 10, [10]), (10, 1, 9, [5, 5]), (10, 4, 12, [3, 3, 3, 1]), (3, 5, 1, [1, 1, 1])],
)
def test_batches_are_of_nearly_equal_size(trials, networks_per_trial, most_networks, sizes):
    batches = split_trials(range(trials), networks_per_trial, most_networks)
    assert [len(batch) for batch in batches] == sizes
    assert [seed for batch in batches for seed in batch] == list(range(trials))
