"""Missing values of a table: rows are left out, or inputs filled in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.values import Rows, is_text, plain_column

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

FILLING = ("impute", "indicator")
"""Rules that fill in inputs; ``indicator`` adds a bit for each column with missing values."""

SHOWN = 6
"""The most columns with missing values that a message counts."""


def without_missing(
    frame: pd.DataFrame, outputs: Sequence[str], rule: str, rules: Sequence[str], path: str
) -> pd.DataFrame:
    """Leave out rows with missing values; of those whose inputs are filled in, only rows without all outputs.

    Raises:
        UserError: if the rule is ``error`` and a value is missing, or no row would remain.
    """
    absent = frame.isna()
    if empty := [name for name in frame if absent[name].all()]:
        remedy = "must have values" if empty[0] in outputs else "name the other columns in task.inputs"
        raise UserError(f"{path}: column {empty[0]} has no value in any of {len(frame):,} rows; {remedy}")
    missing = absent[list(outputs)] if rule in FILLING else absent
    rows = missing.any(axis=1)
    if not rows.any():
        return frame
    found = f"{len(rows):,} rows ({_counted(missing)})"
    fills = {*FILLING} <= {*rules} and rule not in FILLING and not {*missing.columns[missing.any()]} <= {*outputs}
    if rule == "error":
        fill = ", task.missing=impute fills inputs in" if fills else ""
        raise UserError(
            f"{path}: values are missing in {rows.sum():,} of {found}; task.missing=drop leaves these rows out{fill}"
        )
    fill = ", or task.missing=impute" if fills else ""
    if rows.all():
        raise UserError(f"{path}: values are missing in all {found}; none can be used; name other task.inputs{fill}")
    most = rows.mean() > 0.5
    advice = f"; fewer columns (task.inputs){fill} would keep more" if most else ""
    level = logging.WARNING if most else logging.INFO
    log.log(level, "%s: values are missing in %s of %s, which are left out%s", path, f"{rows.sum():,}", found, advice)
    return frame[~rows]


def known_values(frame: pd.DataFrame, path: str) -> dict[str, pd.Series]:
    """Convert columns to plain ones without their missing values; a UserError if one is neither numbers nor text."""
    return {name: plain_column(frame[name].dropna(), path) for name in frame}


def fill_of(column: pd.Series, known: pd.Series, training: Rows, rule: str, path: str) -> Any:
    """Choose what replaces missing values of a column: None unless the rule fills them in.

    That is the median of its numbers in the training rows, or of text and columns of two values the most frequent one.

    Raises:
        UserError: if none of the training rows has a value.
    """
    if rule not in FILLING:
        return None
    learned = known[known.index.isin(column.index[training])]
    if learned.empty:
        raise UserError(f"{path}: column {column.name} has no value in rows to learn from; leave it out of task.inputs")
    number = not is_text(learned) and learned.nunique() > 2
    fill = learned.median() if number else learned.mode().iloc[0]
    return fill.item() if isinstance(fill, np.generic) else fill


def completed(column: pd.Series, known: pd.Series, fill: Any) -> pd.Series:
    """Return the plain column ``known`` with a row for each row of ``column``, also where that has no value."""
    return known if len(known) == len(column) else known.reindex(column.index, fill_value=fill)


def report_filled(inputs: pd.DataFrame, path: str) -> None:
    """Log how many values of which inputs are filled in."""
    missing = inputs.isna()
    if missing.any(axis=None):
        log.info("%s: missing inputs are filled in (%s)", path, _counted(missing))


def _counted(missing: pd.DataFrame) -> str:
    counts = missing.sum().loc[lambda each: each > 0].sort_values(ascending=False, kind="stable")
    more = f" and {len(counts) - SHOWN} more columns" if len(counts) > SHOWN else ""
    return ", ".join(f"{name}: {count:,}" for name, count in counts[:SHOWN].items()) + more
