from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_sculpting.analysis import reachability_features


def mask(rows):
    """A mask from one string for each unit that the edges start from."""
    return np.array([[bit == "1" for bit in row] for row in rows.split()])


# 0 ─ 0 ─ 0 ─ 0      the first unit of every layer makes one chain, the second another,
#       ╲            and hidden unit 0 of the first layer also feeds unit 1 of the second
# 1 ─ 1 ─ 1 ─ 1
LADDER = [mask("10 01"), mask("11 01"), mask("10 01")]


@pytest.mark.parametrize(
    ("hops", "expected"),
    [
        # The columns of the inputs: two hidden layers and the outputs; of each further layer one block less.
        (None, ["10 11 11/01 01 01", "11 11/01 01", "10/01"]),
        (3, ["10 11 11/01 01 01", "11 11/01 01", "10/01"]),
        (2, ["10 11/01 01", "11 11/01 01", "10/01"]),
        (1, ["10/01", "11/01", "10/01"]),
        (9, ["10 11 11/01 01 01", "11 11/01 01", "10/01"]),
    ],
)
def test_ladder(hops, expected):
    features = reachability_features(LADDER, hops)
    assert len(features) == 3
    for found, rows in zip(features, expected, strict=True):
        np.testing.assert_array_equal(found, mask(rows.replace(" ", "").replace("/", " ")))


@pytest.mark.parametrize("hops", [0, -1])
def test_hops_below_one_are_refused(hops):
    with pytest.raises(ValueError, match="hops"):
        reachability_features(LADDER, hops)


@settings(max_examples=40, deadline=None)
@given(
    widths=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    hops=st.none() | st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_agrees_with_paths_in_the_graph_of_units(widths, hops, seed):
    generator = np.random.default_rng(seed)
    masks = [generator.random(shape) < 0.4 for shape in pairwise(widths)]
    graph = nx.DiGraph()
    graph.add_nodes_from((layer, unit) for layer, width in enumerate(widths) for unit in range(width))
    for layer, edges in enumerate(masks):
        graph.add_edges_from(((layer, i), (layer + 1, j)) for i, j in np.argwhere(edges).tolist())
    for layer, found in enumerate(reachability_features(masks, hops)):
        reach = len(masks) if hops is None else hops
        columns = [
            (upper, unit)
            for upper in range(layer + 1, min(layer + reach, len(masks)) + 1)
            for unit in range(widths[upper])
        ]
        for unit in range(widths[layer]):
            reached = nx.single_source_shortest_path_length(graph, (layer, unit), cutoff=reach)
            assert found[unit].tolist() == [column in reached for column in columns]
