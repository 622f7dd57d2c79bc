"""How many networks fit into memory at once, and how a batch is split where they do not."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TypeVar

import torch

from neural_sculpting.networks.draws import are_drawn_at_once
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import ACTIVATION_BYTES, ACTIVATION_COPIES, Stacking
from neural_sculpting.networks.streams import NOISE_ROWS
from neural_sculpting.training.round import COMPOSED_BYTES, RoundSettings

BYTES_KEPT = 32
"""For each parameter of a network: current, accepted and best values and masks, and copies on their way."""

BYTES_TRAINED = 48
"""For each parameter of a network while it is trained: values, gradients, Adam's two moments, masks as numbers, what
ranks it, and temporary copies."""

NOISE_COPIES = 3
"""A block of noise as it is drawn, in the order of the rows, and scaled."""

Value = TypeVar("Value", int, float)

USABLE_SHARE = 0.5
"""Of the memory that is free: other processes and the results need some."""

PROCESSES = {"cpu": "NEURAL_SCULPTING_PROCESSES", "cuda": "NEURAL_SCULPTING_PROCESSES_ON_GPU"}
"""The environment variables by which a worker of the launcher knows how many work beside it, itself included."""

SLURM_MEMORY = ("SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE")
"""The environment variables that tell a job of Slurm its memory, in MiB, or that of each of its cores."""

PROGRAM_BYTES = 600 * 2**20
"""What the program takes before it holds a network."""


@dataclass(frozen=True)
class Estimate:
    """A generous estimate of the memory that a batch takes, in bytes.

    Attributes:
        shared: by all its networks.
        of_network: of each of them.
        activations: of each of those that are computed side by side, together at most ``ACTIVATION_BYTES``.
    """

    shared: int
    of_network: int
    activations: int = 0

    @property
    def of_one(self) -> int:
        """What a batch of a single network takes."""
        return self.shared + self.of_network + self.activations

    def fitting(self, usable: float) -> int:
        """How many networks fit into so many bytes."""
        all_at_once = (usable - self.shared) / (self.of_network + self.activations)
        in_stacks = (usable - self.shared - ACTIVATION_BYTES) / self.of_network
        return max(0, int(all_at_once), int(in_stacks))


def estimate(layout: Layout, sizes: Sequence[int], settings: RoundSettings, stacking: Stacking) -> Estimate:
    """Estimate the memory of a batch.

    Args:
        layout: the shape of its networks.
        sizes: rows of the training set and of the others.
        settings: of a round.
        stacking: how its networks are computed.
    """
    draws = bytes_of_draws(settings, sizes[0], layout.layers[0] if settings.input_noise > 0 else 0)
    activations = 4 * ACTIVATION_COPIES * stacking.rows * sum(layout.layers)
    trained = BYTES_TRAINED * layout.parameters
    if stacking.one_by_one:
        return Estimate(trained + activations + draws + COMPOSED_BYTES, BYTES_KEPT * layout.parameters)
    return Estimate((stacking.padding - 1) * activations, trained + draws, activations)


def bytes_of_draws(settings: RoundSettings, rows: int, inputs_with_noise: int) -> int:
    """What the orders and the noise take that are in memory at a time, of one seed."""
    if are_drawn_at_once(settings.epochs, rows, inputs_with_noise):
        return settings.epochs * rows * (8 + 4 * inputs_with_noise)
    return rows * 8 + NOISE_COPIES * min(rows, NOISE_ROWS) * 4 * inputs_with_noise


def free_bytes(device: torch.device) -> int:
    """Memory that is free on a device, in bytes; in a worker of the launcher, its equal share.

    A worker measures before each of its batches; what the others have taken by then makes its share smaller, never
    larger.
    """
    return int(_free_for_all(device) // processes(device.type))


def processes(device_type: str) -> int:
    """How many processes share the memory of a device, and the cores."""
    return int(os.environ.get(PROCESSES[device_type], "1"))


def _free_for_all(device: torch.device) -> float:
    if device.type == "cuda":  # what torch holds in reserve counts as taken there
        reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + reserve
    return min(_free_on_machine(), _granted_by_slurm())


def _free_on_machine() -> int:
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():  # what the system could give, caches included
        lines = dict(line.split(":") for line in meminfo.read_text(encoding="utf-8").splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _granted_by_slurm() -> float:
    """What a job of Slurm was granted, in bytes, of which the program itself takes some; without bounds elsewhere."""
    per_node, per_core, cores = (int(os.environ.get(name, "0")) for name in SLURM_MEMORY)
    granted = per_node or per_core * cores
    return max(0, granted * 2**20 - PROGRAM_BYTES) if granted else inf


@dataclass(frozen=True)
class Batch:
    """Trials that are sculpted at once, with some of the steps.

    Attributes:
        seeds: one for each trial.
        unit_steps: the percentages.
        edge_steps: likewise.
    """

    seeds: tuple[int, ...]
    unit_steps: tuple[float, ...]
    edge_steps: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.seeds) * len(self.unit_steps) * len(self.edge_steps)

    @property
    def digest(self) -> str:
        """A short name that other batches do not have."""
        return hashlib.sha256(repr((self.seeds, self.unit_steps, self.edge_steps)).encode()).hexdigest()[:16]

    def split(self, most: int) -> list["Batch"]:
        """Split into batches of nearly equal size that hold at most so many networks, one at least.

        Results do not depend on it: a trial never depends on its neighbors, nor a network on other steps. Trials are
        split before unit steps, and these before edge steps: networks of a trial share rounds, which are computed
        again in each batch.
        """
        of_trial = len(self.unit_steps) * len(self.edge_steps)
        seeds = _parts(self.seeds, most // of_trial)
        units = _parts(self.unit_steps, most // len(self.edge_steps) if len(seeds) == len(self.seeds) else of_trial)
        edges = _parts(self.edge_steps, most if len(units) == len(self.unit_steps) else of_trial)
        return [Batch(seed, unit, edge) for seed in seeds for unit in units for edge in edges]


def _parts(values: Sequence[Value], most: int) -> list[tuple[Value, ...]]:
    """Cut a sequence into parts of nearly equal length, of at most so many values, one at least."""
    size = -(-len(values) // -(-len(values) // max(1, most)))
    return [tuple(values[start : start + size]) for start in range(0, len(values), size)]


OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""What errors of torch say that are no ``OutOfMemoryError``."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, on a GPU or for numpy or torch on a CPU."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in OUT_OF_MEMORY)
    )
