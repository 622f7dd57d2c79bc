"""A trained network as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.layers import LinearLayer, check_layers, largest_of_convolved

if TYPE_CHECKING:
    import networkx as nx

Zeros = Literal["pruned", "kept"]
"""Whether a weight of exactly zero counts as a pruned edge."""


End = Literal["Sigmoid", "Softmax", "LogSoftmax"]
"""What a source may apply to its outputs, which are logits here."""


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A trained network with ReLU hidden units, from which sculpting can start: a perceptron, or one of convolutions.

    Attributes:
        weights: ``(fan_in, fan_out)`` for each weight layer, from the inputs up; zero where pruned. Rows of kernels are
            by channel, and then by place; those of the first Linear behind a convolution by channel, and then by
            position.
        biases: ``(fan_out,)`` for each weight layer.
        masks: ``(fan_in, fan_out)`` for each weight layer, true for the edges that remain. Every hidden unit has edges
            on both sides, or none; a channel is one unit.
        file: the path, or the trial of a sweep, that it was read from; None for a network in memory.
        end: what the source applies to the outputs, which are logits here; None for nothing.
        from_state_dict: whether the source has only names and tensors, not what happens between its layers.
        note: how it was changed to fit a task; empty if it was not.
        kernels: height and width of the kernels of each convolution; the largest of 2 × 2 positions counts behind it.
        hierarchy: what was read from it where it was sculpted; None for other networks.
        reader: that read it.
        names: likewise of its inputs and of its outputs there; empty where they are numbered.
        accuracy: likewise what it reached there.
    """

    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]
    masks: tuple[NDArray[np.bool_], ...]
    file: str | None = None
    end: End | None = None
    from_state_dict: bool = False
    note: str = ""
    kernels: tuple[int, ...] = ()
    hierarchy: nx.DiGraph | None = None
    reader: str = ""
    accuracy: float | None = None
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @classmethod
    def of(
        cls, layers: Sequence[LinearLayer], source: str, zeros: Zeros = "pruned", end: End | None = None
    ) -> TrainedNetwork:
        """Check and join layers, from the inputs up, and remove hidden units that pruning has cut off.

        Raises:
            UserError: if they do not fit together, or a channel without edges is no constant of the layer above.
        """
        check_layers(layers, source)
        masks = [np.ones(layer.weight.shape, np.bool_) if layer.mask is None else layer.mask.copy() for layer in layers]
        if zeros == "pruned":
            masks = [mask & (layer.weight != 0) for mask, layer in zip(masks, layers, strict=True)]
        weights = [np.where(mask, layer.weight, np.float32(0)) for mask, layer in zip(masks, layers, strict=True)]
        zero = [np.zeros(layer.weight.shape[1], np.float32) for layer in layers]
        biases = [none if layer.bias is None else layer.bias.copy() for none, layer in zip(zero, layers, strict=True)]
        _remove_dead_units(layers, weights, biases, masks, source)
        kernels = tuple(layer.kernel for layer in layers if layer.kernel)
        return cls(tuple(weights), tuple(biases), tuple(masks), end=end, kernels=kernels)

    @property
    def layers(self) -> tuple[int, ...]:
        """Units or channels of each layer, outputs last; first the inputs, or what a kernel reads."""
        return (len(self.weights[0]), *map(len, self.biases))

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units or channels of each hidden layer."""
        return self.layers[1:-1]

    @property
    def arch(self) -> dict[str, Any]:
        """Its kind and settings, by their keys in the section ``arch``."""
        number = len(self.kernels)
        if not number:
            return {"name": "mlp", "hidden": self.hidden}
        channels, dense = self.hidden[:number], self.hidden[number:]
        return {"name": "cnn", "channels": channels, "kernel": self.kernels[0], "dense": dense}

    @property
    def row(self) -> NDArray[np.float32]:
        """All weights, and then all biases, ``(parameter,)``."""
        return np.concatenate([array.ravel() for array in (*self.weights, *self.biases)])

    @property
    def edges(self) -> NDArray[np.bool_]:
        """Which weights remain, ``(edge,)``."""
        return np.concatenate([mask.ravel() for mask in self.masks])

    @property
    def name(self) -> str:
        """Its name in errors."""
        return f"network={self.file}" if self.file else "network"

    def logits(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute the outputs of rows, ``(row, input)`` or ``(row, channel, height, width)`` → ``(row, output)``."""
        *hidden, last = zip(self.weights, self.biases, strict=True)
        number = len(self.kernels)
        for kernel, (weight, bias) in zip(self.kernels, hidden[:number], strict=True):
            rows = largest_of_convolved(rows, weight, bias, kernel)
        rows = rows.reshape(len(rows), -1)
        for weight, bias in hidden[number:]:
            rows = np.maximum(rows @ weight + bias, 0)
        return rows @ last[0] + last[1]

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its shape, weights, biases and masks, whatever the file."""
        digest = hashlib.sha256(",".join(map(str, (*self.layers, *self.kernels))).encode())
        for array in (*self.weights, *self.biases):
            digest.update((array + np.float32(0)).astype("<f4").tobytes())  # not -0.0
        for mask in self.masks:
            digest.update(np.packbits(mask).tobytes())
        return digest.hexdigest()


def _remove_dead_units(
    layers: Sequence[LinearLayer],
    weights: Sequence[NDArray[np.float32]],
    biases: Sequence[NDArray[np.float32]],
    masks: Sequence[NDArray[np.bool_]],
    source: str,
) -> None:
    """Remove hidden units that have edges on one side only, in place; the network computes the same function.

    A hidden unit without incoming edges is a constant, which is added to the biases of the units above it. One without
    outgoing edges adds nothing. In sculpting a unit has edges on both sides, or it is pruned and has no bias.
    A convolution reads zeros around a constant channel, so that no bias can replace it.
    """
    last = len(masks) - 1
    each = [len(above) // below.shape[1] for below, above in pairwise(masks)]  # rows of a unit in the layer above
    for layer in range(last):
        constant = ~masks[layer].any(axis=0)
        values = np.where(constant, np.maximum(biases[layer], 0), 0)
        if layers[layer + 1].kernel > 1 and values.any():
            found = f"channel {values.argmax()} of layer {layers[layer].name} has no edges left and is the constant"
            above = f"layer {layers[layer + 1].name}, which reads it, must have pruned it"
            raise UserError(f"{source}: {found} {values.max():g}; {above}, or its bias be 0 or less")
        rows = np.repeat(constant, each[layer])
        biases[layer + 1][:] += np.repeat(values, each[layer])[rows] @ weights[layer + 1][rows]
        masks[layer + 1][rows] = False
        biases[layer][constant] = 0
    for layer in reversed(range(last)):
        unused = ~masks[layer + 1].reshape(-1, each[layer] * masks[layer + 1].shape[1]).any(axis=1)
        masks[layer][:, unused] = False
        biases[layer][unused] = 0
    for weight, mask in zip(weights, masks, strict=True):
        weight[~mask] = 0
