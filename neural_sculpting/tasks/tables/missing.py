"""Missing values of a table: rows are left out, or inputs filled in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.encoding import Rows
from neural_sculpting.tasks.tables.values import is_text, plain

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
    missing = (frame[list(outputs)] if rule in FILLING else frame).isna()
    rows = missing.any(axis=1)
    if not rows.any():
        return frame
    found = f"{len(rows):,} rows ({_counted(missing)})"
    fills = {*FILLING} <= {*rules} and rule not in FILLING
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


def filled(inputs: pd.DataFrame, training: Rows, rule: str, path: str) -> pd.DataFrame:
    """Convert inputs to plain columns, with missing values filled in as the training rows suggest.

    Numbers get their median there, text and columns of two values the most frequent one. With the rule ``indicator``,
    a column that lacks values in training rows is followed by a bit ``column=missing``.

    Raises:
        UserError: if none of the training rows has a value, or a column is neither numbers nor text.
    """
    import pandas as pd

    missing = inputs.isna()
    columns: dict[str, Any] = {}
    for name in inputs:
        present = plain(inputs.loc[~missing[name], [name]], path)[name]
        if len(present) < len(inputs):
            learned = present[present.index.isin(inputs.index[training])]
            if learned.empty:
                raise UserError(
                    f"{path}: column {name} has no value in rows to learn from; leave it out of task.inputs"
                )
            columns[name] = present.reindex(inputs.index, fill_value=_typical(learned))
        else:
            columns[name] = present
        if rule == "indicator" and missing[name].iloc[training].any():
            columns[_name_of_indicator(name, present, inputs)] = missing[name]
    if missing.any(axis=None):
        log.info("%s: missing inputs are filled in (%s)", path, _counted(missing))
    return pd.DataFrame(columns, index=inputs.index)


def _typical(learned: pd.Series) -> Any:
    from sklearn.impute import SimpleImputer

    number = not is_text(learned) and learned.nunique() > 2
    imputer = SimpleImputer(strategy="median" if number else "most_frequent")
    return imputer.fit(learned.to_numpy(dtype=None if number else object)[:, None]).statistics_[0]


def _name_of_indicator(name: str, present: pd.Series, inputs: pd.DataFrame) -> str:
    taken = {*inputs, *(f"{name}={value}" for value in present.unique())}
    indicator = f"{name}=missing"
    while indicator in taken:
        indicator += "'"
    return indicator


def _counted(missing: pd.DataFrame) -> str:
    """Name the columns with missing values and their numbers, most first."""
    counts = missing.sum().loc[lambda each: each > 0].sort_values(ascending=False, kind="stable")
    more = f" and {len(counts) - SHOWN} more columns" if len(counts) > SHOWN else ""
    return ", ".join(f"{name}: {count:,}" for name, count in counts[:SHOWN].items()) + more
