"""Random streams that belong to a seed and to nothing else.

A stream is keyed by (seed, purpose, attempt), for long rounds by the epoch too. What a trial draws therefore depends
neither on its neighbors in the batch nor on how long they take; networks of one seed with other steps share their
draws; and a trial that is resumed draws what it would have drawn. The streams are numpy's, whose values do not change
with the device.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import torch

from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.shapes import Noise, Noises, Order, Orders, Parameters

PURPOSES = ("start", "unit", "edge", "unit_scores", "edge_scores")
"""What randomness is used for. The position is part of the key: append, never reorder."""


DRAWN_AT_ONCE = 2**20
"""Rounds of which a seed needs more numbers than this are drawn epoch by epoch. It says which stream a draw comes from:
to change it changes results."""


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


@dataclass(frozen=True)
class EpochDraws:
    """Everything random in one epoch.

    Attributes:
        order: ``(seed, row)``, the rows in the order of training.
        noise: ``(seed, row, input)``, standard normal, or None where no noise is wanted.
    """

    order: Order
    noise: Noise | None


class Draws(ABC):
    """Everything random in one round: one order and one noise for each seed and epoch."""

    @abstractmethod
    def epoch(self, number: int, places: list[int]) -> EpochDraws:
        """What is drawn for one epoch.

        Args:
            number: of the epoch, from 0.
            places: those of the wanted seeds among the seeds of the batch.
        """


@dataclass(frozen=True)
class RoundDraws(Draws):
    """A round drawn at once: for tables that takes a fifth of the time.

    Attributes:
        order: ``(epoch, seed, row)``, the rows in the order of training.
        noise: ``(epoch, seed, row, input)``, standard normal, or None where no noise is wanted.
    """

    order: Orders
    noise: Noises | None

    def epoch(self, number: int, places: list[int]) -> EpochDraws:
        """What was drawn for one epoch."""
        order, noise = self.order[number], None if self.noise is None else self.noise[number]
        if places == list(range(len(order))):
            return EpochDraws(order, noise)
        return EpochDraws(order[places], None if noise is None else noise[places])


@dataclass(frozen=True)
class DrawsByEpoch(Draws):
    """A round drawn epoch by epoch, when an epoch is due, each from a stream of its own.

    Attributes:
        seeds: the distinct seeds of the batch.
        purpose: the phase.
        attempt: the number of the round in its phase.
        rows: in an epoch.
        inputs: of a row that get noise; 0 where no noise is wanted.
    """

    seeds: list[int]
    purpose: str
    attempt: int
    rows: int
    inputs: int

    def epoch(self, number: int, places: list[int]) -> EpochDraws:
        """Draw one epoch."""
        order = np.empty((len(places), self.rows), dtype=np.int64)
        noise = np.empty((len(places), self.rows, self.inputs), dtype=np.float32) if self.inputs else None
        for position, place in enumerate(places):
            generator = stream(self.seeds[place], self.purpose, self.attempt, number)
            order[position] = generator.permutation(self.rows)
            if noise is not None:
                generator.standard_normal(out=noise[position], dtype=np.float32)
        return EpochDraws(torch.from_numpy(order), None if noise is None else torch.from_numpy(noise))


def draw_round(seeds: list[int], purpose: str, attempt: int, shape: tuple[int, int, int], noise: bool) -> Draws:
    """Draw a round for each seed, each from its own streams: at once where a seed's draws are few.

    Args:
        seeds: the distinct seeds of the batch.
        purpose: the phase, ``"unit"`` or ``"edge"``.
        attempt: the number of the round in its phase.
        shape: (epochs, rows, inputs).
        noise: whether the inputs get noise.
    """
    epochs, rows, inputs = shape
    if epochs * rows * (inputs if noise else 1) > DRAWN_AT_ONCE:
        return DrawsByEpoch(seeds, purpose, attempt, rows, inputs if noise else 0)
    order = np.empty((epochs, len(seeds), rows), dtype=np.int64)
    values = np.empty((epochs, len(seeds), rows, inputs), dtype=np.float32) if noise else None
    in_order = np.broadcast_to(np.arange(rows), (epochs, rows))
    for position, seed in enumerate(seeds):
        generator = stream(seed, purpose, attempt)
        order[:, position] = generator.permuted(in_order, axis=1)
        if values is not None:
            values[:, position] = generator.standard_normal((epochs, rows, inputs), dtype=np.float32)
    return RoundDraws(torch.from_numpy(order), None if values is None else torch.from_numpy(values))
