"""Values with intervals, as columns, as text and by resampling."""

import numpy as np
import pytest

from experiments.intervals import columns_of, interval_text, rate_columns, resampled
from neural_sculpting.scoring.rates import wilson_interval


def test_columns_and_their_text():
    line = rate_columns("right", 2, 3) | {"edges": 40.0} | columns_of("lost", float("nan"), 0.0, 1.0)
    assert (line["right_low"], line["right_high"]) == wilson_interval(2, 3)
    assert interval_text(line, "right") == "0.67 (0.21–0.94)"
    assert interval_text(line, "edges", ".0f") == "40"
    assert interval_text(line, "lost") == "–"


def test_means_by_resampling():
    coins = np.array([0.0, 1.0] * 50)
    assert resampled(coins, 10_000, seed=0) == (pytest.approx(0.4, abs=0.011), pytest.approx(0.6, abs=0.011))
    assert resampled(coins, 100, seed=0) == resampled(coins, 100, seed=0) != resampled(coins, 100, seed=1)
    assert resampled(coins, 100, seed=0, strata=coins) == (0.5, 0.5)  # within a stratum all are alike
    assert np.isnan(resampled([], 100, seed=0)).all()
