"""The values of inputs that can occur."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.formulas.input_rows import input_rows, number_of_rows
from neural_sculpting.tasks.graph import all_bits

sizes_and_live = st.lists(st.integers(1, 4), min_size=1, max_size=4).flatmap(
    lambda sizes: st.tuples(st.just(sizes), st.lists(st.booleans(), min_size=sum(sizes), max_size=sum(sizes)))
)


@pytest.mark.parametrize(
    ("live", "one_hot", "rows"),
    [
        ([1, 1, 1], (3,), ["001", "010", "100"]),  # exactly one is 1
        ([1, 0, 1], (3,), ["00", "01", "10"]),  # the third category of the column is 00
        ([1, 1, 1], (1, 2), ["001", "010", "101", "110"]),
        ([0, 0, 1], (1, 2), ["0", "1"]),
        ([1, 0, 1], (), ["00", "01", "10", "11"]),
        ([0, 0], (2,), [""]),
    ],
)
def test_one_of_a_group_is_1(live, one_hot, rows):
    found = input_rows(np.array(live, dtype=bool), one_hot)
    assert ["".join("01"[bit] for bit in row) for row in found.astype(int)] == rows


@given(sizes_and_live)
def test_they_are_the_rows_of_the_truth_table_that_are_codes_of_the_whole_network(drawn):
    sizes, live = drawn[0], np.array(drawn[1], dtype=bool)
    bits = all_bits(len(live))
    groups = np.split(bits, np.cumsum(sizes)[:-1], axis=1)
    is_code = np.all([(group.sum(axis=1) == 1) | (group.shape[1] == 1) for group in groups], axis=0)
    expected = np.unique(bits[is_code][:, live], axis=0)
    found = input_rows(live, sizes)
    assert found.tolist() == (expected.tolist() if live.any() else [[]])
    assert number_of_rows(live, sizes) == len(found)
