"""How columns of a table became the inputs and outputs of networks, kept so that further rows can be encoded alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError, closest, did_you_mean
from neural_sculpting.tasks.tables.encoding import Encoded, Rows
from neural_sculpting.tasks.tables.frames import as_frame, column_name
from neural_sculpting.tasks.tables.values import found_at, plain

if TYPE_CHECKING:
    import pandas as pd

ColumnCode = Mapping[str, Any]
"""``name``, ``units`` (their number), and ``mean`` and ``std``, or ``codes``: each value with its units that are 1."""

MOST_CODES = 1100
"""Different values of a column that are looked up; one of more cannot be described."""


def codebook(frame: pd.DataFrame, encoded: Encoded, training: Rows) -> tuple[ColumnCode, ...]:
    """Describe how the plain columns of a frame were encoded; empty where it cannot be described."""
    found: list[ColumnCode] = []
    start = 0
    for name in frame:
        stop = start + 1
        while stop < len(encoded.names) and encoded.names[stop].startswith(f"{name}="):
            stop += 1
        column, units = frame[name], encoded.values[:, start:stop]
        about: dict[str, Any] = {"name": str(name), "units": stop - start}
        if column.dtype.kind != "O":
            learned = column.to_numpy(dtype=np.float64)[training]
            varies = bool((learned != learned[0]).any())
            about |= {"mean": float(learned.mean()), "std": float(learned.std()) if varies else 0.0}
        if "std" not in about or not np.array_equal(_units_of(column, about), units):
            ones = {_item(column.iloc[row]): np.flatnonzero(units[row]).tolist() for row in _firsts(column)}
            about = {"name": str(name), "units": stop - start, "codes": list(map(list, ones.items()))}
        found.append(about)
        start = stop
    try:
        same = start == len(encoded.names) and np.array_equal(encode(frame, found), encoded.values)
    except UserError:
        same = False
    return tuple(found) if same else ()


def encode(frame: pd.DataFrame, columns: Sequence[ColumnCode]) -> NDArray[np.float32]:
    """Encode plain columns as networks read them, ``(row, unit)``; a UserError at a value that they do not know."""
    return np.hstack([_units_of(frame[about["name"]], about) for about in columns])


def encode_rows(values: Any, columns: Sequence[ColumnCode]) -> tuple[NDArray[np.float32], pd.Index]:
    """Encode a table with all input columns by name, or in their order where they have no names.

    Raises:
        UserError: if a column is missing, or contains a missing or unknown value.
    """
    table = as_frame(values, "X")
    names = [about["name"] for about in columns]
    has_names = hasattr(values, "columns") or isinstance(values, Mapping)
    if not has_names and table.shape[1] == len(names):
        table = table.set_axis(names, axis=1)
    table = table.set_axis(list(map(column_name, table.columns)), axis=1)
    for name in names:
        if name not in table:
            meant = did_you_mean(closest(name, table.columns))
            raise UserError(f"X: no column {name}{meant}; must have {', '.join(names)}")
    read = table[names].reset_index(drop=True)
    if read.isna().any(axis=None):
        raise UserError(f"X: values are missing in column {read.columns[read.isna().any()][0]}; must have none")
    return encode(plain(read, "X"), columns), table.index


def decode(outputs: NDArray[np.floating], columns: Sequence[ColumnCode]) -> dict[str, NDArray[Any]]:
    """Turn the logits or numbers of networks, ``(row, unit)``, into the values of output columns."""
    values, start = {}, 0
    for about in columns:
        units = outputs[:, start : start + about["units"]]
        start += about["units"]
        if "mean" in about:
            values[about["name"]] = units[:, 0] * about["std"] + about["mean"]
            continue
        state = units.argmax(axis=1) if about["units"] > 1 else (units[:, 0] > 0).astype(int)
        several = about["units"] > 1
        meaning = {(ones or [-1])[0] if several else len(ones): value for value, ones in about["codes"]}
        values[about["name"]] = np.array([meaning.get(number, number) for number in state.tolist()])
    return values


def _units_of(column: pd.Series, about: ColumnCode) -> NDArray[np.float32]:
    if "mean" in about:
        if column.dtype.kind == "O":
            raise UserError(f"X: column {column.name} contains {found_at(column, 0)}; must be numbers")
        if not about["std"]:
            return np.zeros((len(column), 1), dtype=np.float32)
        numbers: NDArray[np.float64] = (column.to_numpy(dtype=np.float64) - about["mean"]) / about["std"]
        return numbers.astype(np.float32)[:, None]
    codes = {_key(value): code for value, code in about["codes"]}
    for row, value in enumerate(column):
        if _key(value) not in codes:
            known = ", ".join(str(value) for value, _ in about["codes"][:12])
            raise UserError(f"X: column {column.name} contains {found_at(column, row)}; must be one of {known}")
    units = np.zeros((len(column), about["units"]), dtype=np.float32)
    for row, value in enumerate(column):
        units[row, codes[_key(value)]] = 1
    return units


def _firsts(column: pd.Series) -> list[int]:
    """Return the first row of each value; of too many values none."""
    rows = np.flatnonzero(~column.duplicated().to_numpy()).tolist()
    return rows if len(rows) <= MOST_CODES else []


def _key(value: Any) -> object:
    """Compare numbers, also those written as text, by their value."""
    try:
        return float(value)
    except ValueError:
        return str(value)


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
