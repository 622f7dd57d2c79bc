"""The device on which the networks of a batch are trained, its free memory, and the engine that trains them."""

import logging
import os
from functools import cache

import psutil
import torch

from neural_sculpting.config.schemas import TrainerConfig
from neural_sculpting.errors import UserError
from neural_sculpting.native.build import NoKernelError, load_kernel
from neural_sculpting.native.engine import NativeEngine, NativeNormals
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import ONE_BY_ONE, SEVERAL_THREADS
from neural_sculpting.training.engine import Engine, TorchEngine
from neural_sculpting.training.round import RoundSettings

log = logging.getLogger(__name__)

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


WIDEST = 200
"""Units of the widest layer up to which the kernel is faster than torch."""


def engine_of(config: TrainerConfig, layout: Architecture, settings: RoundSettings, rows: int) -> Engine:
    """Choose the engine for networks of one shape that learn from some rows, whatever their number.

    Raises:
        UserError: if the configuration asks for the native engine where it is not possible.
    """
    problem = _not_served(config, layout, min(settings.batch_size, rows))
    if config.engine == "native" and problem is not None:
        raise _impossible(problem)
    if config.engine == "torch" or accelerator_of(config) != "cpu":
        return TorchEngine(layout, settings)
    try:
        kernel = load_kernel()
    except NoKernelError as error:
        if config.engine == "native":
            raise _impossible(str(error)) from None
        if problem is None:
            _advise(str(error))
        return TorchEngine(layout, settings)
    if problem is None:
        return NativeEngine(layout, settings, kernel, threads=config.threads or cores())
    return TorchEngine(layout, settings, NativeNormals(kernel))


def _not_served(config: TrainerConfig, layout: Architecture, minibatch: int) -> str | None:
    """What the native engine cannot do, or torch does as well, None where it is faster."""
    if accelerator_of(config) != "cpu":
        return "is for CPUs (trainer.accelerator=cpu)"
    if config.precision != "fp32":
        return f"has no trainer.precision={config.precision}, only fp32"
    if not isinstance(layout, Layout):
        return "is for perceptrons (arch.name=mlp)"
    if max(layout.layers[1:]) > WIDEST:
        return f"is for layers of at most {WIDEST} units, not {max(layout.layers[1:])}"
    if minibatch * layout.macs >= ONE_BY_ONE:  # from which a network alone keeps a core busy with torch
        return f"is for minibatches of at most {ONE_BY_ONE:,} multiplications, not {minibatch * layout.macs:,}"
    return None


def _impossible(problem: str) -> UserError:
    return UserError(f"trainer.engine=native: {problem}; torch computes everything")


@cache
def _advise(problem: str) -> None:
    log.info("networks as small as these are trained several times as fast by the native engine: %s", problem)
