"""What a truth table must be: one answer for each input."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError


def check_consistent(
    inputs: NDArray[np.float32], targets: NDArray[np.float32], names: Sequence[str], rows: Sequence[int], path: str
) -> None:
    """Refuse a truth table that says two things of the same inputs. The same row may be there twice.

    Args:
        inputs: shape (rows, inputs), 0 or 1.
        targets: shape (rows, outputs), likewise.
        names: of the outputs.
        rows: of each row its number in the file, from 0.
        path: of the file, for the error.

    Raises:
        UserError: at the first row that contradicts an earlier one, both counted from 1 below the names.
    """
    bits = np.packbits(inputs.astype(np.bool_), axis=1)
    _, first_of, same_as = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    first = first_of[same_as.reshape(-1)]
    different = targets != targets[first]
    if not different.any():
        return
    row = int(np.flatnonzero(different.any(axis=1))[0])
    column = int(np.flatnonzero(different[row])[0])
    raise UserError(
        f"{path}: data rows {rows[first[row]] + 1} and {rows[row] + 1} have the same inputs and differ in "
        f"{names[column]}; a truth table has one answer (task=table learns from rows that contradict each other)"
    )
