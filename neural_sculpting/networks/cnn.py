"""Convolutional networks: convolutions, each with ReLU and maxima of 2 × 2 positions, and then dense layers."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from neural_sculpting.networks.architecture import Edits, Pattern, split_edges
from neural_sculpting.networks.matrices import Amounts, Ends, MatrixArchitecture, Shapes, Weight, unit_of

POOLED = 2
"""Height and width of the positions of which the largest counts."""


@dataclass(frozen=True)
class Cnn(MatrixArchitecture):
    """A convolutional network.

    Attributes:
        task: with the shape (channels, height, width).
        channels: of each convolution.
        kernel: height and width of each kernel, an odd number; images are padded with zeros.
        dense: units of each dense layer.
    """

    task: Shapes
    channels: tuple[int, ...]
    kernel: int
    dense: tuple[int, ...]

    @cached_property
    def images(self) -> list[tuple[int, int, int]]:
        """(channels, height, width) of the input and of what each convolution gives."""
        [(_, height, width)] = [self.task.input_shape]
        sizes = [(height // POOLED**depth, width // POOLED**depth) for depth in range(len(self.channels) + 1)]
        return [(each, *size) for each, size in zip((self.task.input_shape[0], *self.channels), sizes, strict=True)]

    @cached_property
    def units(self) -> dict[str, int]:
        """Channels of each convolution, and units of each dense layer."""
        found = {f"channels{depth}": size for depth, size in enumerate(self.channels)}
        return found | {f"dense{depth}": size for depth, size in enumerate(self.dense)}

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """Kernels, rows by channel, and the weights of dense layers, the first with rows by channel, too."""
        found: list[Weight] = []
        source: Ends = ()
        area = self.kernel**2
        for depth, size in enumerate(self.channels):
            shape = (self.images[depth][0] * area, size)
            target: Ends = ((f"channels{depth}", 1),)
            found.append(Weight(f"kernels{depth}", shape, _rows(source, area), target, block=(area, 1)))
            source = target
        rows, each = prod(self.images[-1]), prod(self.images[-1][1:])
        for depth, size in enumerate((*self.dense, self.outputs)):
            last = depth == len(self.dense)
            target = () if last else ((f"dense{depth}", 1),)
            name = "readout" if last else f"dense{depth}"
            found.append(Weight(name, (rows, size), _rows(source, each), target, block=(each, 1)))
            source, rows, each = target, size, 1
        return tuple(found)

    @property
    def activations(self) -> int:
        """About how many numbers a row becomes: most are the windows that kernels read."""
        windows = [prod(image) * (self.kernel**2 + 1) for image in self.images[:-1]]
        return sum(windows) + sum(self._after_kernels) + sum(self.dense) + self.outputs

    @property
    def _after_kernels(self) -> list[int]:
        """Numbers that each convolution gives before the largest are taken."""
        sizes = [height * width for _, height, width in self.images[:-1]]
        return [size * channels for size, channels in zip(sizes, self.channels, strict=True)]

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of a row."""
        kernels = sum(
            size * channels * self.kernel**2
            for size, (channels, *_) in zip(self._after_kernels, self.images, strict=False)
        )
        return kernels + sum(prod(each.shape) for each in self.weights[len(self.channels) :])

    def forward(self, parameters: Tensor, rows: Tensor, edits: Edits) -> Tensor:
        """Compute logits.

        Values are laid out as ``(network, channel, height, width, row)``: products are fast if their last axis is long.
        """
        weights, biases = self.split(parameters)
        networks, count = rows.shape[:2]
        values = rows.mT.view(networks, *self.images[0], count)

        def linear(name: str, source: Tensor) -> Tensor:
            found = torch.baddbmm(biases[name].mT, weights[name].mT, source.flatten(2))
            return found.view(networks, -1, *source.shape[2:])

        def edited(values: Tensor, kind: str) -> Tensor:
            return edits[kind](values) if kind in edits else values

        for depth in range(len(self.channels)):
            values = _largest(linear(f"kernels{depth}", self._windows(values))).relu()
            values = edited(values, f"channels{depth}")
        values = values.flatten(1, 3)
        for depth in range(len(self.dense)):
            values = edited(linear(f"dense{depth}", values).relu(), f"dense{depth}")
        return linear("readout", values).mT

    def _windows(self, values: Tensor) -> Tensor:
        """What a kernel reads at each position, ``(network, channel and place in the kernel, height, width, row)``."""
        margin, (height, width) = self.kernel // 2, values.shape[2:4]
        padded = pad(values, (0, 0, margin, margin, margin, margin))
        places = product(range(self.kernel), repeat=2)
        return torch.stack([padded[:, :, y : y + height, x : x + width] for y, x in places], dim=2).flatten(1, 2)

    @property
    def _of_input(self) -> NDArray[np.int64]:
        return unit_of(self.task.input_units, self.inputs).reshape(self.images[0])

    @property
    def is_shared(self) -> bool:
        """Whether the units of the input are channels, so that a channel is one node for all positions."""
        of_input = self._of_input
        return bool(self.task.input_units) and bool((of_input == of_input[:, :1, :1]).all())

    @property
    def nodes(self) -> list[list[tuple[str, int]]]:
        """Channels, at each position unless these share a node, and units of dense layers."""
        positions = [1 if self.is_shared else prod(image[1:]) for image in self.images[1:]]
        each = [*positions, *[1] * len(self.dense)]
        return [
            [(kind, number) for number in range(size) for _ in range(times)]
            for (kind, size), times in zip(self.units.items(), each, strict=True)
        ]

    def patterns(self, parameters: NDArray[np.float32], rows: NDArray[np.float32]) -> list[Pattern]:
        """The remaining kernels of each channel, by the channel that they read."""
        weights, found = split_edges(parameters[: self.edges], self), []
        for depth, size in enumerate(self.channels):
            below = self.images[depth][0]
            kernels = weights[depth].reshape(below, self.kernel, self.kernel, size)
            for channel in range(size):
                images = {f"from {source}": kernels[source, ..., channel] for source in range(below)}
                left = {name: kernel for name, kernel in images.items() if kernel.any()}
                nodes = tuple(self.nodes_of(f"channels{depth}", channel))
                found.append(Pattern(f"channel {channel}", f"convolution {depth + 1}", nodes, left, signed=True))
        return found

    def stages(self, amounts: Amounts) -> list[NDArray[np.float64]]:
        """Lay out the graph: of channels if the units of the input are channels, else of channels at each position."""
        of_input, shared, found = self._of_input, self.is_shared, []
        for depth, (image, below) in enumerate(zip(self.images[1:], self.images, strict=False)):
            kernels = amounts[f"kernels{depth}"].reshape(below[0], self.kernel, self.kernel, image[0])
            found.append(kernels.sum(axis=(1, 2)) if shared else _unrolled(kernels, below, image))
        units = of_input[:, 0, 0] if shared else of_input.ravel()
        found[0] = np.stack([found[0][units == unit].sum(axis=0) for unit in range(units.max() + 1)])
        dense = [amounts[each.name] for each in self.weights[len(self.channels) :]]
        if shared:
            dense[0] = dense[0].reshape(self.channels[-1], -1, dense[0].shape[1]).sum(axis=1)
        of_output = unit_of(self.task.output_units, self.outputs)
        dense[-1] = np.stack([dense[-1][:, of_output == unit].sum(axis=1) for unit in range(of_output.max() + 1)], 1)
        return [*found, *dense]


