"""Random streams that belong to a seed and to nothing else.

A stream is keyed by (seed, purpose, attempt). What a trial draws therefore depends neither on its neighbors in
the batch nor on how long they take; networks of one seed with other steps share their draws; and a trial that is
resumed draws what it would have drawn. The streams are numpy's, whose values do not change with the device.
"""

from dataclasses import dataclass

import numpy as np
import torch

from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.shapes import Noises, Orders, Parameters

PURPOSES = ("start", "unit", "edge", "unit_scores", "edge_scores")
"""What randomness is used for. The position is part of the key: append, never reorder."""


def stream(seed: int, purpose: str, attempt: int = 0) -> np.random.Generator:
    """The random stream of one seed for one purpose in one attempt."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose), attempt)))


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
class RoundDraws:
    """Everything random in one round: one order and one noise for each seed and epoch.

    Attributes:
        order: ``(epoch, seed, row)``, the rows in the order of training.
        noise: ``(epoch, seed, row, input)``, standard normal, or None where no noise is wanted.
    """

    order: Orders
    noise: Noises | None


def draw_round(seeds: list[int], purpose: str, attempt: int, shape: tuple[int, int, int], noise: bool) -> RoundDraws:
    """Draw a round for each seed, each from its own stream.

    Args:
        seeds: the distinct seeds of the batch.
        purpose: the phase, ``"unit"`` or ``"edge"``.
        attempt: the number of the round in its phase.
        shape: (epochs, rows, inputs).
        noise: whether the inputs get noise.
    """
    epochs, rows, inputs = shape
    order = np.empty((epochs, len(seeds), rows), dtype=np.int64)
    values = np.empty((epochs, len(seeds), rows, inputs), dtype=np.float32) if noise else None
    in_order = np.broadcast_to(np.arange(rows), (epochs, rows))
    for position, seed in enumerate(seeds):
        generator = stream(seed, purpose, attempt)
        order[:, position] = generator.permuted(in_order, axis=1)
        if values is not None:
            values[:, position] = generator.standard_normal((epochs, rows, inputs), dtype=np.float32)
    return RoundDraws(torch.from_numpy(order), None if values is None else torch.from_numpy(values))
