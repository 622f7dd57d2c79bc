"""Random streams of numpy that are keyed by (seed, purpose, attempt), and the keys of what rounds draw.

What a trial draws therefore depends neither on its neighbors in the batch nor on how long they take. Networks of one
seed share their draws, except those of edge steps, and a resumed trial draws what it would have drawn. Values do not
depend on the device, except for the noise of long rounds on a GPU, which is drawn there.
"""

from functools import lru_cache

import numpy as np
import torch

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import Parameters

PURPOSES = ("start", "unit", "edge", "unit_scores", "edge_scores", "dense", "reopened")
"""Uses of randomness. The index is part of the key: append, never reorder."""


def stream(seed: int, purpose: str, attempt: int = 0) -> np.random.Generator:
    """Create the random stream of one seed for one purpose in one attempt."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose), attempt)))


@lru_cache(maxsize=2**16)
def key_of(seed: int, purpose: str, step: float | None = None) -> tuple[int, int]:
    """Return the key of what rounds of a phase draw, as two words, in edge pruning also of each step."""
    words = [] if step is None else np.float64(step).view(np.uint64).reshape(1).view(np.uint32).tolist()
    drawn = np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose), *words)).generate_state(2)
    return int(drawn[0]), int(drawn[1])


def start_parameters(seeds: list[int], layout: Architecture, purpose: str = "start") -> Parameters:
    """Draw normal weights with the scales of the layout for each seed; biases are zero."""
    rows = np.zeros((len(seeds), layout.parameters), dtype=np.float32)
    for row, seed in zip(rows, seeds, strict=True):
        generator, start = stream(seed, purpose), 0
        for (fan_in, fan_out), scale in zip(layout.shapes, layout.scales, strict=True):
            size = fan_in * fan_out
            row[start : start + size] = generator.standard_normal(size, dtype=np.float32) * np.float32(scale)
            start += size
    return torch.from_numpy(rows)
