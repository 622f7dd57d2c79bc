import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.table import check_consistent, split_rows


def message_of(*arguments) -> str:
    with pytest.raises(UserError) as caught:
        split_rows(*arguments)
    return str(caught.value)


@given(st.integers(1, 300), st.floats(0.01, 0.9), st.floats(0, 0.9), st.integers(0, 2**32 - 1))
def test_the_sets_are_disjoint_complete_and_of_the_shares_asked_for(rows, validation_share, test_share, seed):
    sizes = round(rows * validation_share), round(rows * test_share)
    assume(sizes[0] > 0 and (sizes[1] > 0 or test_share == 0) and sum(sizes) < rows)
    split = split_rows(rows, validation_share, test_share, seed)
    assert sorted(np.concatenate(split)) == list(range(rows))
    assert (len(split.validation), len(split.test)) == sizes
    assert all((np.diff(each) > 0).all() for each in split), "in rising order"


def test_a_seed_fixes_the_split_and_another_changes_it():
    one, again, other = (split_rows(50, 0.2, 0.2, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(*pair) for pair in zip(one, again, strict=True))
    assert not any(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_there_may_be_no_test_set():
    assert [len(rows) for rows in split_rows(10, 0.3, 0, 0)] == [7, 3, 0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((2, 0.2, 0.5, 0), "task.validation_share=0.2: of 2 rows that is none; must be larger, or the table longer"),
        ((10, 0.2, 0.01, 0), "task.test_share=0.01: of 10 rows that is none; must be larger, or the table longer"),
        (
            (10, 0.5, 0.5, 0),
            "task.validation_share=0.5 and task.test_share=0.5: take all rows, of which there are 10; LEFT",
        ),
        (
            (3, 0.5, 0.3, 0),
            "task.validation_share=0.5 and task.test_share=0.3: take all rows, of which there are 3; LEFT",
        ),
        (
            (10, 0.9, 0.9, 0),
            "task.validation_share=0.9 and task.test_share=0.9: take all rows, of which there are 10; LEFT",
        ),
    ],
)
def test_shares_that_cannot_be(arguments, said):
    assert message_of(*arguments) == said.replace("LEFT", "must leave some to learn from")


def check(inputs, targets, rows=None):
    inputs, targets = np.array(inputs, dtype=np.float32), np.array(targets, dtype=np.float32)
    names = [f"y{output}" for output in range(targets.shape[1])]
    check_consistent(inputs, targets, names, range(len(inputs)) if rows is None else rows, "t.csv")


def test_rows_may_be_repeated_and_left_out():
    check([[0, 1], [1, 1], [0, 1]], [[1], [0], [1]])


def test_the_first_contradiction_is_reported():
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
    targets = [[bits & 1, bits >> 1] for _, bits in rows]
    if len(set(rows)) == len({number for number, _ in rows}):
        check(inputs, targets)
    else:
        with pytest.raises(UserError):
            check(inputs, targets)
