"""Choice of the input and output columns of a table."""

from collections import Counter
from collections.abc import Sequence
from itertools import count, takewhile

from neural_sculpting.errors import UserError, closest, did_you_mean
from neural_sculpting.tasks.tables.frames import column_name

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
