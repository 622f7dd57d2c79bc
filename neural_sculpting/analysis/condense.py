"""Condensing: remove the units that carry nothing from an input to an output.

Masks are boolean arrays, ``(fan_in, fan_out)`` for each weight layer, from the inputs up.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]


def check_masks(masks: Sequence[BoolArray]) -> None:
    """Check that the masks describe one feed-forward network.

    Raises:
        ValueError: there is no mask, a mask is not boolean or not two-dimensional, or neighbors do not fit.
    """
    if not masks:
        raise ValueError("masks: one array for each weight layer is needed, found none")
    for layer, mask in enumerate(masks):
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.ndim != 2:
            found = f"{mask.dtype} {mask.shape}" if isinstance(mask, np.ndarray) else type(mask).__name__
            raise ValueError(f"masks[{layer}]: a boolean array (fan_in, fan_out) is needed, found {found}")
    for layer, (mask, following) in enumerate(pairwise(masks)):
        if mask.shape[1] != following.shape[0]:
            found = f"{mask.shape[1]} units and {following.shape[0]} units"
            raise ValueError(f"masks[{layer}] must lead to the units where masks[{layer + 1}] starts, found {found}")


def condense(masks: Sequence[BoolArray]) -> tuple[BoolArray, ...]:
    """Find the units on a path from an input to an output.

    These are exactly the units that remain when input units without outgoing edges and hidden units without incoming
    or outgoing edges are removed until nothing changes. One sweep up and one down find them. Output units are always
    kept.

    Returns:
        For each layer of units, inputs and outputs included, whether each is kept, ``(units,)``.
    """
    kept: list[BoolArray] = [np.ones(masks[0].shape[0], dtype=np.bool_)]
    for mask in masks[:-1]:
        kept.append(np.any(mask[kept[-1]], axis=0))
    kept.append(np.ones(masks[-1].shape[1], dtype=np.bool_))
    for layer in reversed(range(len(masks))):
        kept[layer] &= masks[layer][:, kept[layer + 1]].any(axis=1)
    return tuple(kept)


def boolean_product(one: BoolArray, other: BoolArray) -> BoolArray:
    """Multiply by the fast product of floats: counts of paths are only compared with zero."""
    return one.astype(np.float32) @ other.astype(np.float32) > 0


def restrict(masks: Sequence[BoolArray], kept: Sequence[BoolArray]) -> list[BoolArray]:
    """Reduce the masks to the kept units, ``(kept fan_in, kept fan_out)`` each, as :func:`condense` gives them."""
    return [mask[np.ix_(kept[layer], kept[layer + 1])] for layer, mask in enumerate(masks)]
