import numpy as np
import pytest

from neural_sculpting.analysis import merge_clusters
from neural_sculpting.analysis.merging import joined_modules


@pytest.mark.parametrize(
    ("edges", "to_outputs", "expected"),
    [
        # Each feeds its own: all shares are 1.
        ([[3, 0], [0, 2]], False, [0, 1]),
        # 10 of 11 edges of both kinds exceed 0.9.
        ([[10, 1], [0, 10]], False, [0, 1]),
        # Exactly 9 of 10 do not: of the edges into the cluster, of the edges of the module.
        ([[9], [1]], False, [-1]),
        ([[9, 1]], False, [-1, -1]),
        # To outputs the edges of the module are not asked, those into the output are.
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
    edges = np.array([[3, 2], [4, 2]])
    assert joined_modules(edges, 0.3, to_outputs=True).tolist() == [1, 0]


def test_no_module_or_no_cluster():
    assert joined_modules(np.zeros((0, 2), dtype=int), 0.9, to_outputs=True).tolist() == [-1, -1]
    assert joined_modules(np.zeros((2, 0), dtype=int), 0.9, to_outputs=False).tolist() == []


def test_a_module_goes_on_with_its_units_of_the_last_merged_layer():
    # Inputs A, A, B; cluster 0 of the hidden layer hangs on A alone (2 of 2, 2 of 2) and joins it, cluster 1 on B.
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


def test_an_output_without_incoming_edges_starts_a_module():
    masks = [np.array([[1, 0, 1]], dtype=bool)]
    modules = merge_clusters(masks, [np.array([0]), np.array([0, 1, 2])], 0.9)
    assert [layer.tolist() for layer in modules] == [[0], [0, 1, 0]]


def test_new_modules_are_numbered_by_their_first_unit():
    # Cluster 0 and 1 are fed by both modules alike; cluster numbers follow the first unit, so modules do.
    masks = [np.ones((2, 3), dtype=bool), np.array([[1, 0], [0, 1], [1, 0]], dtype=bool)]
    modules = merge_clusters(masks, [np.array([0, 1]), np.array([0, 1, 0]), np.array([0, 1])], 0.9)
    assert [layer.tolist() for layer in modules] == [[0, 1], [2, 3, 2], [2, 3]]
