import numpy as np
import pytest
from function_examples import table_of
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.decomposition.functions import CONTEXTS, BitTable, ProbedFunction, numbered, up_to_negation
from neural_sculpting.tasks.bit_functions import column_multiplicity
from neural_sculpting.tasks.graph import all_bits

CONTEXT_ROWS = np.random.default_rng(0).integers(2, size=(CONTEXTS, 4)).astype(np.float64)


@pytest.mark.parametrize(
    ("function", "inputs", "values"),
    [
        # Columns are functions of the other inputs: of c and d.
        (lambda a, b, c, d: (a & b) ^ (c | d), (0, 1), 2),  # c | d and its negation
        (lambda a, b, c, d: (a & b) ^ (c | d), (0, 2), 4),  # d, b ^ d, 1 and ~b
        (lambda a, b, c, d: np.where(a, c, np.where(b, d, c & d)), (0, 1), 3),  # c, d and c & d
        (lambda a, b, c, d: np.where(a, np.where(b, c, d), np.where(b, c & d, c | d)), (0, 1), 4),
        (lambda a, b, c, d: a & b & c & d, (0, 1, 2), 2),  # 0 and d
        (lambda a, b, c, d: a ^ b, (0, 1), 2),  # 0 and 1
        (lambda a, b, c, d: a ^ b, (2, 3), 1),  # all columns are a ^ b
    ],
)
def test_columns_counted_by_hand(function, inputs, values):
    assert table_of(4, function).signal(inputs, [0]).values == values


def test_outputs_are_looked_at_together():
    # Alone, each sees one bit of a and b; together three of their values: a & b, a | b.
    table = table_of(3, lambda a, b, c: a & b & c, lambda a, b, c: (a | b) & c)
    assert [table.signal([0, 1], outputs).values for outputs in ([0], [1], [0, 1])] == [2, 2, 3]


def test_which_output_depends_on_which_input():
    table = table_of(3, lambda a, b, c: a ^ b, lambda a, b, c: c | ~c, lambda a, b, c: (a & c) | (~a & c))
    assert table.depends.T.astype(int).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]


def test_equal_and_opposite_outputs_are_alike():
    table = table_of(2, lambda a, b: a, lambda a, b: b, lambda a, b: ~a, lambda a, b: a & b, lambda a, b: b)
    assert table.output_classes.tolist() == [0, 1, 0, 2, 1]
    assert up_to_negation(np.array([[True, False], [True, False]])).tolist() == [0, 0]  # both constants


def test_rows_are_numbered_in_order_of_appearance():
    assert numbered(np.array([[1, 0], [0, 0], [1, 0], [1, 1]], dtype=bool)).tolist() == [0, 1, 0, 2]
    assert numbered(np.zeros((3, 0), dtype=bool)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("shape", [(3, 1), (1, 1), (4, 0), (4,)])
def test_a_table_has_a_row_for_each_assignment(shape):
    with pytest.raises(ValueError, match=r"outputs: must have 2\^n rows, n at least 1, and a column for each output"):
        BitTable(np.zeros(shape, dtype=np.bool_))


@given(st.integers(0, 2**16 - 1), st.sets(st.integers(0, 3), min_size=1))
def test_a_function_that_is_asked_is_the_same_as_its_table(bits, inputs):
    table = BitTable((bits >> np.arange(16) & 1 == 1)[:, None])
    asked = ProbedFunction(lambda rows: table.outputs[rows.astype(int) @ [8, 4, 2, 1]].astype(np.float64), CONTEXT_ROWS)
    assert asked.signal(inputs, [0]) == table.signal(inputs, [0])
    assert (asked.depends == table.depends).all()
    assert asked.signal(inputs, [0]).values == column_multiplicity(table.outputs.reshape(2, 2, 2, 2), sorted(inputs))


def test_of_many_inputs_some_assignments_are_tried():
    contexts = np.random.default_rng(1).integers(2, size=(64, 30)).astype(np.float64)
    parity = ProbedFunction(lambda rows: rows.sum(axis=1, keepdims=True) % 2, contexts)
    assert parity.signal(range(20), [0]).values == 2
    words = ProbedFunction(lambda rows: rows[:, :20] @ all_bits(5)[:20].astype(float) % 2, contexts)
    assert words.signal(range(20), range(5)).values == 2**5  # what is seen of fewer values is not extrapolated
    many = ProbedFunction(lambda rows: rows * rows[:, ::-1], contexts)
    assert many.signal(range(14), range(30)).values > 2**13
