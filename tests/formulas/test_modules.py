"""Modules as functions, and their units in a network."""

import numpy as np
import pytest
import torch
from hypothesis import given
from packed_examples import TWO_ANDS, TWO_ANDS_GRAPH, drawn_graph, drawn_networks, graph_of, outputs_of, packed_network

from neural_sculpting.analysis import module_graph
from neural_sculpting.formulas.modules import blocks_in_order, live_network, module_functions


def in_a_cycle():
    """Three modules in a chain of layers, of which the first also holds the third layer: it reads the second."""
    packed = packed_network([[[1]], [[1]], [[1]], [[1]]], [[0], [0], [0], [0]])
    return packed, module_graph(packed.masks_of(0), [np.array([label]) for label in (0, 1, 0, 1, 2)])


@given(drawn_networks)
def test_put_together_modules_give_the_outputs_of_the_network(drawn):
    packed = drawn.network()
    rows = np.random.default_rng(3).normal(size=(6, packed.layout.layers[0])).astype(np.float32)
    inputs, values = torch.from_numpy(rows).double(), {}
    outputs = torch.full((6, packed.layout.layers[-1]), torch.nan, dtype=torch.float64)
    for name, function in module_functions(packed, 0, graph_of(packed)).items():
        signals = {used: values[used].signals for used in function.uses}
        values[name] = function(inputs[:, list(function.inputs)], signals)
        outputs[:, list(function.outputs)] = values[name].outputs
    np.testing.assert_allclose(outputs.numpy(), outputs_of(packed, rows), rtol=1e-9, atol=1e-9)


def test_a_module_with_inputs_alone_is_called_with_them():
    functions = module_functions(TWO_ANDS, 0, TWO_ANDS_GRAPH)
    given_values = functions[1](torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    assert functions[1].letter == "B"
    assert functions[1].inputs == (2, 3)
    assert functions[1].signal_units == ((2, 1),)
    assert given_values.signals.tolist() == [[0.0], [0.0], [1.0]]
    assert given_values.outputs.shape == (3, 0)


def test_a_module_that_uses_others_is_called_with_their_signals():
    function = module_functions(TWO_ANDS, 0, TWO_ANDS_GRAPH)[2]
    assert function.uses == (0, 1)
    nothing, signal = torch.zeros(2, 0), torch.tensor([[1.0], [0.0]])
    assert function(nothing, {0: signal, 1: torch.zeros(2, 1)}).outputs.tolist() == [[1.0], [-1.0]]
    with pytest.raises(ValueError, match=r"signals of \[\]: must be those of \[0, 1\]"):
        function(nothing)
    with pytest.raises(ValueError, match=r"signals of 0 \(2, 2\): must be \(2, 1\)"):
        function(nothing, {0: torch.zeros(2, 2), 1: signal})
    with pytest.raises(ValueError, match=r"inputs \(2, 1\): must be \(rows, 0\)"):
        function(signal, {0: signal, 1: signal})


def test_modules_in_a_cycle_can_be_called_and_are_one_block():
    packed, graph = in_a_cycle()
    live = live_network(packed, 0)
    assert [block.modules for block in blocks_in_order(graph, live)] == [(0, 1), (2,)]
    assert blocks_in_order(graph, live)[0].letter == "A_B"
    assert [block.letter for block in blocks_in_order(graph, live, join_cycles=False)] == ["A", "B", "C"]
    first = module_functions(packed, 0, graph)[0]
    given_values = first(torch.tensor([[2.0]]), {1: torch.tensor([[5.0, 7.0]])})  # layers 1 and 3 of the second module
    assert given_values.signals.tolist() == [[2.0, 5.0]]  # its input, and its unit in layer 2, which reads the 5


@given(drawn_networks)
def test_blocks_come_before_those_that_use_them_and_hold_every_unit_once(drawn):
    packed = drawn.network()
    live = live_network(packed, 0)
    graph = drawn_graph(packed, 4, np.random.default_rng(4))
    blocks = blocks_in_order(graph, live)
    place = {module: number for number, block in enumerate(blocks) for module in block.modules}
    assert all(place[used] <= place[using] for used, using in graph.edges)
    for layer, kept in enumerate(live.kept):
        assert sum(block.units[layer].astype(int) for block in blocks).tolist() == [1] * kept.sum()


def test_the_hierarchy_of_another_network_is_refused():
    other = TWO_ANDS_GRAPH.subgraph([1, 2])
    with pytest.raises(ValueError, match="not that of the network"):
        module_functions(TWO_ANDS, 0, other)
