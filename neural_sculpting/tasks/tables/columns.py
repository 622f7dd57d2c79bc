"""Choice of the input and output columns of a table, and handling of missing values."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from itertools import count, takewhile
from typing import TYPE_CHECKING

from neural_sculpting.errors import UserError, closest, did_you_mean
from neural_sculpting.tasks.tables.frames import column_name

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

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


def without_missing(frame: pd.DataFrame, rule: str, path: str) -> pd.DataFrame:
    """Drop the rows with missing values; raise a UserError if the rule is ``error``, or no row would remain."""
    missing = frame.isna()
    rows = missing.any(axis=1)
    if not rows.any():
        return frame
    if rule == "error":
        counts = missing.sum()
        raise UserError(
            f"{path}: values are missing in {rows.sum():,} of {len(rows):,} rows (most in column {counts.idxmax()}: "
            f"{counts.max():,}); task.missing=drop leaves these rows out"
        )
    if rows.all():
        raise UserError(f"{path}: values are missing in all {len(rows):,} rows; none can be used")
    log.info("%s: %s of %s rows left out, values are missing", path, f"{rows.sum():,}", f"{len(rows):,}")
    return frame[~rows]


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
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    return ", ".join(columns[:SHOWN]) + more
