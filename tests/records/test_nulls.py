"""What null models give: of a whole sweep as a table, of permuted labels as stored rows."""

from dataclasses import replace

import pandas as pd
import pytest

import neural_sculpting as ns
from neural_sculpting.errors import UserError
from neural_sculpting.records.nulls import null_rows, rows_of_permuted
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.store import save_group
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.closing import close_sweep

SHARE = ["trials", "learned", "divided", "rate"]
SETTINGS = ["nulls=full", "analysis.reader=confirmed"]


def sculpted(seeds):
    return ns.sculpt("boolean_sep", seeds=seeds, hidden=[24], overrides=SETTINGS)


@pytest.fixture(scope="module")
def full():
    """Of the seeds 0 and 4 both learn permutation 0, which other seeds do not."""
    return sculpted([0, 4, 1])


def test_only_rewired_edges_are_read_by_default(record):
    [row] = null_rows(Sweep((record,))).to_dict("records")
    trials = len(record.selected_trials)
    assert [row[name] for name in ("task", "null", "trials")] == ["boolean_sep", "rewired", trials]
    assert row["low"] <= row["rate"] == row["divided"] / row["learned"] <= row["high"]
    assert row["answers"] == 1


def test_rows_of_trials_and_their_answer(record):
    rows = rows_of_permuted(record, 3)
    assert rows["seed"].tolist()[:-1] == record.selected_trials["seed"].tolist()
    assert rows.iloc[-1][["status", "permutation"]].tolist() == ["answer", 3]
    assert pd.isna(rows["seed"].iloc[-1])
    assert (rows["hierarchy"] != "").all()


def test_a_damaged_table_is_named(record, tmp_path):
    path = save_group(replace(record, nulls=pd.DataFrame({"permutation": [0], "hierarchy": ["{"]})), tmp_path)
    with pytest.raises(UserError, match=f"^{path}: not a complete group of a sweep"):
        ns.load(tmp_path)


@pytest.mark.slow
def test_all_null_models_of_a_sweep(full):
    rows = null_rows(full.sweep).set_index("null")
    assert rows[SHARE].to_dict("index") == {
        "rewired": {"trials": 3, "learned": 3, "divided": 3, "rate": 1.0},  # each block has outputs of its own
        "shuffled": {"trials": 3, "learned": 3, "divided": 3, "rate": 1.0},
        "untrained": {"trials": 3, "learned": 3, "divided": 0, "rate": 0.0},
        "permuted": {"trials": 3, "learned": 2, "divided": 0, "rate": 0.0},
    }
    assert rows["as_answer"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert rows["answers"].tolist() == [1, 1, 0, 1]
    assert rows["answers_divided"].tolist() == [1, 1, 0, 0]


@pytest.mark.slow
def test_a_trial_learns_the_same_permutation_alone(full):
    alone, together = sculpted([4]).groups[0].nulls, full.groups[0].nulls
    columns = ["permutation", "seed", "status", "accuracy", "hierarchy"]
    expected = together.loc[together["seed"].eq(4), columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.loc[alone["seed"].eq(4), columns].reset_index(drop=True), expected)


@pytest.mark.slow
def test_stored_groups_give_the_same_table(full, tmp_path):
    full.save(tmp_path)
    stored = ns.load(tmp_path)
    assert null_rows(stored.sweep).equals(null_rows(full.sweep))
    close_sweep(tmp_path)
    assert pd.read_csv(tmp_path / "nulls.csv")["null"].tolist() == ["rewired", "shuffled", "untrained", "permuted"]


@pytest.mark.slow
def test_another_reader_has_no_networks_of_permuted_labels(full):
    again = null_rows(Sweep((read_again(full.groups[0], {"reader": "paper"}),))).set_index("null")
    assert again.loc["permuted", ["trials", "learned", "divided"]].tolist() == [0, 0, 0]
    assert again.loc["rewired", "divided"] > 0
