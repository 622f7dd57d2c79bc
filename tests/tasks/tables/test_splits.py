import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.tasks.tables.splits import split_rows, strata_of, warn_of_single_rows


def split_of(sizes, shares=(0.2, 0.2), seed=0):
    """Split rows of strata of these sizes, in a random order; the number of rows of each in each set."""
    strata = np.random.default_rng(1).permutation(np.repeat(np.arange(len(sizes)), sizes))
    split = split_rows(len(strata), *shares, seed, strata)
    assert sorted(np.concatenate(split)) == list(range(len(strata)))
    return [np.bincount(strata[rows], minlength=len(sizes)).tolist() for rows in split]


@pytest.mark.parametrize(
    ("sizes", "training", "validation", "test"),
    [
        ([294, 6], [176, 4], [59, 1], [59, 1]),
        ([60, 30, 10], [36, 18, 6], [12, 6, 2], [12, 6, 2]),
        ([297, 3], [179, 1], [59, 1], [59, 1]),  # a row in each set, although a fifth of three is none
        ([298, 2], [179, 1], [59, 1], [60, 0]),  # training, then validation
        ([299, 1], [179, 1], [60, 0], [60, 0]),
        ([5, 1, 1, 1], [2, 1, 1, 1], [1, 0, 0, 0], [2, 0, 0, 0]),
    ],
)
def test_every_set_gets_its_share_of_every_class(sizes, training, validation, test):
    shares = (0.2, 0.2) if sum(sizes) > 8 else (0.125, 0.25)
    assert split_of(sizes, shares) == [training, validation, test]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(0, 9))
def test_shares_are_rounded_up_or_down(sizes, seed):
    rows = sum(sizes) + 40
    sizes = [*sizes, 40]
    training, validation, test = split_of(sizes, (0.2, 0.2), seed)
    assert (sum(validation), sum(test)) == (round(rows * 0.2), round(rows * 0.2))
    assert min(training) >= 1
    # Not of classes with rows for training alone: their shares go to others.
    assert all(abs(one - size * 0.2) < 2 for one, size in zip(validation, sizes, strict=True))


def test_without_strata_the_draws_are_those_of_earlier_versions():
    order = np.random.default_rng(3).permutation(20)
    split = split_rows(20, 0.2, 0.3, 3)
    assert [rows.tolist() for rows in split] == [sorted(part) for part in (order[10:], order[:4], order[4:10])]


def test_where_training_has_fewer_rows_than_classes_the_split_is_random():
    split = split_rows(20, 0.4, 0.4, 0, np.arange(20))
    assert [rows.tolist() for rows in split] == [rows.tolist() for rows in split_rows(20, 0.4, 0.4, 0)]


def test_strata_of_several_outputs():
    frequent = pd.DataFrame({"a": [0, 1] * 20, "b": ["x", "x", "y", "y"] * 10})
    strata = strata_of(frequent, (0.2, 0.2))
    assert len(frequent.assign(strata=strata).drop_duplicates()) == len(set(strata)) == 4
    # One combination has a single row: the rarest class of each row counts. a=1 has 3 rows, b=y has 2, of which one has
    # both; of classes as rare as each other the first column's.
    rare = pd.DataFrame({"a": [1, 1, 1, *[0] * 37], "b": [*"yxxy", *"x" * 36]})
    strata = strata_of(rare, (0.2, 0.2))
    assert strata[0] == strata[3] != strata[1] == strata[2]
    assert len(set(strata[4:])) == 1
    assert len(set(strata)) == 3


def test_a_class_with_a_single_row_is_learned_and_reported(caplog):
    outputs = pd.DataFrame({"k": ["u"] * 9 + ["odd"], "b": [0, 1] * 5})
    with caplog.at_level(logging.WARNING):
        warn_of_single_rows(outputs, "t.csv")
    assert caplog.messages == ["t.csv: column k: of odd there is one row only, to learn from; no set measures it"]
    assert 9 in split_rows(10, 0.2, 0.2, 0, strata_of(outputs, (0.2, 0.2))).training
