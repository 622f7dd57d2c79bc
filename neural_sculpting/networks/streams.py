"""Random streams that belong to a seed and to nothing else.

A stream is keyed by (seed, purpose, attempt), for long rounds by the epoch too. What a trial draws therefore depends
neither on its neighbors in the batch nor on how long they take; networks of one seed with other steps share their
draws; and a trial that is resumed draws what it would have drawn. The streams are numpy's, whose values do not change
with the device; only the noise of long rounds on a GPU is drawn there, seeded from them.
"""

import numpy as np
import torch

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.shapes import Parameters

PURPOSES = ("start", "unit", "edge", "unit_scores", "edge_scores")
"""What randomness is used for. The position is part of the key: append, never reorder."""


def stream(seed: int, purpose: str, attempt: int = 0, *epoch: int) -> np.random.Generator:
    """The random stream of one seed for one purpose in one attempt, or in one epoch of it."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose), attempt, *epoch)))


def start_parameters(seeds: list[int], layout: Layout) -> Parameters:
    """Kaiming-normal weights (fan-in, gain √2) and zero biases.

    Reference: He et al. 2015, "Delving deep into rectifiers".

    Returns:
        ``(len(seeds), parameter)``, float32.
    """
    rows = np.zeros((len(seeds), layout.parameters), dtype=np.float32)
    for row, seed in zip(rows, seeds, strict=True):
        generator, start = stream(seed, "start"), 0
        for fan_in, fan_out in layout.shapes:
            size = fan_in * fan_out
            row[start : start + size] = generator.standard_normal(size, dtype=np.float32) * np.float32(
                (2 / fan_in) ** 0.5
            )
            start += size
    return torch.from_numpy(rows)
