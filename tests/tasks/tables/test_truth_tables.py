import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables import check_consistent


def check(inputs, targets, rows=None):
    inputs, targets = np.array(inputs, dtype=np.float32), np.array(targets, dtype=np.float32)
    names = [f"y{place}" for place in range(targets.shape[1])]
    check_consistent(inputs, targets, names, range(len(inputs)) if rows is None else rows, "t.csv")


def test_rows_may_be_repeated_and_left_out():
    check([[0, 1], [1, 1], [0, 1]], [[1], [0], [1]])


def test_the_first_contradiction_is_told():
    contradicted = "; a truth table has one answer (task=table learns from rows that contradict each other)"
    inputs, targets = [[0, 1], [1, 1], [0, 1], [1, 1]], [[1, 0], [0, 0], [1, 1], [1, 0]]
    with pytest.raises(UserError) as caught:
        check(inputs, targets)
    assert str(caught.value) == f"t.csv: data rows 1 and 3 have the same inputs and differ in y1{contradicted}"
    with pytest.raises(UserError) as caught:
        check(inputs, targets, rows=[0, 5, 8, 9])  # rows in between were left out
    assert str(caught.value) == f"t.csv: data rows 1 and 9 have the same inputs and differ in y1{contradicted}"


@given(st.lists(st.tuples(st.integers(0, 2**10 - 1), st.integers(0, 3)), min_size=1, max_size=40))
def test_it_is_consistent_if_it_is_a_function(rows):
    inputs = [[number >> bit & 1 for bit in range(10)] for number, _ in rows]
    targets = [[answer & 1, answer >> 1] for _, answer in rows]
    if len(set(rows)) == len({number for number, _ in rows}):
        check(inputs, targets)
    else:
        with pytest.raises(UserError):
            check(inputs, targets)
