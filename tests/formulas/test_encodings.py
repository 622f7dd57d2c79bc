"""Bits for the classes of a signal."""

import numpy as np
import pytest
from sympy import symbols

from neural_sculpting.formulas.encodings import NoFormulaError, Reading, bits_of
from neural_sculpting.formulas.signals import Signal
from neural_sculpting.tasks.graph import all_bits


def reading_of(variables):
    return Reading(symbols(f"x:{variables}"), all_bits(variables))


def signal_of(classes, *seen_by):
    return Signal(np.array(classes), tuple(np.array(seen) for seen in seen_by))


@pytest.mark.parametrize(
    ("variables", "classes", "seen_by", "formulas"),
    [
        # two classes are one bit with the shorter formula
        (2, [0, 0, 0, 1], [], ["x0 & x1"]),
        (2, [0, 1, 1, 1], [], ["x0 | x1"]),
        (2, [0, 1, 1, 0], [], ["x0 ^ x1"]),
        (2, [1, 1, 1, 0], [], ["x0 & x1"]),  # it is false in the first row, and shorter than its negation
        (2, [0, 0, 0, 0], [], []),  # one class needs no bit
        # what readers distinguish comes first: of the count 0, 1, 2 one sees more than 0, the other 2
        (2, [0, 1, 1, 2], [[0, 1, 1, 1], [0, 0, 0, 1]], ["x0 | x1", "x0 & x1"]),
        (2, [0, 0, 0, 1], [[0, 0, 1, 1]], ["x0 & x1"]),  # a division that cuts through a class is no bit
        (3, range(8), [], ["x0", "x1", "x2"]),  # inputs that are passed on are the bits
    ],
)
def test_bits_of_classes(variables, classes, seen_by, formulas):
    assert [str(bit.formula) for bit in bits_of(signal_of(classes, *seen_by), reading_of(variables))] == formulas


def test_of_equally_short_formulas_zeros_give_zero():
    [bit] = bits_of(signal_of([0, 1]), Reading(symbols("x:1"), np.array([[False], [True]])))
    assert str(bit.formula) == "x0"
    both = Reading(symbols("a b"), np.array([[False, True], [True, False]]))
    [bit] = bits_of(signal_of([0, 1]), both)
    assert bit.column.tolist() == [False, True]


def test_bits_are_sought_among_all_divisions():
    # The number of ones in three bits, 0 to 3: exactly two bits distinguish the four classes.
    bits = bits_of(signal_of([0, 1, 1, 2, 1, 2, 2, 3]), reading_of(3))
    assert len(bits) == 2
    assert len({tuple(row) for row in np.array([bit.column for bit in bits]).T.tolist()}) == 4
    assert "x0 ^ x1 ^ x2" in [str(bit.formula) for bit in bits]


def test_too_many_classes_have_none():
    assert bits_of(signal_of(range(32)), reading_of(5)) is None
    assert bits_of(signal_of(np.minimum(all_bits(9).sum(axis=1), 8)), reading_of(9)) is None


def test_inputs_must_decide_the_output():
    reading = Reading(symbols("x:1"), np.array([[False], [False]]))
    with pytest.raises(NoFormulaError, match="does not decide"):
        reading.formula_of(np.array([False, True]))
    nothing = Reading((), np.zeros((4, 0), dtype=bool))
    assert str(nothing.formula_of(np.ones(4, dtype=bool))) == "True"
