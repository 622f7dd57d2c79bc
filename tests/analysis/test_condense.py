"""Condensing and features: worked out by hand, and by the definitions in every network."""

import networkx as nx
import numpy as np
import pytest
from hierarchy_examples import mask_of, masks_of
from hypothesis import given
from hypothesis import strategies as st
from network_strategies import networks

from neural_sculpting.analysis import check_masks, condense, reachability_features, restrict


def bits(kept):
    return ["".join("1" if alive else "0" for alive in layer) for layer in kept]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["11 11", "1 1"], ["11", "11", "1"]),
        # Input 1 has no edge.
        (["1 0", "1"], ["10", "1", "1"]),
        # Hidden unit 1 leads nowhere; input 1, which only feeds it, goes as well.
        (["10 01", "1 0"], ["10", "10", "1"]),
        # Hidden unit 1 gets nothing, though it feeds the output.
        (["10 10", "1 1"], ["11", "10", "1"]),
        # A chain that ends before the outputs: input 1, unit 1 of both hidden layers.
        (["10 01", "10 01", "1 0"], ["10", "10", "10", "1"]),
        # A chain that starts after the inputs: unit 1 of both hidden layers.
        (["10 00", "10 01", "1 1"], ["10", "10", "10", "1"]),
        # Both outputs are kept, though only the first is fed.
        (["1 1", "10"], ["11", "1", "11"]),
        # No path from any input to any output, though there are edges.
        (["10 00", "00 11"], ["00", "00", "11"]),
        # No hidden layer.
        (["10 00"], ["10", "11"]),
    ],
)
def test_kept_units(rows, expected):
    assert bits(condense(masks_of(*rows))) == expected


def by_removal(masks):
    """By the definition: remove one unit after the other until nothing changes."""
    masks = [layer.copy() for layer in masks]
    widths = [len(masks[0]), *(layer.shape[1] for layer in masks)]
    kept = [np.ones(width, dtype=bool) for width in widths]
    changed = True
    while changed:
        changed = False
        for layer in range(len(masks)):
            for unit in range(widths[layer]):
                fed = layer == 0 or masks[layer - 1][:, unit].any()
                if kept[layer][unit] and not (fed and masks[layer][unit].any()):
                    kept[layer][unit] = False
                    masks[layer][unit] = False
                    if layer > 0:
                        masks[layer - 1][:, unit] = False
                    changed = True
    return kept


@given(networks())
def test_agrees_with_removing_one_unit_after_the_other(network):
    assert bits(condense(network)) == bits(by_removal(network))


def test_restrict_keeps_rows_and_columns_of_kept_units():
    masks = masks_of("100 010 001", "11 00 10")
    restricted = restrict(masks, condense(masks))  # unit 1 of both lower layers goes
    np.testing.assert_array_equal(restricted[0], mask_of("10 01"))
    np.testing.assert_array_equal(restricted[1], mask_of("11 10"))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], "found none"),
        ([np.ones((2, 2))], r"masks\[0\].*float64 \(2, 2\)"),
        ([np.ones(2, dtype=bool)], r"masks\[0\].*bool \(2,\)"),
        ([np.ones((2, 3), dtype=bool), [[True]]], r"masks\[1\].*list"),
        ([np.ones((2, 3), dtype=bool), np.ones((2, 1), dtype=bool)], r"masks\[0\].*3 units and 2 units"),
    ],
)
def test_masks_of_no_network_are_refused(found, message):
    with pytest.raises(ValueError, match=message):
        check_masks(found)


# 0 ─ 0 ─ 0 ─ 0      the first unit of every layer makes one chain, the second another,
#       ╲            and hidden unit 0 of the first layer also feeds unit 1 of the second
# 1 ─ 1 ─ 1 ─ 1
LADDER = masks_of("10 01", "11 01", "10 01")


@pytest.mark.parametrize(
    ("hops", "expected"),
    [
        # The columns of the inputs: two hidden layers and the outputs; of each further layer one block less.
        (None, ["10 11 11/01 01 01", "11 11/01 01", "10/01"]),
        (2, ["10 11/01 01", "11 11/01 01", "10/01"]),
        (1, ["10/01", "11/01", "10/01"]),
    ],
)
def test_ladder(hops, expected):
    features = reachability_features(LADDER, hops)
    assert len(features) == 3
    for found, rows in zip(features, expected, strict=True):
        np.testing.assert_array_equal(found, mask_of(rows.replace(" ", "").replace("/", " ")))


@pytest.mark.parametrize("hops", [0, -1])
def test_hops_below_one_are_refused(hops):
    with pytest.raises(ValueError, match="hops"):
        reachability_features(LADDER, hops)


@given(networks(most_units=5), st.none() | st.integers(1, 5))
def test_agrees_with_paths_in_the_graph_of_units(masks, hops):
    widths = [len(masks[0]), *(mask.shape[1] for mask in masks)]
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
