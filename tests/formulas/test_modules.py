"""A network without its dead units, and its modules as blocks of units."""

import numpy as np
import pytest
from hypothesis import given
from packed_examples import TWO_ANDS, TWO_ANDS_GRAPH, drawn_graph, drawn_networks, outputs_of, packed_network

from neural_sculpting.analysis import module_graph
from neural_sculpting.formulas.modules import blocks_in_order, live_network


@given(drawn_networks)
def test_the_live_network_gives_the_outputs_of_the_network(drawn):
    packed = drawn.network()
    rows = np.random.default_rng(0).normal(size=(7, packed.layout.layers[0])).astype(np.float32)
    live = live_network(packed, 0)
    values = rows[:, live.kept[0]].astype(float)
    for layer, kept in enumerate(live.kept[1:]):
        values = live.step(layer, values)
        assert values.shape[1] == kept.sum()
    np.testing.assert_allclose(values, outputs_of(packed, rows), rtol=1e-12, atol=1e-12)


def test_a_unit_that_no_input_reaches_is_added_to_the_biases():
    # Unit 0 of the second hidden layer reads only a unit without inputs, whose bias is masked: it gives relu(0.5).
    packed = packed_network(
        weights=[[[0, 1]], [[3, 0], [0, 1]], [[2], [1]]],
        biases=[[9, 0], [0.5, 0.25], [1]],
        masks=[[[0, 1]], [[1, 0], [0, 1]], [[1], [1]]],
    )
    live = live_network(packed, 0)
    assert [kept.tolist() for kept in live.kept] == [[True], [False, True], [False, True], [True]]
    assert live.biases[-1].tolist() == [1 + 2 * 0.5]
    assert live.weights[-1].tolist() == [[1]]


def test_inputs_that_no_output_sees_are_gone():
    packed = packed_network([[[1, 0], [0, 0], [0, 1]], [[1], [0]]], [[0, 0], [0]])
    assert live_network(packed, 0).inputs == (0,)
    assert live_network(TWO_ANDS, 0).inputs == (0, 1, 2, 3)


def test_masks_without_values_are_refused():
    with pytest.raises(ValueError, match="its masks alone are kept"):
        live_network(TWO_ANDS.with_values_of([]), 0)


def test_modules_in_a_cycle_are_one_block():
    # A chain of units: the first module also has the third unit, which reads the second module.
    packed = packed_network([[[1]], [[1]], [[1]], [[1]]], [[0], [0], [0], [0]])
    graph = module_graph(packed.masks_of(0), [np.array([label]) for label in (0, 1, 0, 1, 2)])
    live = live_network(packed, 0)
    blocks = blocks_in_order(graph, live)
    assert [(block.modules, block.letter) for block in blocks] == [((0, 1), "A_B"), ((2,), "C")]


@given(drawn_networks)
def test_blocks_come_before_those_that_use_them_and_contain_every_unit_once(drawn):
    packed = drawn.network()
    live = live_network(packed, 0)
    graph = drawn_graph(packed, 4, np.random.default_rng(4))
    blocks = blocks_in_order(graph, live)
    position = {module: number for number, block in enumerate(blocks) for module in block.modules}
    assert all(position[used] <= position[using] for used, using in graph.edges)
    for layer, kept in enumerate(live.kept):
        assert sum(block.units[layer].astype(int) for block in blocks).tolist() == [1] * kept.sum()


def test_the_hierarchy_of_another_network_is_refused():
    with pytest.raises(ValueError, match="not that of the network"):
        blocks_in_order(TWO_ANDS_GRAPH.subgraph([1, 2]), live_network(TWO_ANDS, 0))
