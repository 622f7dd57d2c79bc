"""Which columns of a table are inputs and which are outputs, and what is done about values that are missing."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import count, takewhile
from typing import TYPE_CHECKING

from neural_sculpting.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

SHOWN = 12
"""Names of columns that an error message lists at most."""


@dataclass(frozen=True, eq=False)
class Columns:
    """A table in two parts, row by row; the index holds the number of each row in the file, from 0.

    Attributes:
        inputs: at least one column.
        outputs: likewise.
    """

    inputs: pd.DataFrame
    outputs: pd.DataFrame


def choose_columns(frame: pd.DataFrame, inputs: Sequence[str], outputs: Sequence[str]) -> Columns:
    """Divide a table into inputs and outputs, in the order in which they are named.

    Args:
        frame: the table.
        inputs: names of columns, empty for all that are no outputs. The name of an array of several columns stands for
            all of them: ``X`` for ``X0``, ``X1``, and so on, where no column is called ``X``.
        outputs: likewise; at least one.

    Raises:
        UserError: if a name is not that of a column, is there twice or on both sides, or a side is empty.
    """
    columns = list(frame.columns)
    if not outputs:
        raise UserError(f"task.outputs: missing; must be names of columns: {_listed(columns)}")
    read, answered = _found("inputs", inputs, columns), _found("outputs", outputs, columns)
    if both := [name for name in read if name in answered]:
        raise UserError(f"task.inputs: column {both[0]} is an output too; must be one of both")
    chosen = read or [name for name in columns if name not in answered]
    if not chosen:
        raise UserError(f"task.outputs: all {len(columns)} columns; some must be left as inputs")
    return Columns(frame[chosen], frame[answered])


def without_missing(columns: Columns, rule: str, path: str) -> Columns:
    """Return the rows in which no value is missing.

    Args:
        columns: the table.
        rule: ``error`` or ``drop``.
        path: of the file, for the error.

    Raises:
        UserError: if a value is missing and the rule is ``error``, or none of the rows is whole.
    """
    missing = columns.inputs.isna().any(axis=1) | columns.outputs.isna().any(axis=1)
    if not missing.any():
        return columns
    if rule == "error":
        counts = {**columns.inputs.isna().sum().to_dict(), **columns.outputs.isna().sum().to_dict()}
        worst = max(counts, key=lambda name: counts[name])
        raise UserError(
            f"{path}: values are missing in {missing.sum():,} of {len(missing):,} rows (most in column {worst}: "
            f"{counts[worst]:,}); task.missing=drop leaves these rows out"
        )
    if missing.all():
        raise UserError(f"{path}: values are missing in all {len(missing):,} rows; none can be used")
    log.info("%s: %s of %s rows left out, values are missing", path, f"{missing.sum():,}", f"{len(missing):,}")
    return Columns(columns.inputs[~missing], columns.outputs[~missing])


def _found(key: str, names: Sequence[str], columns: Sequence[str]) -> list[str]:
    known = set(columns)
    found: list[str] = []
    for name in names:
        of_array = list(takewhile(known.__contains__, (f"{name}{place}" for place in count())))
        if name not in known and not of_array:
            raise UserError(f"task.{key}: no column {name}{_meant(name, columns)}; there are {_listed(columns)}")
        found += [name] if name in known else of_array
    if repeated := [name for name, times in Counter(found).items() if times > 1]:
        raise UserError(f"task.{key}: column {repeated[0]} is named twice")
    return found


def _meant(name: str, columns: Sequence[str]) -> str:
    folded = {column.casefold(): column for column in columns}
    close = get_close_matches(name.casefold(), folded, n=1)
    return f" (did you mean {folded[close[0]]}?)" if close else ""


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    return ", ".join(columns[:SHOWN]) + more
