"""Functions on bits: called once with a column for each bit, or row by row where they are made for single values."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.user_code import is_failure, problem_of

log = logging.getLogger(__name__)

Column = NDArray[np.bool_]
"""One bit of every row: shape (rows,)."""

BooleanFunction = Callable[..., Column | tuple[Column, ...]]
"""Takes one column for each bit it reads and returns one column for each bit it computes."""

ARITHMETIC = " (a + b adds numbers; their 'or' is a | b, their exclusive 'or' a ^ b)"


ROWS_CHECKED = 16
"""Rows that are computed again alone, at most."""


class _CountingColumn(np.ndarray):
    """A column whose sums count, where those of NumPy's booleans are their ``or``."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        plain = [np.asarray(each) if isinstance(each, _CountingColumn) else each for each in operands]
        if "out" in options:
            options["out"] = tuple(map(np.asarray, options["out"]))
        if ufunc in (np.add, np.matmul) and all(np.asarray(each).dtype == np.bool_ for each in plain):
            plain = [np.asarray(each).astype(np.int64) for each in plain]
        result = getattr(ufunc, method)(*plain, **options)
        return result.view(_CountingColumn) if isinstance(result, np.ndarray) else result


def column_multiplicity(table: NDArray[np.bool_], subset: Sequence[int]) -> int:
    """Count the distinct functions of the other inputs that arise when some of the inputs are fixed.

    These are the columns of Ashenhurst's decomposition charts. With two of them, the inputs act through one bit.

    Args:
        table: a function, ``(2,) * n_inputs``, indexed by its inputs in order; several outputs are a further axis.
        subset: indices of the inputs that are fixed.

    Example:
        >>> majority = np.indices((2, 2, 2)).sum(axis=0) >= 2
        >>> column_multiplicity(majority, (0, 1))  # none of the two, one of them, or both
        3
    """
    columns = np.moveaxis(table, list(subset), list(range(len(subset)))).reshape(2 ** len(subset), -1)
    return len({column.tobytes() for column in columns})


class Bit(int):
    """A bit of one row: a number whose ``~`` is the other bit."""

    def __invert__(self) -> "Bit":
        return Bit(not self)


def call_on_bits(function: Callable[..., Any], columns: Sequence[Column], whose: str) -> tuple[Column, ...]:
    """Call a function with one column for each bit, or else with the bits of each row.

    Args:
        function: returns a bit, or a tuple with several, each of them true or false, or 0 or 1. It is called row by row
            where it fails on columns, as ``and``, ``or``, ``not`` and ``if`` do, or returns single values. Sums count:
            ``a + b >= 2`` is ``a & b``.
        columns: ``(rows,)`` each, at least one.
        whose: starts the message of an error.

    Raises:
        UserError: if it fails, or returns anything else.
    """
    rows = len(columns[0])
    try:
        returned = function(*(np.array(column).view(_CountingColumn) for column in columns))
        problem = ""
    except UserError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        returned, problem = None, problem_of(error)
    outputs = _outputs_of(returned)
    by_row = bool(problem) or any(not output.ndim for output in outputs)
    if by_row:
        of_columns, outputs = len(outputs), _row_by_row(function, columns, whose, problem)
        if not problem and len(outputs) != of_columns:
            raise UserError(f"{whose} returns {of_columns} values for columns and {len(outputs)} for single bits")
    if not outputs or any(output.shape != (rows,) or output.dtype.kind not in "biuf" for output in outputs):
        kinds = ", ".join(f"{output.dtype}{list(output.shape)}" for output in outputs) or "nothing"
        raise UserError(f"{whose} returns {kinds}; must be bool[{rows}], or a tuple of these, one for each output")
    for number, output in enumerate(outputs):
        if not (valid := np.isin(output, (0, 1))).all():
            row = int(valid.argmin())
            bits, advice = _row(columns, row), ARITHMETIC if output.dtype.kind in "iu" else ""
            raise UserError(f"{whose} returns {output[row]} for output {number} with {bits}; must be 0 or 1{advice}")
    if by_row:
        log.debug("%s is called row by row%s", whose, problem and f", as columns fail ({problem})")
    found = tuple(output.astype(np.bool_) for output in outputs)
    _check_rows_alone(function, columns, found, whose, by_row=by_row)
    return found


def _outputs_of(returned: Any) -> list[NDArray[Any]]:
    arrays = [np.asarray(each) for each in (returned if isinstance(returned, tuple | list) else (returned,))]
    return [np.asarray(each.tolist()) if each.dtype.kind == "O" else each for each in arrays]


def _check_rows_alone(
    function: Callable[..., Any], columns: Sequence[Column], found: Sequence[Column], whose: str, *, by_row: bool
) -> None:
    """Raise a UserError if a function gives other bits for a few rows when it is called with these alone."""
    for row in np.unique(np.linspace(0, len(columns[0]) - 1, ROWS_CHECKED).astype(np.int64)):
        alone = [
            Bit(column[row]) if by_row else column[row : row + 1].copy().view(_CountingColumn) for column in columns
        ]
        try:
            outputs = _outputs_of(function(*alone))
        except BaseException as error:
            if not is_failure(error):
                raise
            return  # it takes columns of all rows only
        if len(outputs) != len(found) or any(output.size != 1 for output in outputs):
            return
        for number, output in enumerate(outputs):
            bit = bool(output.item())
            if bit != found[number][row]:
                raise UserError(
                    f"{whose} returns {int(not bit)} for output {number} with {_row(columns, int(row))}, and "
                    f"{int(bit)} for this row alone; must not depend on other rows or on chance (np.sum and the like "
                    "need axis=0)"
                )


def _row_by_row(
    function: Callable[..., Any], columns: Sequence[Column], whose: str, problem: str
) -> list[NDArray[Any]]:
    """Call a function with the bits of each row, ``problem`` being how it failed on columns."""
    returned: list[tuple[Any, ...]] = []
    for number, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        try:
            value = function(*map(Bit, row))
        except BaseException as error:
            if not is_failure(error):
                raise
            found = problem_of(error)
            where = "" if found == problem else f" with {_row(columns, number)}"
            raise UserError(f"{whose} fails{where} ({found})") from error
        values = tuple(value) if isinstance(value, tuple | list) else (value,)
        if others := [each for each in values if not isinstance(each, bool | int | float | np.bool_ | np.number)]:
            kind = type(others[0]).__name__
            raise UserError(f"{whose} returns {kind} with {_row(columns, number)}; must be 0 or 1, or a tuple of these")
        if len(values) != len((returned or [values])[0]):
            raise UserError(f"{whose} returns {len(values)} values with {_row(columns, number)}, others elsewhere")
        returned.append(values)
    return [np.asarray(output) for output in zip(*returned, strict=True)]


def _row(columns: Sequence[Column], row: int) -> str:
    return f"the inputs {' '.join(str(int(column[row])) for column in columns)}"
