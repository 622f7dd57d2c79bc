"""Untrained networks are those that trials began with, without their smallest weights."""

import numpy as np
import pytest

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.nulls.untrained import untrained

RANDOM = np.random.default_rng(0)
MASKS = [RANDOM.random((8, 24)) < 0.2, RANDOM.random((24, 4)) < 0.3]


@pytest.mark.parametrize("seed", [0, 5])
def test_the_largest_initial_weights_of_each_layer_are_left(seed):
    masks, weights = untrained(MASKS, seed)
    layout = Layout((8, 24, 4))
    initial, _ = layout.split(start_parameters([seed], layout))
    for before, mask, kept, drawn in zip(MASKS, masks, weights, initial, strict=True):
        drawn = drawn[0].numpy()
        assert mask.sum() == before.sum()
        assert np.array_equal(kept, np.where(mask, drawn, 0))
        assert np.abs(drawn[mask]).min() > np.abs(drawn[~mask]).max()


def test_layers_without_edges_and_with_all():
    masks, weights = untrained([np.zeros((3, 2), dtype=bool), np.ones((2, 1), dtype=bool)], 0)
    assert [int(mask.sum()) for mask in masks] == [0, 2]
    assert not weights[0].any()
