"""From communities and circuits to hierarchies, worked out by hand."""

from dataclasses import replace

import numpy as np
from dense_networks import network_of, parities

from neural_sculpting.analysis.hierarchy import REMOVED
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.methods.hierarchies import of_circuits, of_communities
from neural_sculpting.methods.links import links_of


def test_a_community_that_combines_others_is_a_module_of_its_own():
    # Two communities with a hidden unit each; output 0 is of the first and reads both, output 1 reads the second alone.
    network = network_of(np.eye(2), np.array([[1.0, 0.0], [1.0, 1.0]]), biases=[np.zeros(2), np.zeros(2)])
    labels = [np.array([0, 1]), np.array([0, 1]), np.array([0, 1])]
    assert relation_of(of_communities(network, labels)) == {frozenset({0}): {0}, frozenset({1}): {1}}
    even = replace(network, parameters=np.float32([1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]))
    found = of_communities(even, labels)
    assert relation_of(found) == {frozenset({0}): {0, 1}, frozenset({1}): {0, 1}}
    assert sorted(outputs for _, outputs in found.nodes(data="outputs")) == [(), (), (0,), (1,)]


def test_units_of_no_community_are_left_out():
    network = network_of(np.eye(2), np.eye(2), biases=[np.zeros(2), np.zeros(2)])
    found = of_communities(network, [np.array([0, REMOVED]), np.array([0, REMOVED]), np.array([0, 1])])
    assert relation_of(found) == {frozenset({0}): {0}}


def test_circuits_give_inputs_the_outputs_that_they_lead_to():
    network = parities()
    edges = network.layout.edges
    kept = np.zeros((4, edges), dtype=np.bool_)
    kept[0, [0, 32]] = True  # input 0 to hidden unit 0, and this to output 0
    kept[1, [0, 8, 33]] = True  # inputs 0 and 1, and to output 1
    kept[2, [16, 32]] = True  # a path to output 0 alone
    assert relation_of(of_circuits(network, kept)) == {frozenset({0}): {0, 1}, frozenset({1}): {1}}


def test_links_lay_out_stages_one_after_the_other():
    links = links_of([np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])])
    assert links.tolist() == [[0, 1, 2, 0], [1, 0, 0, 3], [2, 0, 0, 4], [0, 3, 4, 0]]
