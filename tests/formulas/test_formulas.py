"""Formulas as text, and what they give."""

import numpy as np
from sympy import Symbol
from sympy.logic.boolalg import false, true

from neural_sculpting.formulas.formulas import Formula, ModuleFormulas, NetworkFormulas, evaluate, formula_text

A, B, LATE = Symbol("A"), Symbol("B"), Symbol("age > 3")
X0, X1 = Symbol("x0"), Symbol("x1")

FORMULAS = NetworkFormulas(
    ("x0", "x1"),
    ("y0", "y 1", "y2", "y3"),
    (
        ModuleFormulas("A", (0,), ("x0", "x1"), (Formula("A", X0 & X1),), ()),
        ModuleFormulas("B", (1,), ("A", "x1"), (), (Formula("y0", ~A), Formula("y 1", A ^ X1), Formula("y2", ~A))),
        ModuleFormulas("C", (2,), (), (), (), "no short formula for y3"),
    ),
    checked=4,
)


def test_constants_are_digits_and_names_with_blanks_or_operators_are_quoted():
    assert formula_text(true) == "1"
    assert formula_text(false) == "0"
    assert formula_text(A & ~LATE) == "A & ~`age > 3`"
    assert formula_text(Symbol("a\nb")) == "`a b`"
    assert formula_text(Symbol("a&b") & Symbol("a=b=c") & Symbol("1")) == "`1` & `a&b` & `a=b=c`"
    assert formula_text(~Symbol("Cell.size=4") & Symbol("größe=>50")) == "größe=>50 & ~Cell.size=4"
    assert str(Formula("is late", LATE | B)) == "`is late` = B | `age > 3`"


def test_outputs_with_the_same_formula_share_a_line():
    assert str(FORMULAS).splitlines() == ["A = x0 & x1", "y0, y2 = ~A", "`y 1` = A ^ x1", "C: no short formula for y3"]
    assert not FORMULAS.complete


def test_signals_are_put_into_the_formulas_that_read_them():
    x0, x1 = np.array([False, False, True, True]), np.array([False, True, False, True])
    found = FORMULAS.evaluate({"x0": x0, "x1": x1})
    assert {name: column.tolist() for name, column in found.items()} == {
        "A": [False, False, False, True],
        "y0": [True, True, True, False],
        "y 1": [False, True, False, False],
        "y2": [True, True, True, False],
    }


def test_constants_have_as_many_rows_as_the_others():
    assert evaluate(true, {}, 3).tolist() == [True, True, True]
    assert evaluate(false, {}, 2).tolist() == [False, False]
