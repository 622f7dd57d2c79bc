"""The bits that name the classes of a signal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.formulas.minimal_formulas import complement, minimal_formula, size
from neural_sculpting.formulas.signals import Classes, Signal

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

MAX_VALUES = 16
"""Classes of a signal that are named by bits."""

MAX_DIVIDED = 8
"""Classes of a signal of which every division into two is tried: 127 of eight."""

MAX_VARIABLES = 6
"""That a module may read for its signal to be divided in every way: a formula then takes milliseconds."""

MAX_COMBINED = 40
"""Bits among which the best set is sought, those of the lowest cost."""


@dataclass(frozen=True, eq=False)
class Bit:
    """One bit of a signal, ``(row,)``, and whether it is exactly what some reader of the module distinguishes."""

    formula: Boolean
    column: BoolArray
    is_seen: bool

    @cached_property
    def cost(self) -> tuple[bool, int]:
        """What readers distinguish is cheapest, then what is short."""
        return not self.is_seen, size(self.formula)


class NoFormulaError(Exception):
    """The reason why there is no formula."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a module reads: variables, which are symbols, and their values in each row, ``(row, variable)``."""

    variables: tuple[Boolean, ...]
    columns: BoolArray

    def formula_of(self, column: BoolArray) -> Boolean | None:
        """Find the formula of a bit ``(row,)``; None where it would be too long.

        Raises:
            NoFormulaError: if rows that agree in all variables differ in the bit.
        """
        return minimal_formula(self._table(column), self.variables)

    def bit_of(self, column: BoolArray, *, is_seen: bool) -> Bit | None:
        """Return a bit ``(row,)`` or its negation, whichever has the shorter formula; None where both are too long.

        Of equals it is the one that is 0 in the first row, where all inputs are zero.
        """
        table = self._table(column)
        forms = ((table, column), (complement(table), ~column))
        formulas = [(minimal_formula(form, self.variables), values) for form, values in forms]
        known = [Bit(formula, values, is_seen) for formula, values in formulas if formula is not None]
        return min(known, key=lambda bit: (size(bit.formula), bool(bit.column[0])), default=None)

    def _table(self, column: BoolArray) -> NDArray[np.int8]:
        number = len(self.variables)
        indices = self.columns @ (1 << np.arange(number)[::-1])
        table = np.full(2**number, -1, dtype=np.int8)
        table[indices] = column
        if not np.array_equal(table[indices], column):
            raise NoFormulaError("what it reads, taken as bits, does not decide what it gives")
        return table.reshape((2,) * number)


def bits_of(signal: Signal, reading: Reading) -> list[Bit] | None:
    """Name the classes of a module's signal by a few bits: none for one class, None where no bits with formulas do.

    Bits that some reader of the module distinguishes are taken if they suffice, with variables that the module only
    passes on; otherwise any that have a short formula.

    Raises:
        NoFormulaError: if what is read does not decide the classes.
    """
    if signal.values > MAX_VALUES:
        return None
    if signal.values == 1:
        return []
    seen = [_divided(classes, signal.classes) for classes in signal.seen_by if classes.max() == 1]
    passed_on = [_divided(column, signal.classes) for column in reading.columns.T]
    likely = [(side, True) for side in seen if side is not None]
    likely += [(side, False) for side in passed_on if side is not None]
    if (found := _fewest(_bits(likely, signal.classes, reading), signal)) is not None:
        return found
    if signal.values > MAX_DIVIDED or len(reading.variables) > MAX_VARIABLES:
        return None
    classes = np.arange(signal.values)
    every = [(number >> classes & 1 == 1, False) for number in range(2, 2**signal.values, 2)]  # False for the first
    return _fewest(_bits([*likely, *every], signal.classes, reading), signal)


def _divided(values: NDArray[np.generic], classes: Classes) -> BoolArray | None:
    """Turn a bit of each row into a bit of each class, False for the first; None where rows of one class differ."""
    _, first = np.unique(classes, return_index=True)
    side = values[first].astype(np.bool_)
    divides = np.array_equal(side[classes], values.astype(np.bool_)) and not np.all(side == side[0])
    return side ^ side[0] if divides else None


def _bits(sides: Iterable[tuple[BoolArray, bool]], classes: Classes, reading: Reading) -> list[Bit]:
    """Find the bit of each division once, the best first."""
    distinct: dict[bytes, tuple[BoolArray, bool]] = {}
    for side, is_seen in sides:
        distinct.setdefault(side.tobytes(), (side, is_seen))
    bits = [reading.bit_of(side[classes], is_seen=is_seen) for side, is_seen in distinct.values()]
    return sorted((bit for bit in bits if bit is not None), key=lambda bit: bit.cost)


def _fewest(bits: Sequence[Bit], signal: Signal) -> list[Bit] | None:
    """Choose the best of the smallest sets of bits that distinguish all classes; None where no set does."""
    _, first = np.unique(signal.classes, return_index=True)
    sides = {bit: bit.column[first].tolist() for bit in bits[:MAX_COMBINED]}
    fewest = (signal.values - 1).bit_length()
    for number in (fewest, fewest + 1):
        sufficient = [
            chosen
            for chosen in combinations(sides, number)
            if len(set(zip(*(sides[bit] for bit in chosen), strict=True))) == signal.values
        ]
        if sufficient:
            return list(min(sufficient, key=lambda bits: [*map(sum, zip(*(bit.cost for bit in bits), strict=True))]))
    return None
