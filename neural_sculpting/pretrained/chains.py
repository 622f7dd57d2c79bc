"""A chain of layers and activations, from whatever source, as the layers of a network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.layers import LinearLayer
from neural_sculpting.pretrained.trained import End

ALLOWED = (
    "alternating Linear and ReLU, with BatchNorm beside a Linear, Flatten, Identity and Dropout anywhere, and Sigmoid "
    "or Softmax at the end; before the first Linear may be convolutions, each with BatchNorm right behind it or none, "
    "and then ReLU and MaxPool2d(2)"
)

STATISTICS = ("running_mean", "running_var")
"""The tensors of a BatchNorm that no other layer has."""

Kind = Literal["Linear", "Conv2d", "MaxPool2d", "BatchNorm", "ReLU", "Sigmoid", "Softmax", "LogSoftmax"]

ENDS: dict[str, End] = {"Sigmoid": "Sigmoid", "Softmax": "Softmax", "LogSoftmax": "LogSoftmax"}

Layers = tuple[list[LinearLayer], End | None]
"""Layers from the inputs up, and what the source applies to the outputs of the last, which are logits here."""


@dataclass(frozen=True, eq=False)
class Norm:
    """A BatchNorm in evaluation mode: it multiplies by ``scale`` and adds ``shift``, ``(unit,)`` each."""

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.float32]], epsilon: float, name: str) -> "Norm":
        """Compute (x - mean) / √(variance + ε) · weight + bias from the tensors of a BatchNorm, named as torch does.

        Raises:
            UserError: if they do not fit together; ``name`` is that of the source and the layer.
        """
        shapes = {array.shape for array in arrays.values()}
        if len(shapes) > 1 or len(next(iter(shapes))) != 1:
            raise UserError(f"{name} is BatchNorm with tensors of the shapes {', '.join(sorted(map(str, shapes)))}")
        mean, variance = (arrays[part].astype(np.float64) for part in STATISTICS)
        with np.errstate(invalid="ignore", divide="ignore"):  # numbers that are not finite are refused later
            scale = arrays.get("weight", np.float32(1)) / np.sqrt(variance + epsilon)
            return cls(scale, arrays.get("bias", np.float32(0)) - mean * scale)

    def after(self, layer: LinearLayer) -> LinearLayer:
        """Fold it into the Linear before it."""
        bias = np.float32(0) if layer.bias is None else layer.bias
        return replace(layer, weight=_rounded(layer.weight * self.scale), bias=_rounded(bias * self.scale + self.shift))

    def before(self, layer: LinearLayer) -> LinearLayer:
        """Fold it into the Linear after it."""
        bias = np.float32(0) if layer.bias is None else layer.bias
        kept = layer.weight if layer.mask is None else np.where(layer.mask, layer.weight, 0)
        return replace(
            layer, weight=_rounded(self.scale[:, None] * layer.weight), bias=_rounded(self.shift @ kept + bias)
        )


@dataclass(frozen=True, eq=False)
class Link:
    """A member of a chain, by its name in the source; a Linear or Conv2d has a layer, a BatchNorm what it does."""

    kind: Kind
    name: str
    layer: LinearLayer | None = None
    norm: Norm | None = None


def layers_of_chain(chain: Sequence[Link], source: str) -> Layers:
    """Return the layers of a chain, from the inputs up, and the activation that ends it.

    Every hidden layer, and no other, must be followed by ReLU. BatchNorm is folded into the Linear before or after it,
    or the convolution before it; the one after it reads zeros around images, which BatchNorm leaves alone.

    Raises:
        UserError: if the chain is another one.
    """
    end = ENDS.get(chain[-1].kind) if chain else None
    hidden = chain[:-1] if end else chain
    linear = _folded(hidden, source)
    if problem := next(_problems(linear), None):
        raise UserError(f"{source}: {problem}; must be {ALLOWED}")
    layers = [link.layer for link in linear if link.layer is not None]
    if end in ("Softmax", "LogSoftmax") and layers and layers[-1].weight.shape[1] == 1:
        raise UserError(f"{source}: {chain[-1].name} is {end} of a single output, which is a constant; must be Sigmoid")
    return layers, end


def _folded(chain: Sequence[Link], source: str) -> list[Link]:
    """Fold each BatchNorm into the Linear before it, or else into the one after it."""
    folded: list[Link] = []
    waiting: list[tuple[str, Norm]] = []
    for link in chain:
        layer = folded[-1].layer if folded else None
        if link.norm is not None and layer is not None and not waiting:
            _check_width(link.name, link.norm, layer.weight.shape[1], source)
            folded[-1] = replace(folded[-1], layer=link.norm.after(layer))
        elif link.norm is not None:
            waiting.append((link.name, link.norm))
        elif waiting and (link.layer is None or link.layer.kernel):
            break
        else:
            for name, norm in reversed(waiting):
                assert link.layer is not None
                _check_width(name, norm, len(link.layer.weight), source)
                link = replace(link, layer=norm.before(link.layer))
            waiting.clear()
            folded.append(link)
    if waiting:
        found = f"{waiting[0][0]} is BatchNorm without a Linear right before or after it, or a Conv2d before it"
        raise UserError(f"{source}: {found}; must be {ALLOWED}")
    return folded


def _check_width(name: str, norm: Norm, units: int, source: str) -> None:
    if not norm.scale.shape == norm.shift.shape == (units,):
        shape = norm.shift.shape
        raise UserError(f"{source}: {name} is BatchNorm of the shape {shape}, beside a layer of {units} units")


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32)


def _problems(chain: Sequence[Link]) -> Iterator[str]:
    if chain and chain[0].kind in ("ReLU", "MaxPool2d"):
        yield f"{chain[0].name} is {chain[0].kind} before the first Linear"
    for lower, upper in pairwise(chain):
        if lower.kind == upper.kind == "Linear":
            yield f"{lower.name} and {upper.name} are Linear without ReLU between them"
    for number, link in enumerate(chain, start=1):
        behind = [each.kind for each in takewhile(lambda each: each.layer is None, chain[number:])]
        if link.kind == "Conv2d" and (behind.count("MaxPool2d") != 1 or "ReLU" not in behind):
            yield f"{link.name} is Conv2d without ReLU and one MaxPool2d(2) behind it"
        if link.kind == "Linear" and "MaxPool2d" in behind:
            yield f"{link.name} is Linear with MaxPool2d behind it"
        if link.kind in ENDS:
            yield f"{link.name} is {link.kind}; hidden units must be ReLU"
    if chain and chain[-1].kind == "ReLU":
        yield f"{chain[-1].name} is ReLU after the last Linear, whose outputs must be logits"
