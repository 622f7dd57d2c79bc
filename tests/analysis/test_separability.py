from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.analysis import separability_verdict
from neural_sculpting.analysis.clusters import Overlap, overlap


def test_overlap_counts_the_unions():
    first = np.array([[True, False, False, False, False], [False, True, True, False, False]])
    second = np.array([[False, False, True, True, False]])
    assert overlap(first, second) == Overlap(first=3, second=2, shared=1, total=5)


@pytest.mark.parametrize(
    ("counts", "separate", "single"),
    [
        # (first, second, shared, total); e = first * second / total
        ((2, 2, 0, 4), True, False),  # nothing shared: always separate
        ((2, 2, 0, 100), True, False),
        ((2, 2, 1, 4), True, True),  # exactly e = 1 is shared: both hold
        ((2, 2, 1, 5), False, True),  # 1 > e = 0.8
        ((2, 2, 1, 3), True, False),  # 1 < e = 1.33
        ((4, 4, 3, 5), True, False),  # 3 < e = 3.2
        ((3, 3, 3, 3), False, True),  # equal reaches, e = 3: not less than the larger one
        ((4, 2, 2, 4), True, True),  # contained: 2 < 4 and e = 2
        ((4, 2, 2, 5), False, True),  # contained, e = 1.6
    ],
)
def test_each_test(counts, separate, single):
    found = Overlap(*counts)
    assert (found.is_separate, found.is_single) == (separate, single)


@pytest.mark.parametrize(
    ("counts", "squared"),
    [
        # e = 1, x = 4/16, s² = 4 · 1/4 · 3/4 = 3/4, (1 - 0)² / (3/4)
        ((2, 2, 0, 4), Fraction(4, 3)),
        # e = 3/2, x = 6/16, s² = 4 · 3/8 · 5/8 = 15/16, (2 - 3/2)² / (15/16)
        ((3, 2, 2, 4), Fraction(4, 15)),
        # x = 1: s = 0
        ((4, 4, 4, 4), Fraction(0)),
        # e = 6/7, x = 6/49, s² = 7 · 6/49 · 43/49 = 258/343, (2 - 6/7)² / s² = 64/49 · 343/258
        ((3, 2, 2, 7), Fraction(64 * 7, 258)),
    ],
)
def test_squared_deviation(counts, squared):
    assert Overlap(*counts).squared_deviation == squared


@pytest.mark.parametrize(
    ("closest", "halves", "verdict"),
    [
        ((2, 2, 0, 4), (2, 2, 0, 4), "separate"),  # only the first holds
        ((2, 2, 2, 9), (2, 2, 2, 9), "single"),  # only the second holds
        ((2, 2, 2, 9), (2, 2, 0, 9), None),  # neither holds
        ((2, 2, 0, 4), (3, 2, 2, 4), "separate"),  # both, by 4/3 against 4/15
        ((2, 2, 1, 4), (3, 2, 2, 4), "single"),  # both, by 0 against 4/15
        ((2, 2, 0, 4), (2, 2, 2, 4), "single"),  # both by 4/3: a tie
        ((2, 2, 1, 4), (4, 4, 4, 4), "single"),  # 0 against s = 0: a tie
        ((2, 2, 0, 4), (4, 4, 4, 4), "separate"),  # 4/3 against s = 0
    ],
)
def test_verdict(closest, halves, verdict):
    assert separability_verdict(Overlap(*closest), Overlap(*halves)) == verdict


# Every possible overlap of two groups that reach up to seven units.
OVERLAPS = [
    Overlap(first, second, shared, total)
    for total in range(1, 8)
    for first in range(1, total + 1)
    for second in range(1, total + 1)
    for shared in range(max(0, first + second - total), min(first, second) + 1)
]


def test_special_cases_of_the_tests_as_published_follow_from_the_comparison_with_chance():
    for found in OVERLAPS:
        expected = Fraction(found.first * found.second, found.total)
        larger = max(found.first, found.second)
        separate = (found.shared < larger and found.shared <= expected) or found.shared == 0
        single = (found.shared >= 1 and found.shared >= expected) or found.shared >= larger
        assert (found.is_separate, found.is_single) == (separate, single)


@given(st.sampled_from(OVERLAPS), st.sampled_from(OVERLAPS))
def test_at_least_one_of_the_tests_holds_for_two_groups(closest, halves):
    assert closest.is_separate or closest.is_single
    assert separability_verdict(closest, closest) in ("separate", "single")
    verdict = separability_verdict(closest, halves)
    assert verdict != "separate" or closest.is_separate
    assert verdict != "single" or halves.is_single
    assert (verdict is None) == (not closest.is_separate and not halves.is_single)


@given(st.sampled_from(OVERLAPS))
def test_two_groups_may_be_swapped(found):
    turned = Overlap(found.second, found.first, found.shared, found.total)
    for name in ("is_separate", "is_single", "squared_deviation"):
        assert getattr(found, name) == getattr(turned, name)
    assert found.squared_deviation >= 0
