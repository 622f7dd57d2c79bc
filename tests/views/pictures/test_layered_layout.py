from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neural_sculpting.views.pictures.layered_layout import (
    UNGROUPED,
    arranged,
    barycenters,
    centered,
    count_crossings,
    order_layers,
    place_layers,
    separated,
    stacked,
)

sizes = st.lists(st.integers(0, 5), min_size=1, max_size=4)


@st.composite
def layered_graphs(draw):
    layers = draw(sizes)
    return layers, [draw(arrays(bool, (left, right))) for left, right in pairwise(layers)]


def matrix(*rows: str):
    return np.array([[character == "1" for character in row] for row in rows])


@given(arrays(bool, st.tuples(st.integers(0, 6), st.integers(0, 6))))
def test_crossings_are_the_pairs_of_edges_in_opposite_order(connections):
    edges = np.argwhere(connections).tolist()
    pairs = sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(edges, 2))
    assert count_crossings([connections]) == pairs


def test_crossed_layers_are_untangled():
    connections = [matrix("001", "010", "100"), matrix("01", "10", "10")]
    orders = order_layers(connections, [np.zeros(3, int), np.zeros(3, int), np.zeros(2, int)])
    assert count_crossings(connections) == 5
    assert count_crossings(arranged(connections, orders)) == 0


def test_items_without_crossings_keep_their_order():
    orders = order_layers([np.eye(4, dtype=bool)], [np.arange(4), np.arange(4)])
    assert [order.tolist() for order in orders] == [[0, 1, 2, 3], [0, 1, 2, 3]]


def test_a_few_crossings_are_worth_groups_in_ascending_order():
    # Two groups on the right whose sources are in reverse order: in ascending order they cost one crossing.
    groups = [np.array([0, 0]), np.array([0, 1])]
    orders = order_layers([matrix("01", "10")], groups, in_index_order=[0])
    assert [order.tolist() for order in orders] == [[0, 1], [0, 1]]
    # Nine crossings are too many.
    many = np.kron(matrix("01", "10"), np.ones((3, 3))).astype(bool)
    orders = order_layers([many], [np.zeros(6, int), np.repeat([0, 1], 3)], in_index_order=[0])
    assert orders[1].tolist() == [3, 4, 5, 0, 1, 2]


@given(layered_graphs(), st.data())
def test_groups_are_contiguous(graph, data):
    layers, connections = graph
    group = st.sampled_from([0, 1, 2, UNGROUPED])
    groups = [np.array(data.draw(st.lists(group, min_size=n, max_size=n)), dtype=np.int64) for n in layers]
    orders = order_layers(connections, groups, in_index_order=[0])
    start = [np.lexsort((np.arange(len(of)), of)) for of in groups]
    for size, order, of in zip(layers, orders, groups, strict=True):
        assert sorted(order.tolist()) == list(range(size))
        changes = int(np.count_nonzero(np.diff(of[order])))
        assert changes == max(len(np.unique(of)) - 1, 0)
        assert UNGROUPED not in of[order][: np.count_nonzero(of != UNGROUPED)]
    for of in np.unique(groups[0]):
        assert np.all(np.diff(orders[0][groups[0][orders[0]] == of]) > 0)
    assert count_crossings(arranged(connections, orders)) <= count_crossings(arranged(connections, start))


def test_barycenters_are_means_over_neighbors():
    coordinates = np.array([0.0, 4.0, 6.0])
    assert barycenters(matrix("110", "000", "011"), coordinates, np.full(3, 9.0)).tolist() == [2.0, 9.0, 5.0]


@pytest.mark.parametrize(
    ("desired", "expected"),
    [
        ([1.0, 5.0, 9.0], [1.0, 5.0, 9.0]),  # free
        ([4.0, 4.0, 9.0], [3.0, 5.0, 9.0]),  # pushed apart from their middle
        ([5.0, 5.0, 5.0], [3.0, 5.0, 7.0]),
        ([8.0, 2.0, 5.0], [3.0, 5.0, 7.0]),  # all in one pool
        ([-5.0, 5.0, 20.0], [0.0, 5.0, 10.0]),  # bounded
        ([10.0, 10.0, 10.0], [6.0, 8.0, 10.0]),
    ],
)
def test_items_are_as_close_to_the_desired_coordinates_as_possible(desired, expected):
    packed = np.array([0.0, 2.0, 4.0])
    assert separated(np.array(desired), packed, 0.0, 10.0).tolist() == pytest.approx(expected)


def test_items_are_stacked_and_centered():
    for heights, centers in (([10.0, 20.0, 4.0], [0.0, 20.0, 37.0]), ([10.0], [0.0]), ([], [])):
        assert stacked(np.array(heights), gap=5.0).tolist() == centers
    assert centered(np.array([0.0, 2.0, 6.0]), 0.0, 10.0).tolist() == [2.0, 4.0, 8.0]
    assert centered(np.array([]), 0.0, 10.0).tolist() == []


def test_a_chain_is_a_straight_line():
    coordinates = place_layers(
        [matrix("10"), np.eye(2, dtype=bool)],
        packed=[np.zeros(1), np.array([0.0, 40.0]), np.array([0.0, 40.0])],
        low=[5.0, 5.0, 5.0],
        high=[95.0, 95.0, 95.0],
    )
    assert coordinates[0][0] == pytest.approx(coordinates[1][0])
    assert coordinates[1].tolist() == pytest.approx(coordinates[2].tolist())


@given(layered_graphs())
def test_coordinates_keep_distances_and_bounds(graph):
    layers, connections = graph
    packed = [np.arange(size) * 7.0 for size in layers]
    coordinates = place_layers(connections, packed, low=[10.0] * len(layers), high=[50.0] * len(layers))
    for size, of in zip(layers, coordinates, strict=True):
        assert len(of) == size
        assert np.all(np.diff(of) >= 7.0 - 1e-9)
        assert np.all((of >= 10.0 - 1e-9) & (of <= 50.0 + 1e-9))
