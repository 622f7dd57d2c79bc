from math import isnan, nan

import pandas as pd
import pytest
from scipy.stats import binomtest

from neural_sculpting.scoring.rates import success_rates, wilson_interval


@pytest.mark.parametrize("trials", [1, 2, 12, 36, 360, 10_000])
def test_wilson_interval_is_that_of_scipy(trials):
    for successes in {0, 1, trials // 3, trials // 2, trials - 1, trials}:
        reference = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
        low, high = wilson_interval(successes, trials)
        assert (low, high) == pytest.approx((reference.low, reference.high), abs=1e-12)
        assert 0 <= low <= successes / trials <= high <= 1


def test_wilson_interval_by_hand():
    # z² = 1.959964² = 3.841459. 36 of 36: low = n / (n + z²); 0 of 12: high = z² / (n + z²)
    assert wilson_interval(36, 36) == (pytest.approx(36 / 39.841459), 1.0)
    assert wilson_interval(0, 12) == (0.0, pytest.approx(3.841459 / 15.841459))
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_wilson_interval_ends_exactly_at_the_ends_of_the_range():
    assert all(wilson_interval(0, trials)[0] == 0.0 for trials in range(1, 400))
    assert all(wilson_interval(trials, trials)[1] == 1.0 for trials in range(1, 400))


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
    assert list(rates.columns) == [
        "task",
        "layers",
        "criterion",
        "successes",
        "trials",
        "rate",
        "low",
        "high",
    ]
    assert rates["rate"][0] == 2 / 3
    assert tuple(rates.loc[0, ["low", "high"]]) == wilson_interval(2, 3)


def test_where_a_criterion_never_applies_there_is_no_rate():
    row = success_rates(TRIALS, ["task"], ["hidden"]).iloc[0]
    assert (row["trials"], row["low"], row["high"]) == (0, 0.0, 1.0)
    assert isnan(row["rate"])


def test_a_missing_value_is_a_cell_of_its_own():
    rates = success_rates(TRIALS, ["uses"], ["exact"])
    assert rates["uses"].isna().tolist() == [False, True, False]
    assert rates["trials"].tolist() == [3, 2, 2]
    rates = success_rates(TRIALS, ["task", "uses"], ["exact"])
    assert rates["task"].tolist() == ["boolean_reused", "boolean_sep", "boolean_overlap"]
    assert rates["trials"].tolist() == [3, 2, 2]


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


def test_without_columns_all_trials_are_one_cell():
    assert counts(success_rates(TRIALS, [], ["exact"]), []) == [("exact", 5, 7)]


def test_no_trials():
    assert success_rates(TRIALS[:0], ["task"], ["exact"]).empty
