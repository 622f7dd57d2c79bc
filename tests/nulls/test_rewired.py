"""Rewired masks keep every degree and nothing else; shuffled ones the number of edges."""

import numpy as np
import pytest

from neural_sculpting.nulls.rewired import rewired, shuffled

RANDOM = np.random.default_rng(0)
MASKS = [RANDOM.random((8, 24)) < 0.2, RANDOM.random((24, 24)) < 0.1, RANDOM.random((24, 4)) < 0.3]


@pytest.mark.parametrize("seed", range(3))
def test_each_unit_keeps_its_degrees(seed):
    for before, after in zip(MASKS, rewired(MASKS, seed), strict=True):
        assert (before.sum(axis=0) == after.sum(axis=0)).all()
        assert (before.sum(axis=1) == after.sum(axis=1)).all()
        assert (before != after).any()


def test_a_shuffled_layer_keeps_its_edges_alone():
    for before, after in zip(MASKS, shuffled(MASKS, 0), strict=True):
        assert before.sum() == after.sum()
        assert (before.sum(axis=0) != after.sum(axis=0)).any()


@pytest.mark.parametrize("null", [rewired, shuffled])
def test_the_seed_decides(null):
    one, same, other = null(MASKS, 1), null(MASKS, 1), null(MASKS, 2)
    assert all(np.array_equal(*pair) for pair in zip(one, same, strict=True))
    assert not all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_the_two_masks_with_these_degrees_are_as_likely():
    diagonal = [np.eye(2, dtype=bool)]
    kept = sum(np.array_equal(rewired(diagonal, seed)[0], diagonal[0]) for seed in range(400))
    assert 150 < kept < 250  # 3.8 standard deviations of a fair coin: 162 to 238


def test_masks_with_one_choice_stay():
    full = [np.ones((3, 2), dtype=bool), np.zeros((2, 5), dtype=bool)]
    assert all(np.array_equal(*pair) for pair in zip(full, rewired(full, 0), strict=True))
