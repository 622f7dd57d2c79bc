"""Where networks are trained: the accelerator, the memory that is free there, and the threads of a CPU."""

import os
from math import inf

import psutil
import torch

from neural_sculpting.config.schemas import TrainerConfig
from neural_sculpting.errors import UserError
from neural_sculpting.networks.stacks import SEVERAL_THREADS

PROCESSES = {"cpu": "NEURAL_SCULPTING_PROCESSES", "cuda": "NEURAL_SCULPTING_PROCESSES_ON_GPU"}
"""The environment variables by which a worker of the launcher knows how many share its device, itself included."""

SLURM_MEMORY = ("SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE")
"""The environment variables by which a Slurm job knows its memory, in MiB, or that of each of its cores."""

PROGRAM_BYTES = 600 * 2**20
"""Memory of the program before it has any network."""


def accelerator_of(config: TrainerConfig) -> str:
    """The accelerator of a configuration, ``cuda`` or ``cpu``.

    Not Metal: it has no double precision, in which accuracies and percentages are compared.

    Raises:
        UserError: if it is not there, or if it is a CPU and TF32 is asked for.
    """
    has_cuda = torch.cuda.is_available()
    if config.accelerator in ("gpu", "cuda") and not has_cuda:
        raise UserError(f"trainer.accelerator={config.accelerator}: not on this machine; cpu and auto are")
    accelerator = "cuda" if has_cuda and config.accelerator != "cpu" else "cpu"
    if config.precision == "tf32" and accelerator == "cpu":
        raise UserError("trainer.precision=tf32: is a format of GPUs; on a CPU must be fp32 or bf16")
    return accelerator


def processes(device_type: str) -> int:
    """How many processes share the memory of a device, and the cores."""
    return int(os.environ.get(PROCESSES[device_type], "1"))


def threads_of(config: TrainerConfig, macs_of_minibatch: int) -> int:
    """Threads on a CPU: as configured, else one for small networks, this process's share of the cores for wide ones."""
    if config.threads is not None:
        return config.threads
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // processes("cpu")) if macs_of_minibatch >= SEVERAL_THREADS else 1


def free_bytes(device: torch.device) -> int:
    """Memory that is free on a device, in bytes; in a worker of the launcher, its equal share.

    A worker measures before each of its batches; what the others have taken by then makes its share smaller, never
    larger.
    """
    if device.type == "cuda":  # memory that torch holds in reserve counts as taken there
        reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        free: float = torch.cuda.mem_get_info(device)[0] + reserve
    else:
        free = min(psutil.virtual_memory().available, _granted_by_slurm())
    return int(free // processes(device.type))


def _granted_by_slurm() -> float:
    """Memory of a Slurm job, in bytes, less that of the program itself; infinite elsewhere."""
    per_node, per_core, cores = (int(os.environ.get(name, "0")) for name in SLURM_MEMORY)
    granted = per_node or per_core * cores
    return max(0, granted * 2**20 - PROGRAM_BYTES) if granted else inf
