"""Everything random in a round of training: the order of the rows and the noise on the inputs.

A number depends on its key, which is that of its seed, phase and step of edge pruning, and on its counter: attempt,
epoch, row and input. So networks draw the same alone and in company, and only the noise that they read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import starmap
from math import isnan

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt32
from torch import Tensor

from neural_sculpting.networks.philox import Words, normals, philox
from neural_sculpting.networks.streams import key_of

Order = Int64[Tensor, "stream row"]
Noise = Float[Tensor, "stream _ input"]
Noises = Float[Tensor, "stream epoch row input"]
Keys = UInt32[np.ndarray, "stream 2"]

CPU = torch.device("cpu")

COUNTERS_AT_ONCE = 2**13
"""Counters that are computed at once, which are a quarter of the numbers: their temporary copies stay in cache."""

ORDER, SEED = 2**32 - 1, 2**32 - 2
"""Instead of an input in counters: of the order of the rows, and of seeds of a device's generators."""

DRAWN_ON_HOST = 2**20
"""Normal numbers of a seed in a round: more of them are drawn on a device, if there is one, where they are others."""


@dataclass(frozen=True)
class EpochDraws:
    """The order of the rows in one epoch, and standard normal noise for some rows at a time in that order, if any."""

    order: Order
    noise: Iterable[Noise] | None


Normals = Callable[[Keys, int, Words, Words, Words], Noises]
"""From keys, attempt, epochs, blocks of four rows and inputs to normal numbers ``(stream, epoch, row, input)``."""


def normal_numbers(keys: Keys, attempt: int, epochs: Words, blocks: Words, inputs: Words) -> Noises:
    """Compute normal numbers with numpy, ``(stream, epoch, row, input)``."""
    shape = (len(keys), len(epochs), len(blocks), 1, len(inputs))
    four = [each.reshape(shape) for each in normals(philox(counters(attempt, epochs, blocks, inputs), keys))]
    return torch.from_numpy(np.concatenate(four, axis=3)).flatten(2, 3)


def words(*bounds: int) -> Words:
    """Count as ``range`` does."""
    return np.arange(*bounds, dtype=np.uint32)


def counters(attempt: int, epochs: Words, blocks: Words, inputs: Words) -> list[Words]:
    """List the four words of the counters of some epochs, blocks of four rows, and inputs, one after the other."""
    grid = np.meshgrid(epochs, blocks, inputs, indexing="ij")
    epoch, block, index = (each.ravel() for each in grid)
    return [block, index, epoch, np.full_like(block, attempt)]


@dataclass(frozen=True)
class Draws:
    """What some streams draw in a round, computed as it is read.

    Attributes:
        keys: of the streams.
        attempt: the number of the round in its phase.
        epochs: of the round.
        rows: of the training set.
        minibatch: rows of a minibatch.
        inputs: that have noise; 0 where none is wanted.
        device: of the noise of long rounds.
        normals: computes the noise elsewhere.
    """

    keys: Keys
    attempt: int
    epochs: int
    rows: int
    minibatch: int
    inputs: int
    device: torch.device = CPU
    normals: Normals = normal_numbers

    def by_epoch(self, streams: list[int], rows_at_once: int, inputs: Tensor | None = None) -> Iterator[EpochDraws]:
        """Draw the epochs of some streams in turn, with noise for the given inputs or all of them.

        Noise comes ``rows_at_once`` rows at a time, whole minibatches; its values do not depend on that.
        """
        keys, read = self.keys[streams], words(self.inputs)
        if inputs is not None:
            read = inputs.cpu().numpy().astype(np.uint32)
        on_host = self.device.type == "cpu" or self.epochs * self.rows * self.inputs <= DRAWN_ON_HOST
        several = max(1, 4 * COUNTERS_AT_ONCE // (len(keys) * self.rows * max(1, len(read)))) if on_host else 1
        for epochs in np.array_split(words(self.epochs), range(several, self.epochs, several)):
            orders = self._orders(keys, epochs)
            if not self.inputs:
                yield from (EpochDraws(order, None) for order in orders)
            elif several > 1:
                noise = self._noise(keys, epochs, 0, self.rows, read)
                drawn = zip(orders, noise.unbind(1), strict=True)
                yield from (EpochDraws(order, each.split(rows_at_once, dim=1)) for order, each in drawn)
            else:
                draw = partial(self._noise if on_host else self._noise_of_device, keys, epochs, inputs=read)
                parts = ((start, min(rows_at_once, self.rows - start)) for start in range(0, self.rows, rows_at_once))
                yield EpochDraws(orders[0], (noise[:, 0] for noise in starmap(draw, parts)))

    def _orders(self, keys: Keys, epochs: Words) -> Sequence[Order]:
        """Sort the rows by a random word each, ``(epoch) of (stream, row)``."""
        drawn = philox(counters(self.attempt, epochs, words(-(-self.rows // 4)), words(ORDER, 2**32)), keys)
        of_rows = np.stack(drawn, axis=2).reshape(len(keys), len(epochs), -1)[..., : self.rows].astype(np.uint64)
        ranked = np.sort(of_rows << np.uint64(32) | np.arange(self.rows, dtype=np.uint64))
        return torch.from_numpy((ranked & np.uint64(0xFFFFFFFF)).astype(np.int64)).unbind(1)

    def _noise(self, keys: Keys, epochs: Words, start: int, rows: int, inputs: Words) -> Noises:
        """Draw some rows of some epochs, ``(stream, epoch, row, input)``."""
        blocks = words(start // 4, -(-(start + rows) // 4))
        at_once = max(1, COUNTERS_AT_ONCE // (len(keys) * len(epochs) * max(1, len(inputs))))
        parts = np.array_split(blocks, range(at_once, len(blocks), at_once))
        drawn = torch.cat([self.normals(keys, self.attempt, epochs, each, inputs) for each in parts], dim=2)
        return drawn[:, :, start % 4 : start % 4 + rows]

    def _noise_of_device(self, keys: Keys, epochs: Words, start: int, rows: int, inputs: Words) -> Noises:
        """Draw whole minibatches on the device, each of each stream from a generator with a seed of its own."""
        drawn = torch.empty(len(keys), 1, rows, len(inputs), device=self.device)
        generator, read = torch.Generator(self.device), torch.from_numpy(inputs.astype(np.int64))
        for first in range(start, start + rows, self.minibatch):
            low, high, *_ = philox(counters(self.attempt, epochs, words(first, first + 1), words(SEED, ORDER)), keys)
            seeds = (low + (high.astype(np.uint64) << np.uint64(32))).ravel().tolist()
            for noise, seed in zip(drawn[:, 0, first - start :], seeds, strict=True):
                generator.manual_seed(seed)
                everything = torch.randn(self.minibatch, self.inputs, generator=generator, device=self.device)
                noise[: self.minibatch] = everything[: len(noise), read]
        return drawn


def draws_of(
    streams: Sequence[tuple[int, float]],
    purpose: str,
    attempt: int,
    shape: tuple[int, int, int, int],
    noise: bool,
    device: torch.device = CPU,
) -> Draws:
    """Describe what a round draws for each of the distinct streams: seeds with their edge step, NaN where none is set.

    ``purpose`` is the phase, ``shape`` (epochs, rows, rows of a minibatch, inputs).
    """
    keys = np.array([key_of(seed, purpose, None if isnan(step) else step) for seed, step in streams], dtype=np.uint32)
    epochs, rows, minibatch, inputs = shape
    return Draws(keys.reshape(-1, 2), attempt, epochs, rows, minibatch, inputs if noise else 0, device)
