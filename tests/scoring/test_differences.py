from math import isnan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.scoring.rates import holm, paired_difference, paired_differences, rate_difference

counts = st.integers(0, 60)


@pytest.mark.parametrize(
    ("numbers", "difference", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10
        ((56, 70, 48, 80), 0.2, 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.6, 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.5714, 0.0582, 0.8062),
        ((5, 56, 0, 29), 0.0893, -0.0381, 0.1926),
        ((0, 10, 0, 20), 0.0, -0.1611, 0.2775),
        ((0, 10, 0, 10), 0.0, -0.2775, 0.2775),
        ((10, 10, 0, 20), 1.0, 0.6791, 1.0),
        ((10, 10, 0, 10), 1.0, 0.6075, 1.0),
        # Fagerland, Lydersen & Laake 2017, Statistical Analysis of Contingency Tables, chapter 4: Perondi's data
        ((7, 34, 1, 34), 0.1765, 0.0189, 0.3404),
    ],
)
def test_published_intervals_of_two_rates(numbers, difference, low, high):
    found = rate_difference(*numbers)
    assert (found.difference, found.low, found.high) == pytest.approx((difference, low, high), abs=5.1e-5)


@pytest.mark.parametrize(
    ("numbers", "difference", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 2635-2650, table II, method 10
        ((20, 12, 2, 16), 0.2, 0.0562, 0.3292),
        ((36, 12, 2, 0), 0.2, 0.0569, 0.3404),
        ((36, 14, 0, 0), 0.28, 0.1528, 0.4167),
        # Fagerland, Lydersen & Laake 2017, Statistical Analysis of Contingency Tables, chapter 8: Cavo's data
        ((59, 6, 16, 80), -0.0621, -0.1186, -0.0046),
    ],
)
def test_published_intervals_of_pairs(numbers, difference, low, high):
    found = paired_difference(*numbers)
    assert (found.difference, found.low, found.high) == pytest.approx((difference, low, high), abs=5.1e-5)


def test_pairs_that_agree_tell_more_than_separate_trials():
    paired, separate = paired_difference(15, 5, 1, 15), rate_difference(20, 36, 16, 36)
    assert paired.difference == separate.difference
    assert separate.low < paired.low < paired.high < separate.high


def test_without_trials_nothing_is_known():
    for found in (rate_difference(0, 0, 3, 4), rate_difference(3, 4, 0, 0), paired_difference(0, 0, 0, 0)):
        assert isnan(found.difference)
        assert (found.low, found.high) == (-1.0, 1.0)


@pytest.mark.parametrize("numbers", [(4, 3, 0, 1), (-1, 3, 0, 1), (0, 3, 2, 1)])
def test_impossible_counts(numbers):
    with pytest.raises(ValueError, match="successes of"):
        rate_difference(*numbers)


def test_negative_pairs():
    with pytest.raises(ValueError, match="negative"):
        paired_difference(1, -1, 2, 3)


@given(counts, counts, counts, counts)
def test_intervals_hold_the_difference_and_turn_with_it(a, b, c, d):
    for found, turned in (
        (paired_difference(a, b, c, d), paired_difference(a, c, b, d)),
        (rate_difference(a, a + b, c, c + d), rate_difference(c, c + d, a, a + b)),
    ):
        if isnan(found.difference):
            continue
        assert -1 - 1e-12 <= found.low <= found.difference <= found.high <= 1 + 1e-12
        assert (turned.difference, turned.low, turned.high) == pytest.approx(
            (-found.difference, -found.high, -found.low)
        )


def pairs(cell, both, gained, lost, neither):
    outcomes = [(True, True)] * both + [(True, False)] * gained + [(False, True)] * lost + [(False, False)] * neither
    return pd.DataFrame(outcomes, columns=["new", "old"]).assign(cell=cell)


def test_pairs_counted_by_hand():
    trials = pd.concat([pairs("b", 3, 5, 0, 2), pairs("a", 1, 1, 3, 0), pairs(None, 2, 0, 0, 1)], ignore_index=True)
    table = paired_differences(trials, ["cell"], "new", "old")
    assert table["cell"].fillna("").tolist() == ["b", "a", ""]
    assert table["trials"].tolist() == [10, 5, 3]
    assert table["gained"].tolist() == [5, 1, 0]
    assert table["lost"].tolist() == [0, 3, 0]
    assert table["difference"].tolist() == pytest.approx([0.5, -0.4, 0])
    # Of five fair coins all heads or all tails: 2 / 2⁵. Of four one at most on either side: (1 + 4) · 2 / 2⁴.
    assert table["p"].tolist() == pytest.approx([2 / 32, 10 / 16, 1])
    assert table["p_corrected"].tolist() == pytest.approx([6 / 32, 1, 1])


def test_holm_by_hand():
    # 0.01 · 4; 0.02 · 3; 0.03 · 2, not below the one before; 0.9 · 1
    assert holm([0.9, 0.01, 0.03, 0.02]).tolist() == pytest.approx([0.9, 0.04, 0.06, 0.06])
    assert holm([0.4, 0.6]).tolist() == pytest.approx([0.8, 0.8])
    assert holm([]).tolist() == []
