"""The memory that a process may use, and the networks that fit into it."""

import os
from types import SimpleNamespace

import psutil
import pytest
import torch

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import ACTIVATION_BYTES, Stacking
from neural_sculpting.sculpting import devices, memory
from neural_sculpting.sculpting.devices import free_bytes
from neural_sculpting.sculpting.memory import Estimate, estimate, is_out_of_memory, most_networks
from neural_sculpting.tasks import build_task
from neural_sculpting.training.round import RoundSettings

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def free(monkeypatch):
    """Sets the free bytes of a machine with a GPU, outside Slurm and the launcher."""
    for name in (*devices.PROCESSES.values(), *devices.SLURM_MEMORY):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 300)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 200)

    def set_free(count):
        monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=count))
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (count - 100, 2**40))  # 100 in reserve

    return set_free


def test_workers_share_the_free_memory(monkeypatch, free):
    free(1000)
    assert free_bytes(CPU) == free_bytes(GPU) == 1000
    monkeypatch.setenv("NEURAL_SCULPTING_PROCESSES", "3")
    monkeypatch.setenv("NEURAL_SCULPTING_PROCESSES_ON_GPU", "2")
    assert free_bytes(CPU) == 333
    assert free_bytes(GPU) == 500


def test_free_memory_is_less_than_all_memory():
    assert 0 < free_bytes(CPU) < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_workers_take_smaller_batches(monkeypatch, config, free):
    free(10**9)
    task = build_task(config.task.name, **config.task.parameters)
    alone = most_networks(task, config)
    for name in devices.PROCESSES.values():
        monkeypatch.setenv(name, "4")
    assert most_networks(task, config) == pytest.approx(
        alone / 4, rel=0.01
    )  # memory that all networks share is not split


SIZES = (64_000, 20_000, 20_000)


def test_wide_networks_share_the_memory_of_training():
    """They are trained one by one: seventy take far less than seventy times the memory of one."""
    layout, settings = Layout((1568, 784, 784, 20)), RoundSettings(1e-3, 512, 40, 0.0, 1e-4)
    needed = estimate(layout, SIZES, settings, Stacking.of(layout, CPU, 512, SIZES))
    parameters = 1568 * 784 + 784 * 784 + 784 * 20 + 784 + 784 + 20
    assert needed.of_network == 32 * parameters  # 60 MB
    assert needed.shared + 70 * needed.of_network < 25 * needed.of_one
    assert needed.shared < 250e6
    assert needed.fitting(needed.shared + 70.5 * needed.of_network) == 70


def test_noise_is_in_memory_by_minibatch():
    """All noise of 64,000 rows with 1,568 inputs would take 401 MB."""
    settings = RoundSettings(1e-3, 512, 40, 0.1, 1e-4)
    assert memory.bytes_of_draws(settings, 64_000, 1568) == 64_000 * 40 + 3 * 512 * 1568 * 4  # 12 MB
    assert memory.bytes_of_draws(settings, 16, 4) == 16 * (40 + 3 * 4 * 4)  # a truth table: one minibatch
    assert memory.bytes_of_draws(settings, 64_000, 0) == 64_000 * 40


def test_activations_of_networks_side_by_side_are_bounded():
    needed = Estimate(shared=100, of_network=10, activations=ACTIVATION_BYTES // 4)
    assert needed.fitting(100 + 2 * needed.of_network + 2 * needed.activations) == 2
    assert needed.fitting(100 + ACTIVATION_BYTES + 50 * 10) == 50  # in stacks that take no more together
    assert needed.fitting(99) == 0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"), True),
        (MemoryError(), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_errors_that_mean_out_of_memory(error, expected):
    assert is_out_of_memory(error) is expected


def test_the_error_of_torch_on_a_cpu():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ({"SLURM_MEM_PER_NODE": "1000"}, 400),
        ({"SLURM_MEM_PER_CPU": "500", "SLURM_CPUS_ON_NODE": "4"}, 1400),
        ({"SLURM_MEM_PER_NODE": "500"}, 0),
    ],
)
def test_a_slurm_job_has_the_memory_it_was_granted(monkeypatch, free, granted, expected):
    """In MiB, less the 600 of the program; the machine has far more."""
    free(2**40)
    assert free_bytes(CPU) == 2**40
    for name, value in granted.items():
        monkeypatch.setenv(name, value)
    assert free_bytes(CPU) == expected * 2**20
