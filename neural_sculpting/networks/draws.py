"""Everything random in a round of training: the order of the rows and the noise on the inputs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from neural_sculpting.networks.streams import NOISE_ROWS, DeviceNoise, NoiseSource, StreamNoise, stream

Order = Int64[Tensor, "seed row"]
Noise = Float[Tensor, "seed row input"]
Orders = Int64[Tensor, "epoch seed row"]
Noises = Float[Tensor, "epoch seed row input"]

CPU = torch.device("cpu")

DRAWN_AT_ONCE = 2**20
"""Rounds that need more numbers per seed are drawn epoch by epoch, from other streams: changing it changes results."""


@dataclass(frozen=True)
class EpochDraws:
    """The order of the rows in one epoch, and standard normal noise for some rows at a time in that order, if any."""

    order: Order
    noise: Iterable[Noise] | None


@dataclass(frozen=True)
class RoundDraws:
    """A round drawn at once: for tables that takes a fifth of the time."""

    order: Orders
    noise: Noises | None

    def epoch(self, epoch: int, indices: list[int], rows_at_once: int, inputs: Tensor | None = None) -> EpochDraws:
        """Return one epoch of the seeds at some indices, its noise for the given inputs or all of them.

        Noise comes ``rows_at_once`` rows at a time; its values do not depend on that.
        """
        order, noise = self.order[epoch], None if self.noise is None else self.noise[epoch]
        if indices != list(range(len(order))):
            order, noise = order[indices], None if noise is None else noise[indices]
        if noise is None:
            return EpochDraws(order, None)
        return EpochDraws(order, (noise if inputs is None else noise[..., inputs]).split(rows_at_once, dim=1))


@dataclass(frozen=True)
class DrawsByEpoch:
    """A round drawn epoch by epoch, each from its own stream.

    The noise is drawn as it is read, and only for inputs with an edge: a sculpted network reads a tenth of its inputs,
    and drawing all would take several times as long as its training. ``inputs`` is 0 where no noise is wanted.
    """

    seeds: list[int]
    purpose: str
    attempt: int
    rows: int
    inputs: int
    device: torch.device = CPU

    def epoch(self, epoch: int, indices: list[int], rows_at_once: int, inputs: Tensor | None = None) -> EpochDraws:
        """Draw one epoch, as :meth:`RoundDraws.epoch`."""
        order = np.stack([self._stream(index, epoch).permutation(self.rows) for index in indices])
        if not self.inputs:
            return EpochDraws(torch.from_numpy(order), None)
        kind = StreamNoise if self.device.type == "cpu" else DeviceNoise
        sources = [kind(self._stream(index, epoch), self.inputs) for index in indices]
        return EpochDraws(torch.from_numpy(order), _resplit(self._blocks(sources, inputs), rows_at_once))

    def _stream(self, index: int, epoch: int) -> np.random.Generator:
        return stream(self.seeds[index], self.purpose, self.attempt, epoch)

    def _blocks(self, sources: Sequence[NoiseSource], inputs: Tensor | None) -> Iterator[Noise]:
        wanted = self.inputs if inputs is None else len(inputs)
        for block, start in enumerate(range(0, self.rows, NOISE_ROWS)):
            drawn = torch.empty(len(sources), min(NOISE_ROWS, self.rows - start), wanted, device=self.device)
            for noise, source in zip(drawn, sources, strict=True):
                source.fill(noise, block, inputs)
            yield drawn


Draws = RoundDraws | DrawsByEpoch


def _resplit(blocks: Iterable[Noise], rows: int) -> Iterator[Noise]:
    """Regroup blocks of rows; the last may have fewer."""
    rest: Noise | None = None
    for block in blocks:
        *whole, rest = (block if rest is None else torch.cat([rest, block], dim=1)).split(rows, dim=1)
        if rest.shape[1] == rows:
            whole, rest = [*whole, rest], None
        yield from whole
    if rest is not None:
        yield rest


def are_drawn_at_once(epochs: int, rows: int, inputs: int) -> bool:
    """Whether a seed's draws for a round are few enough to be drawn at once; ``inputs`` counts those with noise."""
    return epochs * rows * max(1, inputs) <= DRAWN_AT_ONCE


def draw_round(
    seeds: list[int], purpose: str, attempt: int, shape: tuple[int, int, int], noise: bool, device: torch.device = CPU
) -> Draws:
    """Draw a round for each of the distinct seeds, at once where a seed's draws are few.

    ``purpose`` is the phase, ``shape`` (epochs, rows, inputs). The noise of long rounds is drawn on the device.
    """
    epochs, rows, inputs = shape
    noisy_inputs = inputs if noise else 0
    if not are_drawn_at_once(epochs, rows, noisy_inputs):
        return DrawsByEpoch(seeds, purpose, attempt, rows, noisy_inputs, device)
    order = np.empty((epochs, len(seeds), rows), dtype=np.int64)
    values = np.empty((epochs, len(seeds), rows, inputs), dtype=np.float32) if noise else None
    in_order = np.broadcast_to(np.arange(rows), (epochs, rows))
    for index, seed in enumerate(seeds):
        generator = stream(seed, purpose, attempt)
        order[:, index] = generator.permuted(in_order, axis=1)
        if values is not None:
            values[:, index] = generator.standard_normal((epochs, rows, inputs), dtype=np.float32)
    return RoundDraws(torch.from_numpy(order), None if values is None else torch.from_numpy(values))
