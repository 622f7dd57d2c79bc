import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from neural_sculpting.pruning.select import at_or_below, by_rank, percentile


@pytest.mark.parametrize(
    ("scores", "percent", "expected"),
    [
        # Five scores: the percentiles 0, 25, 50, 75 and 100 are scores, values between them are interpolated.
        ([3.0, 1.0, 5.0, 2.0, 4.0], 0, [1]),
        ([3.0, 1.0, 5.0, 2.0, 4.0], 24, [1]),
        ([3.0, 1.0, 5.0, 2.0, 4.0], 25, [1, 3]),  # 2: at the percentile is removed as well
        ([3.0, 1.0, 5.0, 2.0, 4.0], 49.9, [1, 3]),
        ([3.0, 1.0, 5.0, 2.0, 4.0], 50, [0, 1, 3]),
        ([3.0, 1.0, 5.0, 2.0, 4.0], 99.9, [0, 1, 3, 4]),
        ([3.0, 1.0, 5.0, 2.0, 4.0], 100, [0, 1, 2, 3, 4]),
        # 10 % of five is less than one element, and still the lowest falls: it is below the 10th percentile.
        ([3.0, 1.0, 5.0, 2.0, 4.0], 10, [1]),
        # Equal scores fall together, or stay together.
        ([2.0, 1.0, 2.0, 2.0, 3.0], 24, [1]),
        ([2.0, 1.0, 2.0, 2.0, 3.0], 25, [0, 1, 2, 3]),
        ([2.0, 1.0, 2.0, 2.0, 3.0], 75, [0, 1, 2, 3]),
        ([7.0, 7.0, 7.0, 7.0], 1, [0, 1, 2, 3]),  # all equal: any percentage removes all
        ([0.0, 0.0, 0.0, 0.0], 0, [0, 1, 2, 3]),
        # Pruned elements score 0 and count: of six, three are pruned, so 50 % is half of the way to 1.
        ([0.0, 4.0, 0.0, 2.0, 1.0, 0.0], 40, [0, 2, 5]),  # the percentile is 0 itself
        ([0.0, 4.0, 0.0, 2.0, 1.0, 0.0], 50, [0, 2, 5]),  # 0.5
        ([0.0, 4.0, 0.0, 2.0, 1.0, 0.0], 60, [0, 2, 4, 5]),  # 1
        ([0.0, 4.0, 0.0, 2.0, 1.0, 0.0], 61, [0, 2, 4, 5]),  # 1.05
        ([5.0], 0, [0]),
        ([5.0], 99, [0]),
    ],
)
def test_removed_elements_by_hand(scores, percent, expected):
    [chosen] = at_or_below(torch.tensor([scores]), torch.tensor([percent], dtype=torch.float64))
    assert chosen.nonzero().flatten().tolist() == expected
    assert np.flatnonzero(np.array(scores) <= np.percentile(scores, percent)).tolist() == expected


few_values = st.sampled_from([0.0, 0.0, 0.25, 1.0, 1e-30, 3.5])  # with pruned ones, which are zero
any_value = st.floats(0, 2.0**100, width=32)
stacks = array_shapes(min_dims=2, max_dims=2, max_side=40)


@given(
    st.data(),
    st.one_of(
        stacks.flatmap(lambda s: arrays(np.float32, s, elements=any_value)),
        stacks.flatmap(lambda s: arrays(np.float32, s, elements=few_values)),
    ),
)
def test_percentiles_equal_those_of_numpy_to_the_bit(data, scores):
    percent = data.draw(arrays(np.float64, len(scores), elements=st.floats(0, 100)))
    expected = [np.percentile(row, each) for row, each in zip(scores.astype(np.float64), percent, strict=True)]
    assert percentile(torch.from_numpy(scores), torch.from_numpy(percent)).tolist() == expected
    chosen = at_or_below(torch.from_numpy(scores), torch.from_numpy(percent))
    np.testing.assert_array_equal(chosen, scores <= np.array(expected)[:, None])


def test_one_by_its_rank_among_the_kept_ones():
    scores = torch.tensor([[3.0, 0.0, 2.0, 2.0]]).repeat(4, 1)
    kept = torch.tensor([[True, False, True, True]]).repeat(4, 1)
    chosen = by_rank(scores, kept, torch.tensor([0, 1, 2, 3]))
    assert [row.nonzero().flatten().tolist() for row in chosen] == [[2], [3], [0], []]
