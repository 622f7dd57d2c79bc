import pandas as pd
import pytest

from neural_sculpting.scoring.comparison import holm, paired_differences


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
