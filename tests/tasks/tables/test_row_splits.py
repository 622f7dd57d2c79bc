import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables import split_rows


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
