"""Short formulas of truth tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import symbols

from neural_sculpting.formulas.formulas import evaluate
from neural_sculpting.formulas.minimal_formulas import complement, minimal_formula, negated, size

X = symbols("x:12")


def table_of(function, variables):
    """The table of a function of boolean columns."""
    return np.asarray(function(*np.indices((2,) * variables).astype(bool)), dtype=np.int8)


def text_of(function):
    variables = function.__code__.co_argcount
    return str(minimal_formula(table_of(function, variables), X[:variables]))


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda a, b: a & b, "x0 & x1"),
        (lambda a, b: a | b, "x0 | x1"),
        (lambda a, b: ~a & b, "x1 & ~x0"),
        (lambda a, b: a ^ b, "x0 ^ x1"),
        (lambda a, b, c: c & (a | ~a), "x2"),
        (lambda a, b: ~b, "~x1"),
        (lambda a, b: a & ~a, "False"),
        (lambda a, b: a | ~a, "True"),
        (lambda a, b, c: a ^ b ^ c, "x0 ^ x1 ^ x2"),
        (lambda a, b, c, d: (a ^ b) | (c & ~d), "(x0 ^ x1) | (x2 & ~x3)"),
        (lambda a, b, c, d: a & ~d & (b ^ c), "x0 & ~x3 & (x1 ^ x2)"),
        (lambda a, b, c, d: (a & b) ^ (c | d), "(x0 & x1) ^ (x2 | x3)"),
        (lambda a, b, c: (a & b) | (b & c) | (a & c), "(x0 & x1) | (x0 & x2) | (x1 & x2)"),
        (lambda a, b, c, d: d ^ ((a & b) | (b & c) | (a & c)), "x3 ^ ((x0 & x1) | (x0 & x2) | (x1 & x2))"),
    ],
)
def test_formulas_are_short(function, text):
    assert text_of(function) == text


tables = st.integers(0, 5).flatmap(
    lambda variables: st.lists(st.sampled_from([0, 1, -1]), min_size=2**variables, max_size=2**variables)
)


@given(tables)
def test_a_formula_gives_its_table_except_for_dont_cares(values):
    variables = len(values).bit_length() - 1
    table = np.array(values, dtype=np.int8).reshape((2,) * variables)
    formula = minimal_formula(table, X[:variables])
    rows = np.indices(table.shape).reshape(variables, table.size).astype(bool)
    found = evaluate(formula, {f"x{number}": column for number, column in enumerate(rows)}, table.size)
    cared = table.ravel() >= 0
    assert found[cared].tolist() == (table.ravel()[cared] == 1).tolist()


def test_a_variable_that_is_not_needed_is_left_out():
    assert str(minimal_formula(np.array([[0, -1], [-1, 1]], dtype=np.int8), X[:2])) == "x0"
    assert str(minimal_formula(np.array([-1, -1], dtype=np.int8), X[:1])) == "False"


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([0, 1, 1, 1], "~x0"),
        ([0, 0, 0, 1], "x3"),
        ([1, 0, 1, 0], "x0 | x2"),
        ([1, 1, 0, 0], "x0 | x1"),
        ([0, 0, 1, 1], "x2 | x3"),  # shorter than ~x0 & ~x1
        ([1, 1, 1, 1], "True"),
    ],
)
def test_of_one_hot_codes_the_fewest_are_read(wanted, text):
    """The value of each of four codes; there are no other rows."""
    table = np.full((2, 2, 2, 2), -1, dtype=np.int8)
    for code, value in zip(np.eye(4, dtype=int), wanted, strict=True):
        table[tuple(code)] = value
    assert str(minimal_formula(table, X[:4])) == text


def test_functions_of_many_variables_can_be_decomposed():
    formula = minimal_formula(table_of(lambda *x: np.logical_xor.reduce(x), 12), X)
    assert formula.free_symbols == set(X)
    assert size(formula) == 2 * 12 + 11


def test_functions_of_more_than_eight_variables_that_cannot_be_decomposed_have_no_formula():
    assert minimal_formula(table_of(lambda *x: np.sum(x, axis=0) > 4, 9), X[:9]) is None
    assert minimal_formula(table_of(lambda *x: x[0] & (np.sum(x[1:], axis=0) > 4), 10), X[:10]) is None


def test_a_negation_takes_the_shorter_form():
    assert complement(np.array([0, 1, -1], dtype=np.int8)).tolist() == [1, 0, -1]
    assert str(negated(X[0] & ~X[1])) == "x1 | ~x0"
    assert str(negated(~X[0] | ~X[1])) == "x0 & x1"
    assert str(negated(X[0] & X[1])) == "~(x0 & x1)"
    assert str(negated(~X[0])) == "x0"
    assert size(X[0] ^ ~X[1]) == 2 + 2 + 2 + 1
