"""The accelerator on which networks are trained, its free memory, and the threads of a CPU."""

import os

import psutil
import torch

from neural_sculpting.config.schemas import TrainerConfig
from neural_sculpting.errors import UserError
from neural_sculpting.networks.stacks import SEVERAL_THREADS

PROCESSES = {"cpu": "NEURAL_SCULPTING_PROCESSES", "cuda": "NEURAL_SCULPTING_PROCESSES_ON_GPU"}
"""Environment variables: the number of workers of the launcher on a device."""

SLURM_MEMORY = ("SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE")
"""Environment variables: the memory of a Slurm job, or of each of its cores, in MiB."""

PROGRAM_BYTES = 600 * 2**20
"""Memory of the program without any network."""


def accelerator_of(config: TrainerConfig) -> str:
    """Choose the accelerator, ``cuda`` or ``cpu``.

    Not Metal: it has no double precision, in which accuracies and percentages are compared.

    Raises:
        UserError: if it is not available, or if it is a CPU and TF32 is requested.
    """
    has_cuda = torch.cuda.is_available()
    if config.accelerator in ("gpu", "cuda") and not has_cuda:
        raise UserError(f"trainer.accelerator={config.accelerator}: not on this machine; cpu and auto are")
    accelerator = "cuda" if has_cuda and config.accelerator != "cpu" else "cpu"
    if config.precision == "tf32" and accelerator == "cpu":
        raise UserError("trainer.precision=tf32: is a format of GPUs; on a CPU must be fp32 or bf16")
    return accelerator


def processes(device_type: str) -> int:
    """Return how many processes share a device."""
    return int(os.environ.get(PROCESSES[device_type], "1"))


def threads_of(config: TrainerConfig, macs_of_minibatch: int) -> int:
    """Choose the threads on a CPU: as configured, else one, or for wide networks this process's share of the cores."""
    if config.threads is not None:
        return config.threads
    return cores() if macs_of_minibatch >= SEVERAL_THREADS else 1


def cores() -> int:
    """Count the cores that this process may use; of a worker of the launcher, its share."""
    all_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, all_cores // processes("cpu"))


def free_bytes(device: torch.device) -> int:
    """Measure the free memory of a device, in bytes; for a worker of the launcher, its equal share.

    A worker measures before each of its batches; memory that others have taken makes its share smaller, never larger.
    """
    if device.type == "cuda":  # it counts the reserve of torch as taken
        reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        free: float = torch.cuda.mem_get_info(device)[0] + reserve
    else:
        free = psutil.virtual_memory().available
        per_node, per_core, cores = (int(os.environ.get(name, "0")) for name in SLURM_MEMORY)
        if granted := per_node or per_core * cores:
            free = min(free, max(0, granted * 2**20 - PROGRAM_BYTES))
    return int(free // processes(device.type))
