"""Stacks of networks that are computed side by side, and narrower layers without the units that are pruned away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.examples import ROWS_AT_ONCE
from neural_sculpting.networks.layout import Layout, Masks, Numbers, Parameters
from neural_sculpting.networks.matrices import MatrixArchitecture

PADDING = 16
"""The number of networks in a stack is a multiple of this.

Vectorized kernels treat the end of a tensor differently from its middle, so that the last bits of a network would
depend on how many others share its batch. With the leading axis a multiple of the widest vector (16 floats) no
tensor has such an end. Kernels of functions such as the sigmoid take two vectors at a time: their tensors need an even
number of elements for each network, or twice as many networks.
"""

ONE_BY_ONE = 2**21
"""Multiplications per minibatch from which networks are computed one by one on a CPU.

Each keeps a core busy, needs no padding, and has layers only as wide as it uses them. A constant: the last bits of
results depend on it.
"""

SEVERAL_THREADS = 2**24
"""Multiplications per minibatch from which networks are computed by several threads."""

ACTIVATION_COPIES = 3
"""Activations, their gradients and temporary copies."""

ACTIVATION_BYTES = 2**30
"""About the most memory for activations of networks that are computed side by side."""

WIDTHS = (16, 32, 64, 128, 256, 512, 1024)
"""Widths at which networks are computed whose hidden layers use no more units.

Only those of at most half the widest layer: otherwise the calls of one more batch cost more than they save.
"""

VECTOR = 16
"""Layers of networks that are computed one by one have a multiple of this many units, which processors like."""


@dataclass(frozen=True)
class Stack:
    """Indices of networks side by side, the last one repeated until the stack is full, and how many are real."""

    indices: Tensor
    count: int


@dataclass(frozen=True)
class Stacking:
    """How a batch is divided into stacks; what a network computes does not depend on it.

    The size of a stack is a multiple of ``padding`` and at most ``most``; with ``one_by_one`` it is one network.
    ``rows`` is the most that go through a network at once: a minibatch, or a chunk of a set.
    """

    one_by_one: bool
    padding: int
    most: int
    rows: int

    @classmethod
    def of(cls, layout: Architecture, device: torch.device, batch_size: int, sizes: Sequence[int]) -> "Stacking":
        """Choose for networks of one shape; ``sizes`` counts the rows of the training, validation and any test set."""
        training, validation, *_ = sizes
        size, chunk = min(batch_size, training), min(ROWS_AT_ONCE, validation)
        rows = max(size, min(ROWS_AT_ONCE, max(sizes)))
        if isinstance(layout, Layout) and device.type == "cpu" and size * layout.macs >= ONE_BY_ONE:
            return cls(one_by_one=True, padding=1, most=1, rows=rows)
        # Logits of a network must be an even number wherever a sigmoid or a loss is computed of them.
        numbers = (size, training % size, chunk, validation % chunk)
        padding = 2 * PADDING if any(number * layout.outputs % 2 for number in numbers) else PADDING
        if isinstance(layout, MatrixArchitecture):
            sizes_of_row = (layout.inputs, layout.outputs, *layout.units.values())
            if not any(number * size % (2 * PADDING) for number in numbers for size in sizes_of_row):
                padding = 1  # every tensor of a network is made of whole vectors
        padding = padding if device.type == "cpu" else 1  # last bits are not promised elsewhere
        fitting = ACTIVATION_BYTES // (4 * ACTIVATION_COPIES * rows * layout.activations)
        return cls(one_by_one=False, padding=padding, most=max(1, fitting // padding) * padding, rows=rows)

    def stacks(self, indices: Tensor) -> Iterator[Stack]:
        """Divide the networks at some indices of a batch, in order."""
        for chunk in indices.split(self.most):
            count = len(chunk)
            total = -(-count // self.padding) * self.padding
            yield Stack(torch.cat([chunk, chunk[-1:].expand(total - count)]), count)


def widths_of(masks: Masks, layout: Layout) -> Numbers:
    """Choose the width of each network from that network alone: the last bits of its results depend on the width."""
    widest = max(layout.layers[1:-1])
    needed = torch.stack([units.sum(dim=1) for units in _used_units(masks, layout)]).amax(dim=0)
    widths = [width for width in WIDTHS if 2 * width <= widest]
    steps = torch.tensor([*widths, widest], device=masks.device)
    return steps[torch.bucketize(needed, steps)]


@dataclass(frozen=True)
class Compaction:
    """The parameters that networks keep when unused units are dropped, which makes their layers those of ``layout``.

    ``positions``, ``(network, parameter)``, locates the narrower networks' parameters in the wider rows; ``inputs``,
    ``(network, input)``, lists the inputs that remain.
    """

    layout: Layout
    positions: Tensor
    inputs: Tensor

    @classmethod
    def to_width(cls, masks: Masks, layout: Layout, width: int) -> "Compaction":
        """Narrow the hidden layers of all networks to a width; no layer uses more units."""
        first, *hidden, last = layout.layers
        return cls.to_widths(masks, layout, [first, *(min(width, size) for size in hidden), last])

    @classmethod
    def to_used(cls, masks: Masks, layout: Layout) -> "Compaction | None":
        """Narrow all layers of one network, inputs too, to the units that it uses, rounded up to whole vectors.

        None where no layer becomes narrower.
        """
        used = [int(units.sum()) for units in (_used_inputs(masks, layout), *_used_units(masks, layout))]
        widths = [max(VECTOR, -(-units // VECTOR) * VECTOR) for units in used]
        layers = (*map(min, widths, layout.layers), layout.layers[-1])
        return None if layers == layout.layers else cls.to_widths(masks, layout, layers)

    @classmethod
    def to_widths(cls, masks: Masks, layout: Layout, widths: Sequence[int]) -> "Compaction":
        """Keep the used units of each layer, in order, filled up with others to its new width; all outputs stay."""
        layers = [_used_inputs(masks, layout), *_used_units(masks, layout), masks.new_ones(len(masks), widths[-1])]
        kept = [
            used.sort(dim=1, descending=True, stable=True).indices[:, :width].sort(dim=1).values
            for used, width in zip(layers, widths, strict=True)
        ]
        weights, biases, start = [], [], 0
        for (source, target), (fan_in, fan_out) in zip(pairwise(kept), layout.shapes, strict=True):
            weights.append((start + source[:, :, None] * fan_out + target[:, None, :]).flatten(1))
            start += fan_in * fan_out
        for target, fan_out in zip(kept[1:], layout.layers[1:], strict=True):
            biases.append(start + target)
            start += fan_out
        narrower = Layout(tuple(layer.shape[1] for layer in kept))
        return cls(narrower, torch.cat([*weights, *biases], dim=1), inputs=kept[0])

    def narrow(self, rows: Tensor) -> Tensor:
        """Select the parameters (or masks) of the narrower networks."""
        return rows.gather(1, self.positions)

    def widen(self, rows: Parameters, parameters: int) -> Tensor:
        """Put parameters back into the wider rows, zero elsewhere: those are pruned."""
        return rows.new_zeros(len(rows), parameters).scatter(1, self.positions, rows)


def _used_inputs(masks: Masks, layout: Layout) -> Tensor:
    """The inputs that have an edge, ``(network, input)``."""
    return layout.split(masks)[0][0].any(dim=2)


def _used_units(masks: Masks, layout: Layout) -> list[Tensor]:
    """The units of each hidden layer that have an edge, ``(network, unit)``.

    One side is enough: weight decay still moves those edges.
    """
    weights, _ = layout.split(masks)
    return [entering.any(dim=1) | leaving.any(dim=2) for entering, leaving in pairwise(weights)]
