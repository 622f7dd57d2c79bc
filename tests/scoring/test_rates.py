"""Rates and differences between them: by hand, as published, and for all counts."""

from math import isnan, nan

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from neural_sculpting.scoring.rates import (
    Difference,
    holm,
    paired_difference,
    paired_differences,
    rate_difference,
    sign_test,
    success_rates,
    wilson_interval,
)

TRIALS = pd.DataFrame(
    [
        # task, uses, layers, exact, hidden
        ("boolean_reused", 8.0, "4-24-16", True, None),
        ("boolean_sep", nan, "4-24-4", True, None),
        ("boolean_reused", 8.0, "4-24-16", False, None),
        ("boolean_overlap", 1.0, "8-24-2", True, False),
        ("boolean_sep", nan, "4-24-4", False, None),
        ("boolean_reused", 8.0, "4-24-16", True, None),
        ("boolean_overlap", 1.0, "8-24-2", True, None),
    ],
    columns=["task", "uses", "layers", "exact", "hidden"],
)


def counts(rates, columns):
    return [tuple(row) for row in rates[[*columns, "criterion", "successes", "trials"]].to_numpy()]


def test_one_row_for_each_cell_and_criterion_in_order_of_appearance():
    rates = success_rates(TRIALS, ["task", "layers"], ["exact", "hidden"])
    assert counts(rates, ["task"]) == [
        ("boolean_reused", "exact", 2, 3),
        ("boolean_reused", "hidden", 0, 0),
        ("boolean_sep", "exact", 1, 2),
        ("boolean_sep", "hidden", 0, 0),
        ("boolean_overlap", "exact", 2, 2),
        ("boolean_overlap", "hidden", 0, 1),  # the trial without a value is left out
    ]
    assert list(rates) == ["task", "layers", "criterion", "successes", "trials", "rate", "low", "high"]
    assert rates["rate"][0] == 2 / 3
    assert tuple(rates.loc[0, ["low", "high"]]) == wilson_interval(2, 3)
    assert tuple(rates.loc[1, ["low", "high"]]) == (0.0, 1.0)  # a criterion that never applies has no rate
    assert isnan(rates["rate"][1])


def test_missing_values_form_a_cell():
    rates = success_rates(TRIALS, ["uses"], ["exact"])
    assert rates["uses"].isna().tolist() == [False, True, False]
    assert rates["trials"].tolist() == [3, 2, 2]
    assert success_rates(TRIALS, ["task", "uses"], ["exact"])["trials"].tolist() == [3, 2, 2]


def test_criteria_read_back_from_a_file(tmp_path):
    # Whole columns become floats or stay objects, depending on what is missing.
    TRIALS.to_csv(tmp_path / "trials.csv", index=False)
    stored = pd.read_csv(tmp_path / "trials.csv")
    cell, criteria = ["task", "uses", "layers"], ["exact", "hidden"]
    pd.testing.assert_frame_equal(success_rates(stored, cell, criteria), success_rates(TRIALS, cell, criteria))


def test_cells_keep_the_type_of_their_columns():
    trials = pd.DataFrame({"width": [24, 36], "lr": [0.1, 0.1], "exact": [True, False]})
    rates = success_rates(trials, ["width", "lr"], ["exact"])
    assert rates.dtypes[["width", "lr"]].equals(trials.dtypes[["width", "lr"]])
    assert rates["width"].tolist() == [24, 36]


def test_all_trials_are_one_cell_without_columns_and_no_trials_none():
    assert counts(success_rates(TRIALS, [], ["exact"]), []) == [("exact", 5, 7)]
    assert success_rates(TRIALS[:0], ["task"], ["exact"]).empty
    assert success_rates(TRIALS, ["task"], []).empty


