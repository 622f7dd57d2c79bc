"""From a truth table to a short formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

MAX_VARIABLES = 8
"""Of a function that cannot be decomposed. With more sympy takes minutes, and nobody reads the formula."""

MAX_CHOICES = 8
"""Sets of variables of which the one with the shortest formula is sought."""

Table = NDArray[np.int8]
"""An axis of length 2 for each variable; 0 or 1, or -1 for "don't care"."""


def minimal_formula(table: Table, variables: Sequence[Boolean]) -> Boolean | None:
    """Find a short formula of a truth table with a variable for each axis.

    Only as many variables are read as are needed; with don't-cares there may be several choices, of which the one with
    the shortest formula is taken. Then the function is decomposed: a variable that is combined with all the rest
    (``x & rest``, ``x | rest``, ``x ^ rest``) is taken out, and two that matter only together (as ``x & y`` or
    ``x ^ y``) are joined. A function that decomposes entirely has each variable once in its formula. What remains of
    others is minimized by sympy, as a sum of products and as a product of sums; for more than 8 variables it is None.
    """
    formulas = (_decomposed(*_read(table, variables, chosen)) for chosen in _sufficient(table)[:MAX_CHOICES])
    return min((formula for formula in formulas if formula is not None), key=size, default=None)


def _decomposed(table: Table, variables: list[Boolean]) -> Boolean | None:
    from sympy.logic.boolalg import false, true

    table, variables = _read(table, variables, _sufficient(table)[0])
    if table.ndim == 0:
        return true if table == 1 else false
    if (taken_out := _without_one(table, variables)) is not None:
        join, rest, others = taken_out
        formula = _decomposed(rest, others)
        return None if formula is None else join(formula)
    if (joined := _with_two_joined(table, variables)) is not None:
        return _decomposed(*joined)
    return _by_sympy(table, variables) if len(variables) <= MAX_VARIABLES else None


def negated(formula: Boolean) -> Boolean:
    """Negate a formula in its shorter form."""
    from sympy.logic.boolalg import And, Not, Or

    dual = {And: Or, Or: And}.get(formula.func)
    forms = [Not(formula)] + ([dual(*map(negated, formula.args))] if dual else [])
    return min(forms, key=size)


def size(formula: Boolean) -> int:
    """Measure a formula: 2 for each variable and each negation in it, 1 for each exclusive or."""
    from sympy.logic.boolalg import Not, Xor

    if not formula.args:
        return 2 if formula.is_Symbol else 0
    own = 2 if formula.func is Not else len(formula.args) - 1 if formula.func is Xor else 0
    return own + sum(map(size, formula.args))


def complement(table: Table) -> Table:
    """Return the table of the negated function."""
    return np.where(table < 0, table, 1 - table).astype(np.int8)


def _sufficient(table: Table) -> list[tuple[int, ...]]:
    """Find the smallest sets of variables that determine the function, the first ones first.

    There is one set if no row is a don't-care. A set is sufficient if any two rows with different values differ in one
    of its variables.
    """
    number = table.ndim
    codes = np.arange(2**number).reshape(table.shape)  # bit i is the variable i from the end
    apart = np.zeros(2**number, dtype=np.bool_)
    for ones in np.array_split(codes[table == 1], 1 + table.size // 256):
        apart[np.bitwise_xor.outer(ones, codes[table == 0])] = True
    differences = np.flatnonzero(apart)
    for count in range(number + 1):
        chosen = list(combinations(range(number), count))
        sets = np.array([sum(1 << (number - 1 - axis) for axis in axes) for axes in chosen])
        sufficient = np.flatnonzero(np.all(sets[:, None] & differences, axis=1))
        if sufficient.size:
            return [chosen[index] for index in sufficient]
    raise ValueError("all variables together always determine the function")


def _read(table: Table, variables: Sequence[Boolean], axes: Sequence[int]) -> tuple[Table, list[Boolean]]:
    """Leave out all variables but some, which are sufficient."""
    others = tuple(axis for axis in range(table.ndim) if axis not in axes)
    low, high = ((table == value).any(axis=others) for value in (0, 1))
    return np.where(high, 1, np.where(low, 0, -1)).astype(np.int8), [variables[axis] for axis in axes]


def _without_one(
    table: Table, variables: list[Boolean]
) -> tuple[Callable[[Boolean], Boolean], Table, list[Boolean]] | None:
    """Take out a variable that is combined with all the rest: its join, and the table and variables of the rest."""
    from sympy.logic.boolalg import And, Or, Xor

    for axis, variable in enumerate(variables):
        low, high = np.moveaxis(table, axis, 0)
        others = [*variables[:axis], *variables[axis + 1 :]]
        for fixed, rest, literal in ((low, high, variable), (high, low, negated(variable))):
            if not (fixed == 1).any():
                return partial(And, literal), rest, others
            if not (fixed == 0).any():
                return partial(Or, negated(literal)), rest, others
        if (opposite := _agreed(low, complement(high))) is not None:
            return partial(Xor, variable), opposite, others
    return None


def _with_two_joined(table: Table, variables: list[Boolean]) -> tuple[Table, list[Boolean]] | None:
    """Replace two variables that matter only together by one, the last axis."""
    from sympy.logic.boolalg import And, Or, Xor

    for first, second in combinations(range(table.ndim), 2):
        one, two = variables[first], variables[second]
        halves = np.moveaxis(table, (first, second), (0, 1))
        corners = {(low, high): halves[low, high] for low in (0, 1) for high in (0, 1)}
        others = [variable for axis, variable in enumerate(variables) if axis not in (first, second)]
        for function, ones in (  # those that need both variables, up to negation, and where each is true
            (And(one, two), {(1, 1)}),
            (Or(one, two), {(0, 1), (1, 0), (1, 1)}),
            (And(one, negated(two)), {(1, 0)}),
            (And(negated(one), two), {(0, 1)}),
            (Xor(one, two), {(0, 1), (1, 0)}),
        ):
            low = _agreed(*(values for corner, values in corners.items() if corner not in ones))
            high = _agreed(*(values for corner, values in corners.items() if corner in ones))
            if low is not None and high is not None:
                return np.stack([low, high], axis=-1), [*others, function]
    return None


def _by_sympy(table: Table, variables: list[Boolean]) -> Boolean:
    from sympy import symbols
    from sympy.logic import POSform, SOPform

    names = symbols(f"v:{len(variables)}")
    ones, either = (np.flatnonzero(table == value).tolist() for value in (1, -1))
    forms = [form(names, ones, either) for form in (SOPform, POSform)]
    return min(forms, key=size).xreplace(dict(zip(names, variables, strict=True)))


def _agreed(*tables: Table) -> Table | None:
    """Merge tables that differ only in don't-cares; None where they contradict each other."""
    low, high = (np.any([table == value for table in tables], axis=0) for value in (0, 1))
    return None if (low & high).any() else np.where(high, 1, np.where(low, 0, -1)).astype(np.int8)
