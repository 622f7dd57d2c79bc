"""Which columns of a table are inputs and which are outputs, and what is done about missing values."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import count, takewhile
from typing import TYPE_CHECKING

from neural_sculpting.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

SHOWN = 12
"""Names of columns that an error message lists at most."""


def choose_columns(
    columns: Sequence[str], inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Find the names of the columns that are inputs, and of those that are outputs, in the order given.

    Inputs that are empty are all columns that are no outputs. The name of an array of several columns stands for all
    of them: ``X`` for ``X0``, ``X1``, and so on, where no column is called ``X``.

    Raises:
        UserError: if a name is not that of a column, appears twice or on both sides, or a side is empty.
    """
    if not outputs:
        raise UserError(f"task.outputs: missing; must be names of columns: {_listed(columns)}")
    read, answered = _found("inputs", inputs, columns), _found("outputs", outputs, columns)
    if both := [name for name in read if name in answered]:
        raise UserError(f"task.inputs: column {both[0]} is an output too; must be one of both")
    read = read or [name for name in columns if name not in answered]
    if not read:
        raise UserError(f"task.outputs: all {len(columns)} columns; some must be left as inputs")
    return read, answered


def without_missing(frame: pd.DataFrame, rule: str, path: str) -> pd.DataFrame:
    """Return the rows in which no value is missing.

    Raises:
        UserError: if a value is missing and the rule is ``error`` instead of ``drop``, or every row lacks one.
    """
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
    for name in names:
        of_array = list(takewhile(known.__contains__, (f"{name}{number}" for number in count())))
        if name not in known and not of_array:
            folded = {column.casefold(): column for column in columns}
            close = get_close_matches(name.casefold(), folded, n=1)
            meant = f" (did you mean {folded[close[0]]}?)" if close else ""
            raise UserError(f"task.{key}: no column {name}{meant}; there are {_listed(columns)}")
        found += [name] if name in known else of_array
    if repeated := [name for name, times in Counter(found).items() if times > 1]:
        raise UserError(f"task.{key}: column {repeated[0]} is named twice")
    return found


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    return ", ".join(columns[:SHOWN]) + more
