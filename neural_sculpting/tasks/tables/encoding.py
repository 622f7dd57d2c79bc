"""Fitting: how each column of a table becomes bits, standardized numbers or one-hot categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.codebook import ColumnCode, Encoded, check_size, encode, too_far_apart
from neural_sculpting.tasks.tables.missing import completed, fill_of
from neural_sculpting.tasks.tables.values import (
    Rows,
    category_name,
    check_finite,
    found_at,
    is_bits,
    is_signs,
    is_text,
    is_two_valued,
    true_value,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_CATEGORIES = 64
"""Of one input column. More are numbers written as text, or a name that identifies each row."""

SHOWN = 12
"""The most columns that an error message lists."""


def encode_inputs(frame: pd.DataFrame, known: Mapping[str, pd.Series], training: Rows, rule: str, path: str) -> Encoded:
    """Encode columns: one bit for two values, one bit per category for text, other numbers standardized.

    What does not vary in the training rows is 0 everywhere, such as a category that none of them has.

    Args:
        frame: with missing values only where the rule fills them in.
        known: its plain columns without missing values, by name.
        training: the rows to learn from.
        rule: for missing values.
        path: of the file.

    Raises:
        UserError: if text has too many categories, or a column contains infinite numbers or no value to learn from.
    """
    check_size(len(frame), frame.shape[1], path)  # before it is fitted: a column has a unit or more
    _check_categories(known, path)
    taken = set(known)
    columns = []
    for name, present in known.items():
        column = _input_code(frame[name], present, training, rule, path)
        columns.append(_with_own_names(column, taken))
    return encode(frame, columns, path)


def encode_bits(frame: pd.DataFrame, path: str) -> Encoded:
    """Encode plain columns of two values each as bits."""
    check_size(len(frame), frame.shape[1], path)
    return encode(frame, [bit_of(frame[name], path) for name in frame], path)


def bit_of(column: pd.Series, path: str) -> ColumnCode:
    """Make a plain column of two values one bit, which :func:`~.values.true_value` makes 1.

    The bit has the name of its column if that value is 1 or true, as with 0 and 1, or -1 and 1; else ``column=value``.

    Raises:
        UserError: at the first row with a third value, or an infinite number.
    """
    import pandas as pd

    check_finite(column, path)
    codes, distinct = pd.factorize(column)
    if len(distinct) > 2:
        found = found_at(column, int((codes == 2).argmax()))
        raise UserError(
            f"{path}: column {column.name} contains a third value, {found}; must have two, such as 0 and 1 (task=table "
            "with task.kind=auto takes more)"
        )
    one = true_value(column)
    values = sorted(distinct.tolist())
    if is_bits(column) or is_signs(column):  # of which one may be missing
        values = np.array([0 if is_bits(column) else -1, 1]).astype(column.dtype).tolist()
    name = str(column.name) if one == 1 else f"{column.name}={category_name(one)}"
    return ColumnCode(
        name=str(column.name), units=(name,), codes=tuple((value, 0 if value == one else None) for value in values)
    )


def standardized(column: pd.Series, training: Rows, path: str) -> ColumnCode:
    """Scale a plain column of numbers to mean 0 and standard deviation 1 in the training rows.

    A number that is the same in all of them carries no information, and is 0 in the other rows as well.

    Raises:
        UserError: if a number is infinite, or they are too far apart for single precision.
    """
    check_finite(column, path)
    numbers = column.to_numpy(dtype=np.float64)
    learned = numbers[training]
    name = str(column.name)
    if (learned == learned[0]).all():
        return ColumnCode(name=name, units=(name,), mean=float(learned[0]), std=0.0)
    with np.errstate(all="ignore"):
        mean, spread = float(learned.mean()), float(learned.std())
    if not 0 < spread < np.inf:
        raise too_far_apart(name, numbers, path)
    return ColumnCode(name=name, units=(name,), mean=mean, std=spread)


def one_hot(column: pd.Series) -> ColumnCode:
    """Make a plain column one bit per category, in ascending or alphabetical order."""
    import pandas as pd

    _, categories = pd.factorize(column, sort=True)
    units = tuple(f"{column.name}={category_name(each)}" for each in categories)
    codes = tuple((value, unit) for unit, value in enumerate(categories.tolist()))
    return ColumnCode(name=str(column.name), units=units, codes=codes)


def _check_categories(known: Mapping[str, pd.Series], path: str) -> None:
    numbers = {name: column.nunique() for name, column in known.items() if is_text(column)}
    wide = {name: number for name, number in numbers.items() if number > MOST_CATEGORIES}
    if not wide:
        return
    found = ", ".join(f"{name} has {number:,}" for name, number in wide.items())
    others = [name for name in known if name not in wide]
    listed = f"[{','.join(others)}]" if len(others) <= SHOWN else "[…], with the names of the others,"
    remedy = f"task.inputs={listed} leaves {'it' if len(wide) == 1 else 'them'} out" if others else "must be fewer"
    raise UserError(
        f"{path}: an input column of text may have at most {MOST_CATEGORIES} different values, and {found}; {remedy}"
    )


def _input_code(column: pd.Series, present: pd.Series, training: Rows, rule: str, path: str) -> ColumnCode:
    fill = fill_of(column, present, training, rule, path)
    whole = completed(column, present, fill)
    if is_two_valued(whole):
        code = bit_of(whole, path)
    elif is_text(whole):
        code = one_hot(whole)
    else:
        code = standardized(whole, training, path)
    if code.codes:
        learned = code.encode(whole.iloc[training], path)
        varies = (learned != learned[0]).any(axis=0)
        code = replace(
            code, codes=tuple((value, None if unit is None or not varies[unit] else unit) for value, unit in code.codes)
        )
    lacks = rule == "indicator" and column.iloc[training].isna().any()
    return replace(code, fill=fill, indicator=f"{code.name}=missing" * bool(lacks))


def _with_own_names(column: ColumnCode, taken: set[str]) -> ColumnCode:
    """Append apostrophes to names of units that another column or an earlier unit has, and take them."""
    names: list[str] = []
    for name in column.unit_names:
        while name != column.name and name in taken:
            name += "'"
        names.append(name)
        taken.add(name)
    units: Sequence[str] = names[: len(column.units)]
    return replace(column, units=tuple(units), indicator=names[-1] if column.indicator else "")
