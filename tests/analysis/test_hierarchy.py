import json
from dataclasses import FrozenInstanceError

import networkx as nx
import numpy as np
import pytest
from hierarchy_examples import SETTINGS, hierarchy, masks_of
from hypothesis import given
from hypothesis import strategies as st
from network_strategies import networks

from neural_sculpting.analysis import analyze, graph_from_json, graph_to_json, hierarchy_size


def lists(arrays):
    return [array.tolist() for array in arrays]


# name: (masks, modules of every layer, edges between modules)
NETWORKS = {
    # Inputs reach {h0, o0} or {h1, o1}: two pairs, modularity -1/2. K = 2 calls for the tests: the closest inputs
    # are alike, the halves share nothing. The two hidden units share nothing. All shares of edges are 1.
    "two separate modules": (masks_of("10 10 01 01", "10 01"), [[0, 0, 1, 1], [0, 1], [0, 1]], []),
    "one unit in each layer": (masks_of("1", "1"), [[0], [0], [0]], []),
    "all units alike": (masks_of("111 111 111 111", "11 11 11"), [[0, 0, 0, 0], [0, 0, 0], [0, 0]], []),
    "two inputs that share nothing": (masks_of("10 01", "10 01"), [[0, 1], [0, 1], [0, 1]], []),
    "no hidden layer": (masks_of("10 10 01"), [[0, 0, 1], [0, 1]], []),
    "no edge at all": (masks_of("00 00", "00 00"), [[-1, -1], [-1, -1], [0, 1]], []),
    "an input without edges": (masks_of("1 0 1", "1"), [[0, -1, 0], [0], [0]], []),
    "an output without incoming edges": (masks_of("1 1", "10"), [[0, 0], [0], [0, 1]], []),
    # Hidden unit 1 leads nowhere and takes input 2 with it; hidden unit 2 gets nothing but would feed the second
    # output, which is therefore a separate module although an edge leads to it.
    "dead units": (masks_of("100 100 010", "10 00 01"), [[0, 0, -1], [0, -1, -1], [0, 1]], []),
    # One module feeds two hidden units, 2 of its 4 edges each: not > 0.9. Each feeds another output.
    "reused": (masks_of("11 11", "10 01"), [[0, 0], [1, 2], [1, 2]], [(0, 1), (0, 2)]),
    # a, b, c of two inputs each; y0 uses a and b, y1 a and c, y2 b and c. Inputs reach 5 of 9, across shared 2:
    # distance 0.6, D has sum 14.4, a = 1/6. Six clusters -1/6, then -2/9, -5/18, -1/3 and -2/9: K = 3, no tests.
    # a, b, c reach 4 of 6 and share 2: separate (e = 16/6), by e - 2 = 2/3; the halves {a, b} and {c} share 4 with
    # e = 4: single by 0. So separate. The units above share nothing.
    "three reused by pairs": (
        masks_of("100 100 010 010 001 001", "110 101 011", "100 010 001"),
        [[0, 0, 1, 1, 2, 2], [0, 1, 2], [3, 4, 5], [3, 4, 5]],
        [(0, 3), (0, 4), (1, 3), (1, 5), (2, 4), (2, 5)],
    ),
    # f, g → two units → e, o. Inputs reach 7 of 8, across 6 < e = 49/8, so the halves stay two. f and g reach the
    # same: one cluster, half of whose edges come from each input module. The middle units reach the same and get all
    # edges from it. e and o share nothing and get 2 of 4 edges each.
    "a module without inputs and outputs": (
        masks_of("10 10 01 01", "11 11", "11 11", "10 01"),
        [[0, 0, 1, 1], [2, 2], [2, 2], [3, 4], [3, 4]],
        [(0, 2), (1, 2), (2, 3), (2, 4)],
    ),
    # Four inputs and five hidden units each; input 0 also feeds the other side. It reaches 8, the others of A 6, all
    # shared: distance 0.13; to B 2/sqrt(48): 0.71. K = 2; the halves reach 8 and 6 of 12, share 2 < e = 4.
    # 20 of 21 edges stay inside: > 0.9.
    "a stray edge": (
        masks_of("1111110000 " + "1111100000 " * 3 + "0000011111 " * 4, "10 " * 5 + "01 " * 5),
        [[0] * 4 + [1] * 4, [0] * 5 + [1] * 5, [0, 1]],
        [(0, 1)],
    ),
    # The same both ways: the halves reach 8 and 8 of 12, share 4 < e = 64/12.
    "modules that feed each other": (
        masks_of("1111110000 " + "1111100000 " * 3 + "1000011111 " + "0000011111 " * 3, "10 " * 5 + "01 " * 5),
        [[0] * 4 + [1] * 4, [0] * 5 + [1] * 5, [0, 1]],
        [(0, 1), (1, 0)],
    ),
    # Three functions, interleaved, with twenty hidden units each and three dead ones at the end. Inputs: K = 3 with
    # -1/3 (as six units in three pairs); hidden units: groups of 20, D has sum 3 · 20 · 40 = 2400, a = 1/3: -1/3.
    "a wide layer with dead units": (
        masks_of(
            " ".join(["100" * 20 + "111", "010" * 20 + "111", "001" * 20 + "111"] * 2), "100 010 001 " * 20 + "000 " * 3
        ),
        [[0, 1, 2] * 2, [0, 1, 2] * 20 + [-1] * 3, [0, 1, 2]],
        [],
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_modules_by_hand(name):
    masks, modules, edges = NETWORKS[name]
    found = analyze(masks, **SETTINGS)
    assert lists(found.modules) == modules
    assert list(found.graph.edges) == edges


# The second output is reached by nothing. Within all hops the two inputs reach {h, g, o}: 3 of 5 each, 2 shared
# > e = 9/5: one cluster. Within one hop they reach one hidden unit each: two clusters, and the hidden units, which
# are alike, get half of their edges from each.
@pytest.mark.parametrize(
    ("hops", "modules"), [(None, [[0, 0], [0, 0], [0], [0, 1]]), (1, [[0, 1], [2, 2], [2], [2, 3]])]
)
def test_hops(hops, modules):
    masks = masks_of("10 01", "1 1", "10")
    assert lists(analyze(masks, **{**SETTINGS, "hops": hops}).modules) == modules


def test_merging_threshold():
    masks = NETWORKS["a stray edge"][0]  # 20 of 21 = 0.952 at the smallest
    assert len(analyze(masks, **{**SETTINGS, "merging_threshold": 0.95}).graph) == 2
    assert len(analyze(masks, **{**SETTINGS, "merging_threshold": 0.96}).graph) == 4


def test_all_fields():
    found = analyze(NETWORKS["dead units"][0], **SETTINGS)
    assert lists(found.kept) == [[True, True, False], [True, False, False], [True, True]]
    assert lists(found.clusters) == [[0, 0, -1], [0, -1, -1], [0, 1]]
    assert dict(found.graph.nodes) == {
        0: {"inputs": (0, 1), "outputs": (0,), "units": ((1, 0),)},
        1: {"inputs": (), "outputs": (1,), "units": ()},
    }
    with pytest.raises(FrozenInstanceError):
        found.modules = ()


def test_masks_of_no_network_are_refused_by_analyze():
    with pytest.raises(ValueError, match=r"masks\[0\]"):
        analyze([np.ones((2, 2))], **SETTINGS)


@given(networks(), st.none() | st.integers(1, 4), st.floats(0, 1), st.floats(0, 1))
def test_every_kept_unit_is_in_exactly_one_module(masks, hops, modularity_threshold, merging_threshold):
    thresholds = {"modularity_threshold": modularity_threshold, "merging_threshold": merging_threshold}
    found = analyze(masks, hops=hops, **thresholds)
    graph, last, members = found.graph, len(masks), []
    for module, node in graph.nodes.items():
        units = [(0, i) for i in node["inputs"]] + list(node["units"]) + [(last, o) for o in node["outputs"]]
        assert units == sorted(units)
        assert all(found.modules[layer][unit] == module for layer, unit in units)
        members += units
    assert sorted(members) == [(layer, unit) for layer, kept in enumerate(found.kept) for unit in np.flatnonzero(kept)]
    # Modules are numbered in the order in which they appear.
    labels = np.concatenate([layer[layer >= 0] for layer in found.modules]).tolist()
    assert list(dict.fromkeys(labels)) == list(range(len(graph))) == list(graph)
    # An edge of the graph is an edge of the masks between units of two modules, and the other way round.
    expected = {
        (int(found.modules[layer][i]), int(found.modules[layer + 1][j]))
        for layer, edges in enumerate(masks)
        for i, j in np.argwhere(edges)
        if found.kept[layer][i] and found.kept[layer + 1][j]
    }
    assert set(graph.edges) == {(lower, upper) for lower, upper in expected if lower != upper}


@given(networks())
def test_the_same_masks_give_the_same_hierarchy_and_are_not_changed(masks):
    for layer in masks:
        layer.flags.writeable = False
    first, second = analyze(masks, **SETTINGS), analyze(masks, **SETTINGS)
    assert lists(first.modules) == lists(second.modules)
    assert nx.utils.graphs_equal(first.graph, second.graph)


def test_expected_graphs_survive_json():
    graph = hierarchy({"A": ((0, 1), ()), "E": ((), (0,)), "O": ((), (1,))}, "AE AO")
    restored = graph_from_json(json.loads(json.dumps(graph_to_json(graph))))
    assert nx.utils.graphs_equal(restored, graph)
    assert restored.nodes["A"] == {"inputs": (0, 1), "outputs": ()}


def graph_of(*modules, edges=()):
    """Modules as inputs, hidden units and outputs."""
    graph = nx.DiGraph()
    for name, (inputs, units, outputs) in enumerate(modules):
        graph.add_node(name, inputs=inputs, units=units, outputs=outputs)
    graph.add_edges_from(edges)
    return graph


@pytest.mark.parametrize(
    ("graph", "layers", "size"),
    [
        (graph_of(((0, 1), ((1, 0), (1, 1), (1, 2)), (0, 1))), 3, 2 * 3 + 3 * 2),
        (graph_of(((0,), ((1, 0), (1, 1)), (0,)), ((1,), ((1, 2),), (1,))), 3, (1 * 2 + 2 * 1) + (1 * 1 + 1 * 1)),
        # Within: 2 · 2 of the first, 1 · 1 and 2 · 1 of the others; between: 2 · 1 and 2 · 2; two edges of modules.
        (
            graph_of(
                *(((0, 1), ((1, 0), (1, 1)), ()), ((), ((2, 0),), (0,)), ((), ((2, 1), (2, 2)), (1,))),
                edges=[(0, 1), (0, 2)],
            ),
            4,
            4 + 1 + 2 + 2 + 4 + 2,
        ),
        (graph_of(((0,), (), ()), ((), (), (0,)), edges=[(0, 1), (1, 0)]), 2, 1 + 2),  # they feed each other
    ],
)
def test_sizes_counted_by_hand(graph, layers, size):
    assert hierarchy_size(graph, layers) == size
