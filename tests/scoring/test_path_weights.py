"""What paths weigh, by hand."""

import networkx as nx
import numpy as np
import pytest

from neural_sculpting.scoring.path_weights import path_weights, units_of_share, within_and_across

WEIGHTS = [np.array([[2.0, 0.0], [-1.0, 3.0]]), np.array([[1.0, 0.0], [0.0, -0.5]])]


def test_a_path_weighs_the_product_of_its_weights_and_paths_add_up():
    assert path_weights(WEIGHTS).tolist() == [[2.0, 0.0], [1.0, 1.5]]
    assert path_weights([np.array([[1.0, 2.0]]), np.array([[3.0], [-4.0]])]).tolist() == [[11.0]]


def test_pairs_within_sub_functions_and_across():
    apart = nx.DiGraph()
    apart.add_node(0, inputs=(0,), outputs=(0,))
    apart.add_node(1, inputs=(1,), outputs=(1,))
    within, across = within_and_across(WEIGHTS, apart)
    assert (within.tolist(), across.tolist()) == ([2.0, 1.5], [0.0, 1.0])


def test_the_fewest_units_that_make_up_a_share_of_each_hidden_layer():
    to_outputs = np.array([[6.0, 0.0], [0.0, -3.0], [0.5, 0.5]])  # units weigh 6, 3 and 1 of 10
    assert units_of_share([np.ones((2, 3)), to_outputs], 0.9) == [2]
    assert units_of_share([np.ones((2, 3)), to_outputs], 0.91) == [3]
    # The layer before: its units weigh 1 · 6, 1 · 3 and 0.
    before = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    assert units_of_share([np.ones((2, 3)), before, to_outputs], 0.6) == [1, 1]
    assert units_of_share([np.ones((2, 3)), before, to_outputs], 1.0) == [2, 3]


@pytest.mark.parametrize("units", [1, 7, 48])
def test_of_units_alike_a_share_counts_as_many(units):
    assert units_of_share([np.ones((2, units)), np.full((units, 3), 0.1)], 0.9) == [int(np.ceil(0.9 * units - 1e-9))]


def test_where_no_path_is_left_there_are_no_units():
    assert units_of_share([np.ones((2, 3)), np.zeros((3, 2))]) == [0]
