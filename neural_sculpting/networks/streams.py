"""Random streams of numpy that are keyed by (seed, purpose, attempt), in long rounds by the epoch too.

What a trial draws therefore depends neither on its neighbors in the batch nor on how long they take. Networks of one
seed with other steps share their draws, and a resumed trial draws what it would have drawn. Values do not depend on the
device, except for the noise of long rounds on a GPU, which is drawn there, seeded from the streams.
"""

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor

from neural_sculpting.networks.layout import Layout, Parameters

PURPOSES = ("start", "unit", "edge", "unit_scores", "edge_scores")
"""Uses of randomness. The index is part of the key: append, never reorder."""

NOISE_ROWS = 2048
"""Rows of a block of noise, which is drawn from one stretch of a stream: changing it changes results."""

STRETCH = 210306068529402873165736369884012333109
"""The distance of stretches of a stream: (√5 - 1) / 2 of the period of 2^128, as in numpy's ``PCG64.jumped``, so that
they neither overlap nor resemble each other."""


def stream(seed: int, purpose: str, attempt: int = 0, *epoch: int) -> np.random.Generator:
    """Create the random stream of one seed for one purpose in one attempt, or in one epoch of it."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose), attempt, *epoch)))


def start_parameters(seeds: list[int], layout: Layout) -> Parameters:
    """Draw Kaiming-normal weights (fan-in, gain √2) for each seed; biases are zero.

    Reference: He et al. 2015, "Delving deep into rectifiers".
    """
    rows = np.zeros((len(seeds), layout.parameters), dtype=np.float32)
    for row, seed in zip(rows, seeds, strict=True):
        generator, start = stream(seed, "start"), 0
        for fan_in, fan_out in layout.shapes:
            size, scale = fan_in * fan_out, np.float32((2 / fan_in) ** 0.5)
            row[start : start + size] = generator.standard_normal(size, dtype=np.float32) * scale
            start += size
    return torch.from_numpy(rows)


class NoiseSource(ABC):
    """The noise on the inputs of one seed in one epoch of a long round, from the stream of the epoch.

    The first stretch of the stream belongs to the order of the rows.
    """

    def __init__(self, generator: np.random.Generator, inputs: int) -> None:
        self._generator, self._inputs = generator, inputs
        bits = generator.bit_generator
        assert isinstance(bits, np.random.PCG64)
        self._bits, self._start = bits, bits.state

    @abstractmethod
    def fill(self, noise: Tensor, block: int, inputs: Tensor | None) -> None:
        """Draw the first rows of a block, ``(row, input)``, for all inputs or the given ones."""

    def _move_to(self, stretch: int) -> None:
        self._bits.state = self._start
        self._bits.advance(stretch * STRETCH)


class StreamNoise(NoiseSource):
    """A stretch of the epoch's stream for each input and each block of rows, drawn on the host."""

    def fill(self, noise: Tensor, block: int, inputs: Tensor | None) -> None:
        """Draw the first rows of a block."""
        indices = list(range(self._inputs)) if inputs is None else inputs.tolist()
        drawn = np.empty((len(indices), len(noise)), dtype=np.float32)
        for row, index in zip(drawn, indices, strict=True):
            self._move_to(1 + block * self._inputs + index)
            self._generator.standard_normal(out=row, dtype=np.float32)
        noise.copy_(torch.from_numpy(drawn).T)  # a copy that torch is fast at


class DeviceNoise(NoiseSource):
    """A generator on the device for each block of rows, seeded from a stretch of the epoch's stream.

    The host takes 9 ns a number: 36 trials with 512 rows of 1,568 inputs would wait a quarter of a second each step.
    What a device draws depends on seed and block alone as well, but its values differ from the host's.
    """

    def fill(self, noise: Tensor, block: int, inputs: Tensor | None) -> None:
        """Draw the first rows of a block."""
        self._move_to(1 + block)
        generator = torch.Generator(noise.device)
        generator.manual_seed(int(self._generator.integers(2**63)))
        everything = torch.randn(len(noise), self._inputs, generator=generator, device=noise.device)
        noise.copy_(everything if inputs is None else everything[:, inputs])
