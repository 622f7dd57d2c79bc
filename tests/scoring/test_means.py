"""Intervals of means, by hand and as scipy has them."""

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from neural_sculpting.scoring.means import mean_interval


def test_an_interval_worked_out_by_hand():
    """Mean 0.5, deviations ±0.1 and 0: variance 0.02 / 2; t with two degrees of freedom is 4.3027."""
    low, high = mean_interval([0.4, 0.5, 0.6])
    half = 4.3027 * (0.01 / 3) ** 0.5
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-4)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=30, unique=True))
def test_the_interval_is_that_of_scipy_as_far_as_the_measure_reaches(thousandths):
    values = [each / 1000 for each in thousandths]
    expected = ttest_1samp(values, 0.0).confidence_interval(0.95)
    low, high = mean_interval(values, lowest=0.25, highest=0.75)
    assert low == pytest.approx(max(expected.low, 0.25))
    assert high == pytest.approx(min(expected.high, 0.75))


@pytest.mark.parametrize("values", [[], [0.3]])
def test_one_value_has_no_interval(values):
    assert all(map(isnan, mean_interval(values)))
