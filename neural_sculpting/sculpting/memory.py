"""How many networks fit into memory at once, and how a batch is split where they do not."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch

from neural_sculpting.trials.layout import Layout

COPIES_OF_PARAMETERS = 12
"""Current, accepted and best networks, gradients, Adam's two moments, masks as numbers and temporary copies."""

COPIES_OF_ACTIVATIONS = 3
"""Activations, their gradients and temporary copies."""

USABLE_SHARE = 0.5
"""Of the memory that is free: other processes and the results need some."""

PROCESSES = {"cpu": "NEURAL_SCULPTING_PROCESSES", "cuda": "NEURAL_SCULPTING_PROCESSES_ON_GPU"}
"""The environment variables by which a worker of the launcher knows how many work beside it, itself included."""


def bytes_of_network(layout: Layout, rows: int, epochs: int) -> int:
    """A generous estimate of what one network of a batch takes, in bytes.

    Args:
        layout: its shape.
        rows: rows of the table.
        epochs: epochs of a round, each with its own order and noise of the rows.
    """
    units = sum(layout.layers)
    draws = epochs * rows * (layout.layers[0] * 4 + 8)
    return 4 * (COPIES_OF_PARAMETERS * layout.parameters + COPIES_OF_ACTIVATIONS * rows * units) + draws


def free_bytes(device: torch.device) -> int:
    """Memory that is free on a device, in bytes; in a worker of the launcher, its equal share.

    A worker measures before each of its batches; what the others have taken by then makes its share smaller, never
    larger.
    """
    return _free_for_all(device) // int(os.environ.get(PROCESSES[device.type], "1"))


def _free_for_all(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():  # what the system could give, caches included
        lines = dict(line.split(":") for line in meminfo.read_text(encoding="utf-8").splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def split_trials(seeds: Sequence[int], networks_per_trial: int, most_networks: int) -> list[list[int]]:
    """Split trials into batches of nearly equal size that hold at most so many networks, one trial at least.

    Results do not depend on it: a trial never depends on its neighbors.
    """
    trials = max(1, most_networks // networks_per_trial)
    batches = -(-len(seeds) // trials)
    size = -(-len(seeds) // batches)
    return [list(seeds[start : start + size]) for start in range(0, len(seeds), size)]
