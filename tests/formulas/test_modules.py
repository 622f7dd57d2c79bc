"""A network without its dead units, its modules as functions, and their units."""

import numpy as np
import pytest
import torch
from hypothesis import given
from packed_examples import TWO_ANDS, TWO_ANDS_GRAPH, drawn_graph, drawn_networks, graph_of, outputs_of, packed_network

from neural_sculpting.analysis import module_graph
from neural_sculpting.formulas.modules import blocks_in_order, live_network, module_functions


@given(drawn_networks)
def test_the_live_network_and_the_modules_combined_give_the_outputs_of_the_network(drawn):
    packed = drawn.network()
    rows = np.random.default_rng(0).normal(size=(7, packed.layout.layers[0])).astype(np.float32)
    live = live_network(packed, 0)
    values = rows[:, live.kept[0]].astype(float)
    for layer, kept in enumerate(live.kept[1:]):
        values = live.step(layer, values)
        assert values.shape[1] == kept.sum()
    np.testing.assert_allclose(values, outputs_of(packed, rows), rtol=1e-12, atol=1e-12)
    inputs, found = torch.from_numpy(rows).double(), {}
    outputs = torch.full((len(rows), packed.layout.layers[-1]), torch.nan, dtype=torch.float64)
    for name, function in module_functions(packed, 0, graph_of(packed)).items():
        signals = {used: found[used].signals for used in function.uses}
        found[name] = function(inputs[:, list(function.inputs)], signals)
        outputs[:, list(function.outputs)] = found[name].outputs
    np.testing.assert_allclose(outputs.numpy(), outputs_of(packed, rows), rtol=1e-9, atol=1e-9)


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
    for inputs, signals, problem in (
        (nothing, None, r"signals of \[\]: must be those of \[0, 1\]"),
        (nothing, {0: torch.zeros(2, 2), 1: signal}, r"signals of 0 \(2, 2\): must be \(2, 1\)"),
        (signal, {0: signal, 1: signal}, r"inputs \(2, 1\): must be \(rows, 0\)"),
    ):
        with pytest.raises(ValueError, match=problem):
            function(inputs, signals)


def test_modules_in_a_cycle_can_be_called_and_are_one_block():
    # A chain of units: the first module also has the third unit, which reads the second module.
    packed = packed_network([[[1]], [[1]], [[1]], [[1]]], [[0], [0], [0], [0]])
    graph = module_graph(packed.masks_of(0), [np.array([label]) for label in (0, 1, 0, 1, 2)])
    live = live_network(packed, 0)
    blocks = blocks_in_order(graph, live)
    assert [(block.modules, block.letter) for block in blocks] == [((0, 1), "A_B"), ((2,), "C")]
    assert [block.letter for block in blocks_in_order(graph, live, join_cycles=False)] == ["A", "B", "C"]
    first = module_functions(packed, 0, graph)[0]
    given_values = first(torch.tensor([[2.0]]), {1: torch.tensor([[5.0, 7.0]])})  # layers 1 and 3 of the second module
    assert given_values.signals.tolist() == [[2.0, 5.0]]  # its input, and its unit in layer 2, which reads the 5


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
        module_functions(TWO_ANDS, 0, TWO_ANDS_GRAPH.subgraph([1, 2]))