@pytest.mark.parametrize("trials", [1, 2, 12, 36, 360, 10_000])
def test_wilson_interval_agrees_with_scipy(trials):
    for successes in {0, 1, trials // 3, trials // 2, trials - 1, trials}:
        reference = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
        assert wilson_interval(successes, trials) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_wilson_interval_by_hand():
    # z² = 1.959964² = 3.841459. 36 of 36: low = n / (n + z²); 0 of 12: high = z² / (n + z²)
    assert wilson_interval(36, 36) == (pytest.approx(36 / 39.841459), 1.0)
    assert wilson_interval(0, 12) == (0.0, pytest.approx(3.841459 / 15.841459))
    assert wilson_interval(0, 0) == (0.0, 1.0)


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
    assert wilson_interval(trials - successes, trials) == (pytest.approx(1 - high), pytest.approx(1 - low))


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


@pytest.mark.parametrize(
    ("compare", "numbers", "difference", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10
        (rate_difference, (56, 70, 48, 80), 0.2, 0.0524, 0.3339),
        (rate_difference, (9, 10, 3, 10), 0.6, 0.1705, 0.8090),
        (rate_difference, (6, 7, 2, 7), 0.5714, 0.0582, 0.8062),
        (rate_difference, (5, 56, 0, 29), 0.0893, -0.0381, 0.1926),
        (rate_difference, (0, 10, 0, 20), 0.0, -0.1611, 0.2775),
        (rate_difference, (0, 10, 0, 10), 0.0, -0.2775, 0.2775),
        (rate_difference, (10, 10, 0, 20), 1.0, 0.6791, 1.0),
        (rate_difference, (10, 10, 0, 10), 1.0, 0.6075, 1.0),
        # Fagerland, Lydersen & Laake 2017, Statistical Analysis of Contingency Tables, chapter 4: Perondi's data
        (rate_difference, (7, 34, 1, 34), 0.1765, 0.0189, 0.3404),
        # Newcombe 1998, Statistics in Medicine 17, 2635-2650, table II, method 10
        (paired_difference, (20, 12, 2, 16), 0.2, 0.0562, 0.3292),
        (paired_difference, (36, 12, 2, 0), 0.2, 0.0569, 0.3404),
        (paired_difference, (36, 14, 0, 0), 0.28, 0.1528, 0.4167),
        # Fagerland, Lydersen & Laake 2017, Statistical Analysis of Contingency Tables, chapter 8: Cavo's data
        (paired_difference, (59, 6, 16, 80), -0.0621, -0.1186, -0.0046),
    ],
)
def test_published_intervals_of_differences(compare, numbers, difference, low, high):
    found = compare(*numbers)
    assert (found.difference, found.low, found.high) == pytest.approx((difference, low, high), abs=5.1e-5)


def test_pairs_that_agree_give_a_narrower_interval_than_separate_trials():
    paired, separate = paired_difference(15, 5, 1, 15), rate_difference(20, 36, 16, 36)
    assert paired.difference == separate.difference
    assert separate.low < paired.low < paired.high < separate.high


def test_a_difference_without_trials_is_unknown():
    for found in (rate_difference(0, 0, 3, 4), rate_difference(3, 4, 0, 0), paired_difference(0, 0, 0, 0)):
        assert isnan(found.difference)
        assert (found.low, found.high) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("compare", "numbers", "problem"),
    [
        *((rate_difference, numbers, "successes of") for numbers in [(4, 3, 0, 1), (-1, 3, 0, 1), (0, 3, 2, 1)]),
        (paired_difference, (1, -1, 2, 3), "negative"),
    ],
)
def test_impossible_counts(compare, numbers, problem):
    with pytest.raises(ValueError, match=problem):
        compare(*numbers)


def turned(found: Difference) -> tuple[float, float, float]:
    """The difference of the second rate and the first."""
    return pytest.approx((-found.difference, -found.high, -found.low), nan_ok=True)


def contains_its_difference(found: Difference) -> bool:
    room = 1e-12  # for rounding
    return -1 - room <= found.low <= found.difference + room <= found.high + 2 * room <= 1 + 3 * room


def as_tuple(found: Difference) -> tuple[float, float, float]:
    return found.difference, found.low, found.high


@given(counted(60), counted(60))
def test_swapping_two_rates_changes_the_sign_of_their_difference(one, other):
    found = rate_difference(*one, *other)
    assert as_tuple(rate_difference(*other, *one)) == turned(found)
    assert contains_its_difference(found) or 0 in (one[1], other[1])
    if one[1]:
        assert rate_difference(*one, *one).difference == 0


@given(st.tuples(*[st.integers(0, 60)] * 4))
def test_swapping_two_paired_rates_changes_the_sign_of_their_difference(counts):
    both, first, second, neither = counts
    found = paired_difference(*counts)
    assert as_tuple(paired_difference(both, second, first, neither)) == turned(found)
    assert as_tuple(paired_difference(neither, second, first, both)) == turned(found)  # failures for successes
    assert contains_its_difference(found) or not sum(counts)


def test_one_end_of_a_narrower_interval_is_a_one_sided_bound():
    found = paired_difference(25, 0, 0, 0, confidence=0.9)
    assert found.low == pytest.approx(-(1 - 25 / (25 + 1.6449**2)), abs=1e-5)  # of 25 tasks none lost: at most 0.098
    assert found.low > paired_difference(25, 0, 0, 0).low


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


def test_signs_by_hand():
    """Of five coins none shows heads in one of 32 cases, and all or none in two."""
    assert [sign_test(0, 5), sign_test(0, 5, "less"), sign_test(5, 0, "less")] == pytest.approx([2 / 32, 1 / 32, 1])
    assert sign_test(0, 0) == 1
