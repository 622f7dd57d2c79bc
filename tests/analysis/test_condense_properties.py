"""What holds for condensing and for features, in every network."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_strategies import masks, networks, orders_of_units, reordered

from neural_sculpting.analysis import check_masks, condense, reachability_features, restrict


def paths(network) -> np.ndarray:
    """How many paths lead from each input to each output."""
    return reduce(np.matmul, [mask.astype(int) for mask in network])


@given(networks())
def test_condensing_twice_is_condensing_once(network):
    condensed = restrict(network, condense(network))
    check_masks(condensed)
    assert all(alive.all() for alive in condense(condensed))


@given(networks())
def test_no_path_is_lost(network):
    kept = condense(network)
    expected = paths(network)
    np.testing.assert_array_equal(paths(restrict(network, kept)), expected[kept[0]])
    assert not expected[~kept[0]].any()


@given(networks())
def test_what_is_kept_leads_somewhere_and_outputs_stay(network):
    kept = condense(network)
    for mask in restrict(network, kept):
        assert mask.any(axis=1).all()
    for mask in restrict(network, kept)[:-1]:
        assert mask.any(axis=0).all()
    assert kept[-1].all()
    assert kept[-1].shape == (network[-1].shape[1],)


@given(networks(), st.data())
def test_another_edge_never_costs_a_unit(network, data):
    more = [mask | data.draw(masks(mask.shape)) for mask in network]
    for before, after in zip(condense(network), condense(more), strict=True):
        assert not (before & ~after).any()


@given(networks(), st.data())
def test_the_order_of_units_does_not_matter(network, data):
    units = data.draw(orders_of_units(network, ends=True))
    for found, alive, order in zip(condense(reordered(network, units)), condense(network), units, strict=True):
        np.testing.assert_array_equal(found, alive[order])


@given(networks())
def test_masks_are_not_changed(network):
    before = [mask.copy() for mask in network]
    for mask in network:
        mask.flags.writeable = False
    restrict(network, condense(network))
    assert all(map(np.array_equal, network, before))


@pytest.mark.parametrize("widths", [(1, 1), (1, 1, 1), (4, 3, 2), (3, 1, 3, 1)])
def test_no_edge_and_every_edge(widths):
    shapes = list(pairwise(widths))
    nothing = condense([np.zeros(shape, dtype=bool) for shape in shapes])
    assert [alive.any() for alive in nothing] == [False] * len(shapes) + [True]
    assert all(alive.all() for alive in condense([np.ones(shape, dtype=bool) for shape in shapes]))


@given(networks(), st.none() | st.integers(1, 5))
def test_every_kept_unit_reaches_something_within_every_number_of_hops(network, hops):
    condensed = restrict(network, condense(network))
    features = reachability_features(condensed, hops)
    assert all(layer.any(axis=1).all() for layer in features)
    # What is reached within fewer hops are the first columns of what is reached within all.
    for layer, farther in zip(features, reachability_features(condensed, None), strict=True):
        np.testing.assert_array_equal(layer, farther[:, : layer.shape[1]])


@given(networks(), st.data())
def test_features_follow_the_order_of_units(network, data):
    units = data.draw(orders_of_units(network, ends=True))
    found = reachability_features(reordered(network, units), None)
    for number, layer in enumerate(reachability_features(network, None)):
        later = [len(order) for order in units[number + 1 :]]
        places = np.concatenate(
            [start + order for start, order in zip(_starts(later), units[number + 1 :], strict=True)]
        )
        np.testing.assert_array_equal(found[number], layer[np.ix_(units[number], places)])


def _starts(sizes):
    return np.cumsum(sizes) - sizes
