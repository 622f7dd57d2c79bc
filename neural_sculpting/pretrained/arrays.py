"""Tensors of any kind as numpy arrays of 32-bit numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError


def numbers(values: Any, what: str) -> NDArray[np.float32]:
    """A tensor of torch or an array of numpy as 32-bit numbers; what is too large for them becomes infinite.

    Args:
        values: the tensor, on any device.
        what: its source and name, for errors.

    Raises:
        UserError: if it is something else, or does not hold floating-point numbers.
    """
    if hasattr(values, "is_floating_point"):  # a tensor: torch need not be imported to know
        if not values.is_floating_point():
            raise UserError(
                f"{what} holds {str(values.dtype).removeprefix('torch.')}; must hold floating-point numbers"
            )
        try:
            return np.array(values.detach().cpu().float().numpy())
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:  # such as one without values
            raise UserError(f"{what} cannot be read ({' '.join(str(error).split())})") from None
    if not isinstance(values, np.ndarray):
        raise UserError(f"{what} is {type(values).__name__}; must be a tensor")
    if not np.issubdtype(values.dtype, np.floating):
        raise UserError(f"{what} holds {values.dtype}; must hold floating-point numbers")
    with np.errstate(over="ignore"):
        return values.astype(np.float32)
