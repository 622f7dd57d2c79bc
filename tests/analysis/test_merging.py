"""Modules that clusters are merged into: worked out by hand, and properties of those of any clusters."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from network_strategies import groups_of, networks, orders, orders_of_units, reordered

from neural_sculpting.analysis import merge_clusters
from neural_sculpting.analysis.clusters import in_order_of_appearance
from neural_sculpting.analysis.hierarchy import joined_modules


@pytest.mark.parametrize(
    ("edges", "to_outputs", "expected"),
    [
        # Each feeds one cluster: all shares are 1.
        ([[3, 0], [0, 2]], False, [0, 1]),
        # 10 of 11 edges of both kinds exceed 0.9.
        ([[10, 1], [0, 10]], False, [0, 1]),
        # Exactly 9 of 10 do not: of the edges into the cluster, of the edges of the module.
        ([[9], [1]], False, [-1]),
        ([[9, 1]], False, [-1, -1]),
        # To outputs the edges of the module do not count, those into the output do.
        ([[9, 1]], True, [0, 0]),
        ([[9], [1]], True, [-1]),
        ([[19, 1], [1, 19]], True, [0, 1]),
        # Reuse: half of the module's edges to each cluster.
        ([[2, 2]], False, [-1, -1]),
        # A module without edges to this layer, a cluster without edges into it.
        ([[0, 0], [4, 0]], False, [1, -1]),
        ([[0, 0], [4, 0]], True, [1, -1]),
    ],
)
def test_joined_modules(edges, to_outputs, expected):
    assert joined_modules(np.array(edges), 0.9, to_outputs=to_outputs).tolist() == expected


def test_a_low_threshold_joins_the_module_with_the_most_edges():
    # Shares into the clusters: 3/7 and 4/7; 2/4 and 2/4.
    assert joined_modules(np.array([[3, 2], [4, 2]]), 0.3, to_outputs=True).tolist() == [1, 0]


def test_no_modules_or_no_clusters():
    assert joined_modules(np.zeros((0, 2), dtype=int), 0.9, to_outputs=True).tolist() == [-1, -1]
    assert joined_modules(np.zeros((2, 0), dtype=int), 0.9, to_outputs=False).tolist() == []


def test_a_module_continues_with_its_units_of_the_last_merged_layer():
    # Inputs A, A, B; cluster 0 of the hidden layer is fed by A alone (2 of 2, 2 of 2) and joins it, cluster 1 by B.
    # In the next layer cluster 0 gets its edges from A's hidden unit and joins A; cluster 1 gets half of its edges
    # from each and starts module 2, though B has no other edges.
    masks = [
        np.array([[1, 0], [1, 0], [0, 1]], dtype=bool),
        np.array([[1] * 19 + [1], [0] * 19 + [1]], dtype=bool),
        np.array([[1, 0]] * 19 + [[0, 1]], dtype=bool),
    ]
    clusters = [np.array([0, 0, 1]), np.array([0, 1]), np.array([0] * 19 + [1]), np.array([0, 1])]
    modules = merge_clusters(masks, clusters, 0.9)
    # A's hidden unit sends 19 of its 20 edges to cluster 0.
    assert [layer.tolist() for layer in modules] == [[0, 0, 1], [0, 1], [0] * 19 + [2], [0, 2]]


# From one half on no two modules can claim a cluster, and none can claim two clusters of a hidden layer.
THRESHOLDS = st.sampled_from([0.5, 0.6, 0.9, 1.0])


@st.composite
def clustered(draw):
    """A network, and for each layer the cluster of each unit; every output is a separate cluster."""
    network = draw(networks())
    clusters = [
        in_order_of_appearance(np.array(draw(st.lists(st.integers(0, 3), min_size=len(mask), max_size=len(mask)))))
        for mask in network
    ]
    return network, [*clusters, np.arange(network[-1].shape[1])]


def flat(layers) -> list[int]:
    return np.concatenate(list(layers)).tolist()


@given(clustered(), st.floats(0, 1))
def test_modules_are_connected_unions_of_clusters_and_numbered_as_they_appear(made, threshold):
    network, clusters = made
    modules = merge_clusters(network, clusters, threshold)
    assert list(map(len, modules)) == list(map(len, clusters))
    for labels, module in zip(clusters, modules, strict=True):
        for cluster in set(labels.tolist()):
            assert len(set(module[labels == cluster].tolist())) == 1
    assert list(dict.fromkeys(flat(modules))) == list(range(max(flat(modules)) + 1))
    for module in set(flat(modules)):
        layers = [number for number, labels in enumerate(modules) if module in labels]
        assert layers == list(range(layers[0], layers[-1] + 1))
        for lower, upper in pairwise(layers):
            assert network[lower][np.ix_(modules[lower] == module, modules[upper] == module)].any()


@given(clustered(), THRESHOLDS)
def test_a_module_has_at_most_one_cluster_of_each_hidden_layer(made, threshold):
    network, clusters = made
    for labels, module in zip(clusters[:-1], merge_clusters(network, clusters, threshold)[:-1], strict=True):
        assert len(set(module.tolist())) == len(set(labels.tolist()))


@given(clustered(), st.floats(0, 1))
def test_every_cluster_is_a_module_without_edges_and_with_a_threshold_of_one(made, threshold):
    network, clusters = made
    for masks, limit in ((network, 1.0), ([np.zeros_like(mask) for mask in network], threshold)):
        modules = merge_clusters(masks, clusters, limit)
        assert max(flat(modules)) + 1 == sum(labels.max() + 1 for labels in clusters)


@given(st.integers(1, 5), st.lists(st.integers(1, 4), min_size=2, max_size=5), st.floats(0, 0.99))
def test_clusters_that_feed_only_each_other_are_one_module(columns, sizes, threshold):
    owners = [np.repeat(np.arange(columns), size) for size in sizes]
    network = [lower[:, None] == upper for lower, upper in pairwise(owners)]
    modules = merge_clusters(network, [*owners[:-1], np.arange(len(owners[-1]))], threshold)
    assert all(map(np.array_equal, modules, owners))


@given(clustered(), THRESHOLDS, st.data())
def test_neither_names_of_clusters_nor_the_order_of_units_matter(made, threshold, data):
    network, clusters = made
    units = data.draw(orders_of_units(network, ends=True))
    named = [data.draw(orders(int(labels.max()) + 1))[labels] for labels in clusters]
    moved = [labels[order] for labels, order in zip(named, units, strict=True)]
    found = merge_clusters(reordered(network, units), moved, threshold)
    back = [module[order.argsort()] for module, order in zip(found, units, strict=True)]
    assert groups_of(flat(back)) == groups_of(flat(merge_clusters(network, clusters, threshold)))


# Edges of up to five modules into up to five clusters.
COUNTS = arrays(np.intp, st.tuples(st.integers(0, 5), st.integers(0, 5)), elements=st.integers(0, 9))


@given(COUNTS, THRESHOLDS, THRESHOLDS, st.booleans())
def test_a_lower_threshold_joins_more_and_the_same(edges, one, other, to_outputs):
    low, high = sorted((one, other))
    fewer, more = (joined_modules(edges, threshold, to_outputs=to_outputs) for threshold in (high, low))
    assert (more[fewer >= 0] == fewer[fewer >= 0]).all()


@given(COUNTS, st.floats(0, 1))
def test_outputs_join_at_least_what_hidden_units_join(edges, threshold):
    hidden, outputs = (joined_modules(edges, threshold, to_outputs=ends) for ends in (False, True))
    assert (outputs[hidden >= 0] >= 0).all()
    assert (edges[outputs[outputs >= 0], np.flatnonzero(outputs >= 0)] > 0).all()


@given(COUNTS, st.floats(0, 1), st.integers(1, 7), st.booleans())
def test_only_shares_of_edges_matter(edges, threshold, times, to_outputs):
    found = joined_modules(edges, threshold, to_outputs=to_outputs)
    assert joined_modules(edges * times, threshold, to_outputs=to_outputs).tolist() == found.tolist()
