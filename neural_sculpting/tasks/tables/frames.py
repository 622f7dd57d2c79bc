"""Tables in memory: frames and arrays, with the examples' outputs among their columns or beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from neural_sculpting.errors import UserError, closest, did_you_mean, on_one_line

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
    return isinstance(value, list | Mapping) or any(
        hasattr(value, way) for way in ("__array__", "to_pandas", "toarray")
    )


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
    if isinstance(values, str) or not (is_table(values) or isinstance(values, Sequence)):
        raise UserError(
            f"{name}: is {type(values).__name__}; must be a frame, an array, columns by name or a list of rows"
        )
    try:
        if hasattr(values, "to_pandas"):
            return as_frame(values.to_pandas(), name)
        if hasattr(values, "toarray"):  # a sparse matrix of SciPy's
            return as_frame(values.toarray(), name)
        if isinstance(values, Mapping):
            return pd.DataFrame(values if any(map(np.ndim, values.values())) else [values])
        array = np.asarray(values)
        if array.dtype.names or any(isinstance(row, Mapping) for row in array.flat[:1]):
            return pd.DataFrame(values)
        if array.dtype.kind in "SU" and not hasattr(values, "__array__"):
            array = np.asarray(values, dtype=object)  # a missing value beside text would be the word nan
    except Exception as error:  # other libraries convert their tables
        raise UserError(f"{name}: cannot be read as a table ({on_one_line(error)})") from error
    if array.ndim == 1 and name == "y":
        return pd.DataFrame({"y": array})
    if array.ndim != 2 or not array.shape[1]:
        raise UserError(f"{name}: has the shape {list(array.shape)}; must have rows and columns")
    return pd.DataFrame(array, columns=[f"{name.lower()}{number}" for number in range(array.shape[1])])


def joined(inputs: Any, outputs: Any) -> tuple[pd.DataFrame, list[str]]:
    """Put inputs and outputs side by side, row by row; also return the names of the outputs.

    Raises:
        UserError: if they differ in length or in the order of their index, or share the name of a column.
    """
    import pandas as pd

    read = as_frame(inputs, "X")
    names = [outputs] if isinstance(outputs, str) else outputs
    texts = isinstance(names, list) and names and all(isinstance(each, str) for each in names)
    if texts and len(names) != len(read) and {*names} <= {*read.columns}:
        raise UserError(f"y={outputs!r:.80}: is the name of a column (did you mean outputs={names!r:.80}?)")
    learned = as_frame(outputs, "y")
    if len(read) != len(learned):
        raise UserError(f"y: has {len(learned):,} rows; must have the {len(read):,} of X")
    if not read.index.equals(learned.index) and set(read.index) == set(learned.index):
        remedy = "must be the same, as after y.loc[X.index]"
        if read.index.has_duplicates:
            remedy = "call reset_index(drop=True) on both if their rows go by their order"
        raise UserError(f"y: its index is that of X in another order; {remedy}")
    if both := [name for name in learned if name in read]:
        raise UserError(f"y: column {both[0]} is in X too; must be in one of them, or be renamed in one")
    frame = pd.concat([each.reset_index(drop=True) for each in (read, learned)], axis=1)
    return frame, [column_name(name) for name in learned]


def column_name(name: object) -> str:
    """Return the name of a column as text, without surrounding or repeated blanks."""
    return " ".join(str(name).split())


def column_names(key: str, names: object) -> list[str]:
    """Return the names of columns that an argument has, one or several of any type, as text.

    Raises:
        UserError: if it is neither a name nor a collection of names.
    """
    if isinstance(names, str | int | np.integer):
        return [column_name(names)]
    if names is None or isinstance(names, bytes | Mapping) or not isinstance(names, Iterable):
        raise UserError(f"{key}: is {type(names).__name__}; must be a list of names of columns")
    return [column_name(name) for name in names]


SHOWN = 12
"""The most names of columns that an error message lists."""


def choose_columns(
    columns: Sequence[str], inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the names of the input columns and of the output columns, in the order given.

    Without ``inputs``, these are all columns that are not outputs. The name of a two-dimensional array refers to all
    its columns: ``X`` to ``X0``, ``X1``, and so on, unless a column is called ``X``.

    Raises:
        UserError: if a name is not that of a column, appears twice or on both sides, or a side is empty.
    """
    if not outputs:
        raise UserError(f"task.outputs: missing; must be names of columns: {_listed(columns)}")
    read, learned = _found("inputs", inputs, columns), _found("outputs", outputs, columns)
    if both := [name for name in read if name in learned]:
        raise UserError(f"task.inputs: column {both[0]} is an output too; must be one or the other")
    read = read or [name for name in columns if name not in learned]
    if not read:
        raise UserError(f"task.outputs: all {len(columns)} columns; some must remain as inputs")
    return read, learned


def _found(key: str, names: Sequence[str], columns: Sequence[str]) -> list[str]:
    known = set(columns)
    found: list[str] = []
    for name in map(column_name, names):
        of_array = list(takewhile(known.__contains__, (f"{name}{number}" for number in count())))
        if name not in known and not of_array:
            raise UserError(
                f"task.{key}: no column {name}{did_you_mean(closest(name, columns))}; there are {_listed(columns)}"
            )
        found += [name] if name in known else of_array
    if repeated := [name for name, times in Counter(found).items() if times > 1]:
        raise UserError(f"task.{key}: column {repeated[0]} is named twice")
    return found


def _listed(columns: Sequence[str]) -> str:
    numbers = sum(name.replace(".", "", 1).isdecimal() for name in columns)
    doubt = "; are these data? The names of columns must come first" if numbers >= len(columns) / 2 else ""
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    return ", ".join(columns[:SHOWN]) + more + doubt