def _rows(source: Ends, each: int) -> Ends:
    return tuple((kind, each) for kind, _ in source)


def _largest(values: Tensor) -> Tensor:
    """The largest of 2 × 2 positions, ``(network, channel, height, width, row)``; an odd last row or column is left."""
    height, width = (size // POOLED * POOLED for size in values.shape[2:4])
    rows = _larger(values[:, :, 0:height:2], values[:, :, 1:height:2])
    return _larger(rows[:, :, :, 0:width:2], rows[:, :, :, 1:width:2])


def _larger(one: Tensor, other: Tensor) -> Tensor:
    """The larger of two numbers, up to rounding; ``torch.maximum`` takes several times as long to differentiate."""
    return other + (one - other).relu()


def _unrolled(
    kernels: NDArray[np.float64], below: tuple[int, int, int], above: tuple[int, int, int]
) -> NDArray[np.float64]:
    """What leads from each channel at each position to each pooled one, ``(below, above)``."""
    found, size = np.zeros((*below, *above)), kernels.shape[1]
    ys, xs = (np.arange(length) for length in above[1:])
    for down, right, y, x in product(range(POOLED), range(POOLED), range(size), range(size)):
        rows, columns = POOLED * ys + down + y - size // 2, POOLED * xs + right + x - size // 2
        here, there = ((at >= 0) & (at < length) for at, length in zip((rows, columns), below[1:], strict=True))
        ends = rows[here][:, None], columns[there], ys[here][:, None], xs[there]
        found[:, ends[0], ends[1], :, ends[2], ends[3]] += kernels[:, y, x]
    return found.reshape(prod(below), prod(above))
