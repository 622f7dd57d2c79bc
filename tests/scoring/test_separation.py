"""How far sub-functions are apart, by hand."""

import networkx as nx
import numpy as np
import pytest

from neural_sculpting.scoring.separation import stray_path_share, stray_unit_share


def modules(*ends: tuple[tuple[int, ...], tuple[int, ...]], edges=()) -> nx.DiGraph:
    graph = nx.DiGraph()
    for module, (inputs, outputs) in enumerate(ends):
        graph.add_node(module, inputs=inputs, outputs=outputs)
    graph.add_edges_from(edges)
    return graph


APART = modules(((0,), (0,)), ((1,), (1,)))
COMBINED = modules(((0,), ()), ((1,), ()), ((), (0,)), ((), (1,)), edges=[(0, 2), (0, 3), (1, 2), (1, 3)])


def test_paths_weigh_the_product_of_their_weights_whatever_their_signs():
    weights = [np.array([[2.0, 0.0], [-1.0, 3.0]]), np.array([[1.0, 0.0], [0.0, -0.5]])]
    # 0 -> 0: 2; 1 -> 0: 1; 1 -> 1: 1.5. The second leads from input 1 to output 0.
    assert stray_path_share(weights, APART) == pytest.approx(1 / 4.5)
    assert stray_path_share(weights, COMBINED) == 0


def test_inputs_of_no_module_do_not_count():
    weights = [np.array([[1.0], [7.0]]), np.array([[1.0, 1.0]])]
    assert stray_path_share(weights, modules(((0,), (0,)), ((), (1,)))) == pytest.approx(0.5)


def test_a_unit_belongs_to_a_module_that_sees_its_inputs_and_reaches_its_outputs():
    mixing = [np.array([[1, 1, 0], [0, 1, 1]], dtype=bool), np.array([[1, 0], [1, 0], [0, 1]], dtype=bool)]
    assert stray_unit_share(mixing, APART) == pytest.approx(1 / 3)  # the one in the middle reads both
    assert stray_unit_share(mixing, COMBINED) == 0  # which serves output 0 alone, as its module does
    for_both = [mixing[0], np.array([[1, 0], [1, 1], [0, 1]], dtype=bool)]
    assert stray_unit_share(for_both, COMBINED) == pytest.approx(1 / 3)


def test_nothing_left_has_no_share():
    nothing = [np.zeros((2, 3), dtype=bool), np.zeros((3, 2), dtype=bool)]
    assert np.isnan(stray_path_share(nothing, APART))
    assert np.isnan(stray_unit_share(nothing, APART))
