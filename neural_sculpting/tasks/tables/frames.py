"""Tables in memory: frames and arrays, with the examples' outputs among their columns or beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from neural_sculpting.errors import UserError, on_one_line

if TYPE_CHECKING:
    import pandas as pd


class TableInMemory(str):
    """Replaces the path of a file, also in messages."""

    frame: pd.DataFrame

    def __new__(cls, frame: pd.DataFrame) -> TableInMemory:
        """Name the table."""
        source = super().__new__(cls, "the table")
        source.frame = frame
        return source


def is_table(value: object) -> bool:
    """Whether a value is a table in memory: a frame, an array, a list of rows, or columns by name."""
    return isinstance(value, list | Mapping) or hasattr(value, "__array__") or hasattr(value, "to_pandas")


def as_frame(values: Any, name: str) -> pd.DataFrame:
    """Return a table as a frame; columns without names get that of the argument, in lower case, and a number.

    Raises:
        UserError: if it is no table. Only ``y`` may be a single column without a name.
    """
    import pandas as pd

    if isinstance(values, pd.Series):
        return values.to_frame(name.lower() if values.name is None else values.name)
    if isinstance(values, pd.DataFrame):
        return values
    try:
        if hasattr(values, "to_pandas"):
            return as_frame(values.to_pandas(), name)
        if isinstance(values, Mapping):
            return pd.DataFrame(values)
        array = np.asarray(values)
    except Exception as error:  # other libraries convert their tables
        raise UserError(f"{name}: cannot be read as a table ({on_one_line(error)})") from error
    if array.ndim == 1 and name == "y":
        return pd.DataFrame({"y": array})
    if array.ndim != 2:
        raise UserError(f"{name}: has the shape {list(array.shape)}; must have rows and columns")
    return pd.DataFrame(array, columns=[f"{name.lower()}{number}" for number in range(array.shape[1])])


def joined(inputs: Any, outputs: Any) -> tuple[pd.DataFrame, list[str]]:
    """Put inputs and outputs side by side, row by row; also return the names of the outputs.

    Raises:
        UserError: if they differ in length or in the order of their index, or share the name of a column.
    """
    import pandas as pd

    read, learned = as_frame(inputs, "X"), as_frame(outputs, "y")
    if len(read) != len(learned):
        raise UserError(f"y: has {len(learned):,} rows; must have the {len(read):,} of X")
    if not read.index.equals(learned.index) and set(read.index) == set(learned.index):
        raise UserError("y: its index is that of X in another order; must be the same, as after y.loc[X.index]")
    if both := [name for name in learned if name in read]:
        raise UserError(f"y: column {both[0]} is in X too; must be in one of them")
    frame = pd.concat([each.reset_index(drop=True) for each in (read, learned)], axis=1)
    return frame, [column_name(name) for name in learned]


def column_name(name: object) -> str:
    """Return the name of a column as text, without surrounding or repeated blanks."""
    return " ".join(str(name).split())
