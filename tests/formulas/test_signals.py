"""Which states of a module the rest of a network distinguishes."""

import networkx as nx
import numpy as np
import pytest
from packed_examples import TWO_ANDS, TWO_ANDS_GRAPH, packed_network

from neural_sculpting.formulas.modules import blocks_in_order, live_network
from neural_sculpting.formulas.signals import SignalSearch
from neural_sculpting.tasks.graph import all_bits


def signals_of(packed, graph):
    """The signals of all modules, used ones first."""
    live = live_network(packed, 0)
    blocks = blocks_in_order(graph, live)
    search = SignalSearch(live, all_bits(len(live.inputs)))
    found = {}
    for block in blocks:
        readers = [other for other in blocks if graph.has_edge(block.modules[0], other.modules[0])]
        found[block.letter] = search.signal_of(block, readers)
    return found


def modules(edges, *members):
    """A hierarchy of modules with their inputs, outputs and hidden units."""
    graph = nx.DiGraph()
    for module, (inputs, outputs, units) in enumerate(members):
        graph.add_node(module, inputs=inputs, outputs=outputs, units=units)
    graph.add_edges_from(edges)
    return graph


def count_of_two(first, second):
    """x0 + x1 in one unit, and two outputs that read it; the arguments are their weight and bias."""
    packed = packed_network([[[1], [1]], [[first[0], second[0]]]], [[0], [first[1], second[1]]])
    return packed, modules([(0, 1), (0, 2)], ((0, 1), (), ((1, 0),)), ((), (0,), ()), ((), (1,), ()))


def test_states_that_change_no_output_are_the_same_signal():
    found = signals_of(TWO_ANDS, TWO_ANDS_GRAPH)
    x = all_bits(4)
    assert found["A"].classes.tolist() == (x[:, 0] & x[:, 1]).astype(int).tolist()
    assert found["B"].classes.tolist() == (x[:, 2] & x[:, 3]).astype(int).tolist()
    assert found["A"].values == 2


def test_readers_may_distinguish_different_states():
    signal = signals_of(*count_of_two((2, -1), (2, -3)))["A"]
    assert signal.classes.tolist() == [0, 1, 1, 2]
    assert [classes.tolist() for classes in signal.seen_by] == [[0, 1, 1, 1], [0, 0, 0, 1]]


def test_states_that_make_no_difference_are_no_signal():
    signal = signals_of(*count_of_two((1, 1), (2, -9)))["A"]
    assert signal.values == 1
    assert signal.classes.tolist() == [0, 0, 0, 0]


def test_a_state_may_make_a_difference_in_some_contexts_only():
    # y0 = x0 + x1 + 2 x2 > 1: the count of x0 and x1 matters where x2 is 0 alone.
    packed = packed_network([[[1, 0], [1, 0], [0, 1]], [[1], [2]]], [[0, 0], [-1.5]])
    graph = modules([(0, 2), (1, 2)], ((0, 1), (), ((1, 0),)), ((2,), (), ((1, 1),)), ((), (0,), ()))
    assert signals_of(packed, graph)["A"].classes.tolist() == [0, 0, 0, 0, 0, 0, 1, 1]


def test_a_known_module_is_fixed_for_its_readers():
    # The count of x0 and x1 passes through two units that split it: 0, 1, 2 and 0, 0, 1. Only the sum of
    # both matters for the output, more than 0.5: one bit. The second unit then never makes a difference.
    packed = packed_network([[[1], [1]], [[1, 1]], [[1], [1]]], [[0], [0, -1], [-0.5]])
    members = [((0, 1), (), ((1, 0),)), ((), (), ((2, 0),)), ((), (), ((2, 1),)), ((), (0,), ())]
    found = signals_of(packed, modules([(0, 1), (0, 2), (1, 3), (2, 3)], *members))
    assert found["A"].classes.tolist() == [0, 1, 1, 1]
    assert found["B"].classes.tolist() == [0, 1, 1, 1]
    assert found["C"].values == 1


@pytest.mark.parametrize("inputs", [1, 3])
def test_rows_are_those_of_the_live_inputs(inputs):
    packed = packed_network([np.ones((inputs, 1)), [[1]]], [[0], [-0.5]])
    graph = modules([(0, 1)], (tuple(range(inputs)), (), ((1, 0),)), ((), (0,), ()))
    assert signals_of(packed, graph)["A"].classes.tolist() == [0] + [1] * (2**inputs - 1)
