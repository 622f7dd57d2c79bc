"""What holds for the intervals of all rates and of all differences between two of them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neural_sculpting.scoring.rates import Difference, paired_difference, rate_difference, wilson_interval


@st.composite
def counted(draw, most: int = 400) -> tuple[int, int]:
    """Successes, and of how many trials."""
    trials = draw(st.one_of(st.integers(0, 3), st.integers(1, most)))
    return draw(st.one_of(st.just(0), st.just(trials), st.integers(0, trials))), trials


@given(counted())
def test_the_interval_of_a_rate_contains_it_and_mirrors_that_of_failures(counts):
    successes, trials = counts
    low, high = wilson_interval(successes, trials)
    assert 0 <= low < high <= 1
    if trials:
        assert low <= successes / trials <= high
        assert (low == 0) == (successes == 0)
        assert (high == 1) == (successes == trials)
    mirrored = wilson_interval(trials - successes, trials)
    assert mirrored == (pytest.approx(1 - high), pytest.approx(1 - low))


@given(counted(), st.integers(2, 9))
def test_more_successes_raise_the_interval_and_more_trials_narrow_it(counts, times):
    successes, trials = counts
    assume(trials)
    low, high = wilson_interval(successes, trials)
    narrower = wilson_interval(times * successes, times * trials)
    assert narrower[1] - narrower[0] < high - low
    if successes < trials:
        above = wilson_interval(successes + 1, trials)
        assert above[0] > low
        assert above[1] > high or successes + 1 == trials


def turned(found: Difference) -> tuple[float, float, float]:
    """The difference of the second rate and the first."""
    return pytest.approx((-found.difference, -found.high, -found.low), nan_ok=True)


def contains_its_difference(found: Difference) -> bool:
    room = 1e-12  # of rounding
    return -1 - room <= found.low <= found.difference + room <= found.high + 2 * room <= 1 + 3 * room


def as_tuple(found: Difference) -> tuple[float, float, float]:
    return found.difference, found.low, found.high


@given(counted(60), counted(60))
def test_the_difference_of_two_rates_turns_its_sign_with_them(one, other):
    found = rate_difference(*one, *other)
    assert as_tuple(rate_difference(*other, *one)) == turned(found)
    assert contains_its_difference(found) or 0 in (one[1], other[1])
    if one[1]:
        assert rate_difference(*one, *one).difference == 0


@given(st.tuples(*[st.integers(0, 30)] * 4))
def test_the_difference_of_paired_rates_turns_its_sign_with_them(counts):
    both, first, second, neither = counts
    found = paired_difference(*counts)
    assert as_tuple(paired_difference(both, second, first, neither)) == turned(found)
    assert as_tuple(paired_difference(neither, second, first, both)) == turned(found)  # failures for successes
    assert contains_its_difference(found) or not sum(counts)
