"""A layer of a trained network as arrays, which layers can follow each other, and which convolutions can be read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from neural_sculpting.errors import UserError, on_one_line

POOLED = 2
"""Height and width of the positions of which the largest counts."""

CONVOLUTION = "have an odd square kernel, stride 1, padding='same' with zeros, and neither dilation nor groups"
POOLING = f"be MaxPool2d({POOLED})"


def check_convolution(module: Any, what: str) -> None:
    """Check that a Conv2d keeps the size of images; ``what`` it is begins the message of the UserError."""
    size = module.kernel_size[0]
    allowed: dict[str, Collection[Any]] = {
        **{"kernel_size": [(size, size)] if size % 2 else [], "stride": [(1, 1)], "dilation": [(1, 1)]},
        **{"padding": ["same", (size // 2, size // 2)], "padding_mode": ["zeros"], "groups": [1]},
    }
    _check(module, allowed, what, CONVOLUTION)


def check_pooling(module: Any, what: str) -> None:
    """Likewise that a MaxPool2d halves it."""
    halving, none = (POOLED, (POOLED, POOLED)), (0, (0, 0))
    allowed = {"kernel_size": halving, "stride": halving, "padding": none, "dilation": (1, (1, 1)), "ceil_mode": none}
    _check(module, allowed, what, POOLING)


def _check(module: Any, allowed: Mapping[str, Collection[Any]], what: str, must: str) -> None:
    for setting, values in allowed.items():
        if (found := getattr(module, setting)) not in values:
            raise UserError(f"{what} with {setting}={found}; must {must}")


def as_matrix(kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Write a weight as ``(fan_in, out)``: ``(out, in)``, or kernels ``(out, in, height, width)``.

    Rows are by channel, and then by place in the kernel.
    """
    return kernels.reshape(len(kernels), prod(kernels.shape[1:])).T


def largest_of_convolved(
    images: NDArray[np.float32], weight: NDArray[np.float32], bias: NDArray[np.float32], kernel: int
) -> NDArray[np.float32]:
    """Convolve images, ``(row, channel, height, width)``, and take ReLU and the largest of each 2 × 2 positions."""
    margin = kernel // 2
    padded = np.pad(images, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    windows = sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    values = np.einsum("rchwyx,cyxo->rohw", windows, weight.reshape(-1, kernel, kernel, len(bias)))
    rows, channels, *size = values.shape
    height, width = (side // POOLED for side in size)
    blocks = values[:, :, : height * POOLED, : width * POOLED].reshape(rows, channels, height, POOLED, width, POOLED)
    largest: NDArray[np.float32] = np.maximum(blocks.max(axis=(3, 5)) + bias[:, None, None], 0)
    return largest


@dataclass(frozen=True, eq=False)
class LinearLayer:
    """A layer: weight and mask ``(fan_in, fan_out)``, bias ``(fan_out,)``; the mask is false where edges are pruned.

    ``kernel`` is the height and width of the kernels of a convolution, whose rows are by channel, and then by place in
    the kernel; 0 for a Linear.
    """

    name: str
    weight: NDArray[np.float32]
    bias: NDArray[np.float32] | None = None
    mask: NDArray[np.bool_] | None = None
    kernel: int = 0

    @property
    def inputs(self) -> int:
        """Units or channels that it reads."""
        return len(self.weight) // max(self.kernel, 1) ** 2


def is_tensor(values: Any) -> bool:
    """Whether something is a torch tensor, which torch need not be imported to know, or a NumPy array."""
    return isinstance(values, np.ndarray) or hasattr(values, "is_floating_point")


def float_array(values: Any, what: str) -> NDArray[np.float32]:
    """Convert a floating-point tensor or array to 32 bits; what is too large becomes infinite."""
    if hasattr(values, "is_floating_point"):
        if not values.is_floating_point():
            dtype = str(values.dtype).removeprefix("torch.")
            raise UserError(f"{what} contains {dtype}; must contain floating-point numbers")
        try:
            return np.array(values.detach().cpu().to_dense().float().numpy())
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:  # such as a lazy tensor
            raise UserError(f"{what} cannot be read ({on_one_line(error).split('. ')[0]})") from None
    if not isinstance(values, np.ndarray):
        raise UserError(f"{what} is {type(values).__name__}; must be a tensor")
    if not np.issubdtype(values.dtype, np.floating):
        raise UserError(f"{what} contains {values.dtype}; must contain floating-point numbers")
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def check_layers(layers: Sequence[LinearLayer], source: str) -> None:
    """Check layers, from the inputs up; a UserError if they do not fit together, or have no finite numbers."""
    for layer in layers:
        name, outputs = f"{source}: layer {layer.name}", layer.weight.shape[1]
        for kind, values in (("weights", layer.weight), ("biases", layer.bias)):
            if values is not None and not np.isfinite(values).all():
                raise UserError(f"{name} has {kind} that are NaN or infinite as 32-bit numbers")
        if not layer.weight.size:
            raise UserError(f"{name} has no weights")
        if layer.bias is not None and layer.bias.shape != (outputs,):
            raise UserError(f"{name} has {outputs} outputs and biases of shape {layer.bias.shape}")
    for lower, upper in pairwise(layers):
        if not follows(upper, lower):
            found = f"layer {lower.name} has {lower.weight.shape[1]} outputs, layer {upper.name}, which comes next, has"
            advice = "; must be a multiple" if lower.kernel and not upper.kernel else ""
            advice = "; convolutions must come before every Linear" if upper.kernel and not lower.kernel else advice
            raise UserError(f"{source}: {found} {upper.inputs} inputs{advice}")
    if len(sizes := {layer.kernel for layer in layers if layer.kernel}) > 1:
        raise UserError(f"{source}: has kernels of the sizes {', '.join(map(str, sorted(sizes)))}; must have one size")
    if layers and layers[-1].kernel:
        raise UserError(f"{source}: layer {layers[-1].name} is the last and a convolution; must be a Linear")
    if len(layers) < 2:
        found = "one Linear layer" if layers else "no Linear layer"
        raise UserError(f"{source}: has {found}; must have two or more, with hidden units between them")


def follows(upper: LinearLayer, lower: LinearLayer) -> bool:
    """Whether the outputs of a layer can be the inputs of the next; a Linear reads each channel at some positions."""
    outputs = int(lower.weight.shape[1])
    if lower.kernel and not upper.kernel:
        return upper.inputs % max(outputs, 1) == 0
    return outputs == upper.inputs and (bool(lower.kernel) or not upper.kernel)
