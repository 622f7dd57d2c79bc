"""The noise on the inputs in one epoch of a long round, from the stream of the epoch."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor

NOISE_ROWS = 2048
"""Rows of a block of noise. It says which stretch of a stream a draw comes from: to change it changes results."""

STRETCH = 210306068529402873165736369884012333109
"""From one stretch of a stream to the next: (√5 - 1) / 2 of the period of 2^128, by which numpy's ``PCG64.jumped`` goes
on, so that stretches neither overlap nor resemble each other."""


class NoiseSource(ABC):
    """The noise of one seed in one epoch.

    Args:
        generator: the stream of the epoch, of which nothing has been drawn yet. Its first stretch is the order's.
        inputs: how many there are.

    Raises:
        TypeError: if the stream is not one that can be moved to any of its places.
    """

    def __init__(self, generator: np.random.Generator, inputs: int) -> None:
        self._generator, self._inputs = generator, inputs
        bits = generator.bit_generator
        if not isinstance(bits, np.random.PCG64):
            raise TypeError(f"streams are of PCG64, not of {type(bits).__name__}")
        self._bits = bits
        self._start = bits.state

    @abstractmethod
    def fill(self, noise: Tensor, block: int, inputs: Tensor | None) -> None:
        """Draw for the first rows of a block.

        Args:
            noise: takes what is drawn, standard normal, ``(row, input)``.
            block: its number, from 0.
            inputs: the numbers of the inputs whose noise is wanted, ``(input,)``; None for all.
        """

    def _move_to(self, stretch: int) -> None:
        self._bits.state = self._start
        self._bits.advance(stretch * STRETCH)


class StreamNoise(NoiseSource):
    """For each input and each block of rows a stretch of the epoch's stream of its own, drawn where the streams are."""

    def fill(self, noise: Tensor, block: int, inputs: Tensor | None) -> None:
        """Draw for the first rows of a block."""
        places = list(range(self._inputs)) if inputs is None else inputs.tolist()
        drawn = np.empty((len(places), len(noise)), dtype=np.float32)
        for row, place in zip(drawn, places, strict=True):
            self._move_to(1 + block * self._inputs + place)
            self._generator.standard_normal(out=row, dtype=np.float32)
        noise.copy_(torch.from_numpy(drawn).T)  # a copy that torch is fast at


class DeviceNoise(NoiseSource):
    """For each block of rows a generator on the device, seeded from a stretch of the epoch's stream.

    The streams are drawn on the host, 9 ns a number: 36 trials with 512 rows of 1,568 inputs would wait a quarter of a
    second at every step. What a device draws belongs to the seed and the block as well, but the values are its own.
    """

    def fill(self, noise: Tensor, block: int, inputs: Tensor | None) -> None:
        """Draw for the first rows of a block."""
        self._move_to(1 + block)
        generator = torch.Generator(noise.device)
        generator.manual_seed(int(self._generator.integers(2**63)))
        everything = torch.randn(len(noise), self._inputs, generator=generator, device=noise.device)
        noise.copy_(everything if inputs is None else everything[:, inputs])
