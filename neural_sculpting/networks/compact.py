"""Networks without the units that are pruned away: the same networks in narrower layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.shapes import Masks, Numbers, Parameters

WIDTHS = (16, 32, 64, 128, 256, 512, 1024)
"""Networks whose hidden layers use no more units than one of these are computed at that width.

Only widths of at most half the widest layer count: for less, the calls of one more batch cost more than they save.
"""


def widths_of(masks: Masks, layout: Layout) -> Numbers:
    """The width at which each network is computed, ``(network,)``.

    It depends on the network alone, never on its neighbors, so that the last bits do not either.
    """
    widest = max(layout.layers[1:-1])
    needed = torch.stack([units.sum(dim=1) for units in _used_units(masks, layout)]).amax(dim=0)
    widths = [width for width in WIDTHS if 2 * width <= widest]
    steps = torch.tensor([*widths, widest], device=masks.device)
    return steps[torch.bucketize(needed, steps)]


VECTOR = 16
"""Networks that are computed one by one have layers of a multiple of this many units, as processors like it."""


@dataclass(frozen=True)
class Compaction:
    """Where the parameters of networks lie when unused units have left their hidden layers.

    Attributes:
        layout: the narrower shape.
        positions: ``(network, parameter)``, the place of each parameter of the narrower networks in the wider rows.
        inputs: ``(network, input)``, the numbers of the inputs that are left.
    """

    layout: Layout
    positions: Tensor
    inputs: Tensor

    @classmethod
    def to_width(cls, masks: Masks, layout: Layout, width: int) -> "Compaction":
        """Narrow the hidden layers of all networks to the same width.

        Args:
            masks: ``(network, parameter)``; no layer uses more units than the width.
            layout: the shape of the networks.
            width: the widest that a hidden layer may be.
        """
        first, *hidden, last = layout.layers
        return cls.to_widths(masks, layout, [first, *(min(width, size) for size in hidden), last])

    @classmethod
    def to_used(cls, masks: Masks, layout: Layout) -> "Compaction | None":
        """Narrow every layer of one network, inputs included, to the units that it uses, rounded up to whole vectors.

        Args:
            masks: ``(1, parameter)``.
            layout: the shape of the network.

        Returns:
            None where no layer becomes narrower.
        """
        used = [int(units.sum()) for units in (_used_inputs(masks, layout), *_used_units(masks, layout))]
        widths = [max(VECTOR, -(-units // VECTOR) * VECTOR) for units in used]
        layers = (*map(min, widths, layout.layers), layout.layers[-1])
        return None if layers == layout.layers else cls.to_widths(masks, layout, layers)

    @classmethod
    def to_widths(cls, masks: Masks, layout: Layout, widths: Sequence[int]) -> "Compaction":
        """Keep the used units of each layer, in their order, and as many others as its width takes.

        Args:
            masks: ``(network, parameter)``; no layer uses more units than its width.
            layout: the shape of the networks.
            widths: the new number of units of each layer; all outputs stay.
        """
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
        """The parameters (or masks) of the narrower networks."""
        return rows.gather(1, self.positions)

    def widen(self, rows: Parameters, parameters: int) -> Tensor:
        """The parameters at their places in the wider rows, zero elsewhere: those are pruned."""
        return rows.new_zeros(len(rows), parameters).scatter(1, self.positions, rows)


def _used_inputs(masks: Masks, layout: Layout) -> Tensor:
    """The inputs with an edge left, ``(network, input)``."""
    return layout.split(masks)[0][0].any(dim=2)


def _used_units(masks: Masks, layout: Layout) -> list[Tensor]:
    """For each hidden layer the units with an edge left, ``(network, unit)``.

    A unit whose edges on one side alone are pruned is used: weight decay still moves the others.
    """
    weights, _ = layout.split(masks)
    return [entering.any(dim=1) | leaving.any(dim=2) for entering, leaving in pairwise(weights)]
