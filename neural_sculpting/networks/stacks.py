"""Which networks are computed side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neural_sculpting.networks.examples import ROWS_AT_ONCE
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import PADDING

ONE_BY_ONE = 2**21
"""Networks for which a minibatch takes so many products or more are computed one by one on a CPU.

They keep a core busy by themselves. Alone, a network needs no padding and has layers as wide as it uses them. A
constant: the last bits of results depend on it.
"""

SEVERAL_THREADS = 2**24
"""Networks for which a minibatch takes so many products or more are computed by several threads."""

ACTIVATION_COPIES = 3
"""Activations, their gradients and temporary copies."""

ACTIVATION_BYTES = 2**30
"""Activations of networks that are computed side by side take no more than about this much memory."""


def products(layout: Layout, rows: int) -> int:
    """How many products of numbers it takes to run so many rows through a network."""
    return rows * layout.edges


@dataclass(frozen=True)
class Stack:
    """Networks that are computed side by side.

    Attributes:
        places: where they stand in the batch, the last one repeated until a stack is full.
        count: how many of them are not repetitions.
    """

    places: Tensor
    count: int


@dataclass(frozen=True)
class Stacking:
    """How the networks of a batch are divided into stacks. What a network computes does not depend on it.

    Attributes:
        one_by_one: every network is a stack.
        padding: else the size of a stack is a multiple of this, and so many at least.
        most: the size of the largest stack.
        rows: that go through a network at once, at most: a minibatch, or a chunk of a set.
    """

    one_by_one: bool
    padding: int
    most: int
    rows: int

    @classmethod
    def of(cls, layout: Layout, device: torch.device, batch_size: int, sizes: Sequence[int]) -> "Stacking":
        """Choose for networks of one shape.

        Args:
            layout: the shape.
            device: where they are computed.
            batch_size: rows of a minibatch.
            sizes: rows of the training set, the validation set and, where there is one, the test set.
        """
        training, validation, *_ = sizes
        size, chunk = min(batch_size, training), min(ROWS_AT_ONCE, validation)
        rows = max(size, min(ROWS_AT_ONCE, max(sizes)))
        if device.type == "cpu" and products(layout, size) >= ONE_BY_ONE:
            return cls(one_by_one=True, padding=1, most=1, rows=rows)
        # Logits of a network must be an even number wherever a sigmoid or a loss is computed of them.
        logits = [number * layout.layers[-1] for number in (size, training % size, chunk, validation % chunk)]
        padding = 2 * PADDING if any(number % 2 for number in logits) else PADDING
        if device.type != "cpu":  # where last bits are not promised
            padding = 1
        fitting = ACTIVATION_BYTES // (4 * ACTIVATION_COPIES * rows * sum(layout.layers))
        return cls(one_by_one=False, padding=padding, most=max(1, fitting // padding) * padding, rows=rows)

    def stacks(self, places: Tensor) -> Iterator[Stack]:
        """Divide the networks at these places of a batch, in their order."""
        for part in places.split(self.most):
            count = len(part)
            total = -(-count // self.padding) * self.padding
            yield Stack(torch.cat([part, part[-1:].expand(total - count)]), count)
