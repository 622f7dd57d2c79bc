"""Untrained networks are those that trials began with, without their smallest weights."""

import numpy as np
import pytest

from neural_sculpting.networks.architecture import split_edges
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.residual import Residual
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.nulls.untrained import untrained
from neural_sculpting.tasks.units import over_tokens

SEQUENCE = Shapes(8, 8, (4, 2), (4, 2), over_tokens(4, 2), over_tokens(4, 2))


@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.parametrize("layout", [Layout((8, 24, 4)), Residual(SEQUENCE, 1, 4, 3, 2)])
def test_the_largest_initial_weights_of_each_matrix_are_left(layout, seed):
    edges = np.random.default_rng(0).random(layout.edges) < 0.2
    found = untrained(layout, edges, seed)
    initial = start_parameters([seed], layout)[0].numpy()
    parameters, left = found.parameters_of(0), found.edges_of(0)
    assert not parameters[layout.edges :].any()
    pieces = (split_edges(each, layout) for each in (edges, left, initial[: layout.edges], parameters[: layout.edges]))
    for before, mask, drawn, kept in zip(*pieces, strict=True):
        assert mask.sum() == before.sum()
        assert np.array_equal(kept, np.where(mask, drawn, 0))
        assert np.abs(drawn[mask]).min(initial=np.inf) > np.abs(drawn[~mask]).max(initial=0)


def test_layers_without_edges_and_with_all():
    found = untrained(Layout((3, 2, 1)), np.repeat([False, True], [6, 2]), 0)
    assert [int(mask.sum()) for mask in found.masks_of(0)] == [0, 2]
    assert found.counts.tolist() == [2 + 1]  # and the bias of the output
