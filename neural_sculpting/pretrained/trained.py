"""A trained multilayer perceptron, as numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.dead_units import without_dead_units

Zeros = Literal["pruned", "kept"]
"""Whether a weight of exactly zero counts as a pruned edge."""


@dataclass(frozen=True, eq=False)
class LinearLayer:
    """One layer as a source holds it.

    Attributes:
        name: where it stands in the source.
        weight: ``(fan_in, fan_out)``.
        bias: ``(fan_out,)``; None where it has none.
        mask: ``(fan_in, fan_out)``, true for the edges that the source has not pruned; None where it says nothing.
    """

    name: str
    weight: NDArray[np.float32]
    bias: NDArray[np.float32] | None = None
    mask: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A trained multilayer perceptron with ReLU hidden units, from which sculpting can start.

    Attributes:
        weights: ``(fan_in, fan_out)`` for each weight layer, from the inputs up; zero where pruned.
        biases: ``(fan_out,)`` for each weight layer.
        masks: ``(fan_in, fan_out)`` for each weight layer, true for the edges that are left. Every hidden unit has
            edges on both sides, or none.
        file: the path that it was read from; None for a network in memory.
        ends_with_sigmoid: whether the source applies a sigmoid to the outputs, which are logits here.
    """

    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]
    masks: tuple[NDArray[np.bool_], ...]
    file: str | None = None
    ends_with_sigmoid: bool = False

    @classmethod
    def of(
        cls,
        layers: Sequence[LinearLayer],
        source: str,
        zeros: Zeros = "pruned",
        ends_with_sigmoid: bool = False,
    ) -> TrainedNetwork:
        """Join layers to a network, and clear away hidden units that pruning has cut off.

        Args:
            layers: from the inputs up.
            source: what they come from, for errors.
            zeros: whether weights of exactly zero count as pruned.
            ends_with_sigmoid: see above.

        Raises:
            UserError: if the layers do not make one network, or a number is not finite.
        """
        _check(layers, source)
        masks = [_mask_of(layer, zeros) for layer in layers]
        weights = [np.where(mask, layer.weight, np.float32(0)) for mask, layer in zip(masks, layers, strict=True)]
        biases = [
            np.zeros(layer.weight.shape[1], np.float32) if layer.bias is None else layer.bias.copy() for layer in layers
        ]
        weights, biases, masks = without_dead_units(weights, biases, masks)
        return cls(tuple(weights), tuple(biases), tuple(masks), ends_with_sigmoid=ends_with_sigmoid)

    @property
    def layers(self) -> tuple[int, ...]:
        """Units of each layer, inputs first, outputs last."""
        return (len(self.weights[0]), *map(len, self.biases))

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return self.layers[1:-1]

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return f"network={self.file}" if self.file else "network"

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its shape, weights, biases and masks: the same for the same network in another file."""
        digest = hashlib.sha256(",".join(map(str, self.layers)).encode())
        for array in (*self.weights, *self.biases):
            digest.update((array + np.float32(0)).astype("<f4").tobytes())  # no negative zeros
        for mask in self.masks:
            digest.update(np.packbits(mask).tobytes())
        return digest.hexdigest()


def _check(layers: Sequence[LinearLayer], source: str) -> None:
    for layer in layers:
        for kind, values in (("weights", layer.weight), ("biases", layer.bias)):
            if values is not None and not np.isfinite(values).all():
                raise UserError(f"{source}: {_named(layer)} has {kind} that are NaN or infinite as 32-bit numbers")
        if not layer.weight.size:
            raise UserError(f"{source}: {_named(layer)} has no weights")
        if layer.bias is not None and layer.bias.shape != layer.weight.shape[1:]:
            raise UserError(
                f"{source}: {_named(layer)} has {layer.weight.shape[1]} outputs and biases of shape {layer.bias.shape}"
            )
    for lower, upper in pairwise(layers):
        if lower.weight.shape[1] != len(upper.weight):
            raise UserError(
                f"{source}: {_named(lower)} has {lower.weight.shape[1]} outputs, {_named(upper)}, which comes next, "
                f"has {len(upper.weight)} inputs"
            )
    if len(layers) < 2:
        found = "one Linear layer" if layers else "no Linear layer"
        raise UserError(f"{source}: has {found}; must have two or more, with hidden units between them")


def _named(layer: LinearLayer) -> str:
    return f"layer {layer.name}"


def _mask_of(layer: LinearLayer, zeros: Zeros) -> NDArray[np.bool_]:
    mask = np.ones(layer.weight.shape, np.bool_) if layer.mask is None else layer.mask
    return mask & (layer.weight != 0) if zeros == "pruned" else mask
