"""What networks learn from a table: bits, classes or numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables.codebook import ColumnCode, Encoded, encode
from neural_sculpting.tasks.tables.encoding import bit_of, one_hot, standardized
from neural_sculpting.tasks.tables.values import Rows, category_name, check_finite, found_at, is_text, is_two_valued

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["binary", "classification", "regression"]
KINDS: tuple[Kind, ...] = ("binary", "classification", "regression")

MOST_CLASSES = 1000
MOST_INTEGERS = 20
"""Distinct integers that are taken for classes if the kind of the task is not given."""


def encode_outputs(frame: pd.DataFrame, kind: Kind, training: Rows, path: str) -> Encoded:
    """Encode plain columns: one bit for two values, more classes one-hot, numbers of a regression standardized.

    Raises:
        UserError: if a column does not fit the kind, or the training rows lack a class or have only one value.
    """
    return encode(frame, [_output_code(frame[name], kind, training, path) for name in frame], path)


def kind_of(outputs: pd.DataFrame, path: str) -> Kind:
    """Determine the kind of a task by its plain output columns.

    Outputs of two values each are binary. Text, and integers with at most twenty distinct values, are classes. The rest
    is a regression.

    Raises:
        UserError: if some outputs are text and others measurements, or a number is infinite.
    """
    columns = [outputs[name] for name in outputs]
    if all(map(is_two_valued, columns)):
        return "binary"
    measured = [column.name for column in columns if not _is_classes(column, path)]
    texts = [column.name for column in columns if is_text(column)]
    if measured and texts:
        raise UserError(
            f"{path}: output {texts[0]} is text and output {measured[0]} is numbers; the outputs of a task are all "
            "classes (task.kind=classification) or all numbers"
        )
    return "regression" if measured else "classification"


def numbers_as_classes(outputs: pd.DataFrame) -> str:
    """Name a plain output column of numbers that a classification takes for classes; empty if there is none."""
    numbers = [outputs[name] for name in outputs if not is_text(outputs[name]) and not is_two_valued(outputs[name])]
    if not numbers:
        return ""
    return (
        f" (the {numbers[0].nunique()} whole numbers of column {numbers[0].name} are taken for classes; "
        "task.kind=regression learns them as numbers)"
    )


def _is_classes(column: pd.Series, path: str) -> bool:
    from sklearn.utils.multiclass import type_of_target

    if is_text(column) or is_two_valued(column):
        return True
    check_finite(column, path)
    with np.errstate(invalid="ignore"):  # numbers beyond 64 bits are taken for measurements
        return bool(column.nunique() <= MOST_INTEGERS and type_of_target(column.to_numpy()) != "continuous")


def _output_code(column: pd.Series, kind: Kind, training: Rows, path: str) -> ColumnCode:
    whose = f"{path}: column {column.name}"
    if kind == "classification":
        check_finite(column, path)
        if (number := column.nunique()) > MOST_CLASSES:
            raise UserError(f"{whose} has {number:,} classes; must be at most {MOST_CLASSES:,}")
        code = bit_of(column, path) if is_two_valued(column) else one_hot(column)
    elif kind == "binary":
        code = bit_of(column, path)
    else:
        if is_text(column):
            raise UserError(f"{whose} contains {found_at(column, 0)}; must be numbers for task.kind=regression")
        code = standardized(column, training, path)
    learned = column.iloc[training]
    if (learned == learned.iloc[0]).all():
        raise UserError(
            f"{whose} is {category_name(learned.iloc[0])} in all rows that networks learn from; must have two values "
            "or more"
        )
    if len(code.units) > 1 and not (seen := code.encode(learned, path).any(axis=0)).all():
        rare, number = category_name(code.codes[int(np.argmin(seen))][0]), int((~seen).sum())
        or_learn_numbers = "" if is_text(column) else f", or learn {column.name} as numbers with task.kind=regression"
        if number > 1:
            raise UserError(
                f"{whose} has {len(code.units):,} classes in {len(column):,} rows, {number:,} of them, such as {rare}, "
                f"in no row for training; must have fewer{or_learn_numbers}"
            )
        raise UserError(
            f"{whose} is {rare} in so few rows that none of them is for training; leave these rows out, try another "
            f"task.split_seed{or_learn_numbers}"
        )
    return code
