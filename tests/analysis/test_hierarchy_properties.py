"""Properties of the hierarchy of every network."""

import json

import networkx as nx
import numpy as np
from hierarchy_examples import SETTINGS
from hypothesis import assume, given
from hypothesis import strategies as st
from network_strategies import groups_of, masks, networks, orders_of_units, renamed, reordered, separate_sub_functions

from neural_sculpting.analysis import (
    analyze,
    condense,
    graph_from_json,
    graph_to_json,
    hierarchy_from_graph,
    hierarchy_size,
    join_clusters,
    reachability_features,
    restrict,
)
from neural_sculpting.analysis.clusters import cosine_distances
from neural_sculpting.analysis.equivalence import hierarchy_classes, same_hierarchy
from neural_sculpting.scoring.diagnosis.paths import needed_inputs, seen_inputs


@given(networks())
def test_a_module_is_fed_unless_it_has_inputs_and_used_unless_it_has_outputs(network):
    graph = analyze(network, **SETTINGS).graph
    fed = network[-1].any(axis=0) & seen_inputs(network).any(axis=0)
    for module, node in graph.nodes(data=True):
        assert node["outputs"] or graph.out_degree(module)
        assert node["inputs"] or graph.in_degree(module) or not fed[list(node["outputs"])].any()


@given(networks())
def test_an_output_sees_no_input_to_which_the_hierarchy_has_no_path(network):
    graph = analyze(network, **SETTINGS).graph
    seen = seen_inputs(network)
    assert not (seen & ~needed_inputs(graph, seen.shape)).any()


@given(networks())
def test_without_merging_the_hierarchy_has_no_cycle(network):
    # Two modules with units in several layers may feed each other; modules of one layer cannot.
    found = analyze(network, **{**SETTINGS, "merging_threshold": 1.0})
    assert nx.is_directed_acyclic_graph(found.graph)
    assert len(found.graph) == sum(len(groups_of(labels)) for labels in found.clusters)


@given(separate_sub_functions())
def test_sub_functions_with_nothing_in_common_are_found(made):
    network, owners = made
    found = analyze(network, **SETTINGS)
    assert groups_of(np.concatenate(found.modules)) == groups_of(np.concatenate(owners))
    assert found.graph.number_of_edges() == 0


@given(networks(layers=3, most_units=5), st.data())
def test_dead_units_do_not_matter(network, data):
    layer = data.draw(st.integers(1, len(network) - 1))
    entering, leaving = network[layer - 1], network[layer]
    if data.draw(st.booleans()):
        dead = data.draw(masks((len(entering), 1))), np.zeros((1, leaving.shape[1]), dtype=bool)
    else:
        dead = np.zeros((len(entering), 1), dtype=bool), data.draw(masks((1, leaving.shape[1])))
    larger = list(network)
    larger[layer - 1 : layer + 1] = np.hstack([entering, dead[0]]), np.vstack([leaving, dead[1]])
    found, expected = analyze(larger, **SETTINGS), analyze(network, **SETTINGS)
    assert not found.kept[layer][-1]
    assert nx.utils.graphs_equal(found.graph, expected.graph)


@given(networks(), st.data())
def test_clusters_and_units_in_another_order_give_the_same_modules(network, data):
    found = analyze(network, **SETTINGS)
    units = data.draw(orders_of_units(network, ends=True))
    moved, kept = reordered(network, units), tuple(a[o] for a, o in zip(found.kept, units, strict=True))
    clusters = [labels[o] for labels, o in zip(found.clusters, units, strict=True)][:-1]
    clusters = [labels[labels >= 0] for labels in clusters]
    again = join_clusters(moved, kept, clusters, SETTINGS["merging_threshold"])
    back = [labels[order.argsort()] for labels, order in zip(again.modules, units, strict=True)]
    assert groups_of(np.concatenate(back)) == groups_of(np.concatenate(found.modules))
    assert again.graph.number_of_edges() == found.graph.number_of_edges()


@st.composite
def networks_without_ties(draw):
    """Few units that reach many outputs, so that no two pairs of units are equally close."""
    hidden, inputs = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    network = [draw(masks((inputs, hidden))), draw(masks((hidden, 41), kinds=("even", "sparse", "dense")))]
    for layer in reachability_features(restrict(network, condense(network)), None):
        different = np.unique(layer, axis=0)  # units that reach the same are in one cluster, in whatever order
        assume((np.diff(np.sort(cosine_distances(different))) > 1e-9).all())
    return network


@given(networks_without_ties(), st.data())
def test_the_order_of_hidden_units_does_not_matter_unless_distances_are_equal(network, data):
    moved = reordered(network, data.draw(orders_of_units(network)))
    assert same_hierarchy(analyze(moved, **SETTINGS).graph, analyze(network, **SETTINGS).graph)


@given(networks())
def test_every_hierarchy_survives_json_and_gives_back_the_module_of_every_unit(network):
    found = analyze(network, **SETTINGS)
    data = graph_to_json(found.graph)
    text = json.dumps(data)
    assert json.loads(text) == data  # plain lists, strings and numbers only
    assert set(nx.node_link_graph(json.loads(text), edges="edges").edges) == set(found.graph.edges)
    graph = graph_from_json(json.loads(text))
    assert nx.utils.graphs_equal(graph, found.graph)
    restored = hierarchy_from_graph(graph, [len(network[0]), *(mask.shape[1] for mask in network)])
    for one, other in ((found.modules, restored.modules), (found.kept, restored.kept)):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@given(networks(), st.data())
def test_names_of_modules_do_not_matter(network, data):
    graph = analyze(network, **SETTINGS).graph
    other = data.draw(renamed(graph))
    assert same_hierarchy(graph, other)
    assert hierarchy_classes([graph, None, other]) == [0, None, 0]
    layers = len(network) + 1
    assert hierarchy_size(graph, layers) == hierarchy_size(other, layers)


@given(st.lists(networks(most_layers=3, most_units=2), min_size=2, max_size=6))
def test_classes_are_those_of_equal_hierarchies(made):
    graphs = [analyze(network, **SETTINGS).graph for network in made]
    classes = hierarchy_classes(graphs)
    assert list(dict.fromkeys(classes)) == list(range(max(classes) + 1))
    for one, number in zip(graphs, classes, strict=True):
        assert [same_hierarchy(one, other) for other in graphs] == [number == another for another in classes]


@given(networks())
def test_a_hierarchy_allows_the_connections_there_are_and_no_more_than_all(network):
    found = analyze(network, **SETTINGS)
    condensed = restrict(network, found.kept)
    modules = found.graph.number_of_edges()
    between_units = hierarchy_size(found.graph, len(network) + 1) - modules
    assert sum(int(mask.sum()) for mask in condensed) <= between_units <= sum(mask.size for mask in condensed)
