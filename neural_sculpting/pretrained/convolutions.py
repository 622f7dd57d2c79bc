"""Convolutions of trained networks: which can be read, as what matrices, and what they compute."""

from collections.abc import Collection, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from neural_sculpting.errors import UserError

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
