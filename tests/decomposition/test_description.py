from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from neural_sculpting.decomposition.bound_sets import BoundSet
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.description import saved_bits
from neural_sculpting.decomposition.sampled_tables import SampledTable
from neural_sculpting.tasks.graph import all_bits


def hierarchy(*modules, edges=()):
    graph = nx.DiGraph(edges)
    graph.add_nodes_from(
        (name, {"inputs": inputs, "outputs": outputs}) for name, (inputs, outputs) in enumerate(modules)
    )
    return graph


def test_two_functions_side_by_side_take_a_table_each():
    bits = all_bits(4)
    rows = SampledTable(bits, np.column_stack([bits[:, 0] & bits[:, 1], bits[:, 2] ^ bits[:, 3]]))
    # 32 outputs; 4 inputs in 2 modules: 4 - log2 2!; each output: 2 bits for what it reads, 4 for its table
    assert saved_bits(rows, hierarchy(((0, 1), (0,)), ((2, 3), (1,))), []) == pytest.approx(32 - 3 - 2 * 6)
    # one module: each output 1 bit, and 16 for its table
    assert saved_bits(rows, hierarchy(((0, 1, 2, 3), (0, 1))), []) == pytest.approx(32 - 2 * 17)


def test_a_block_is_written_once_for_all_outputs_that_see_it():
    bits = all_bits(4)
    inner = bits[:, 0] ^ bits[:, 1]
    rows = SampledTable(bits, np.column_stack([inner & bits[:, 2], inner | bits[:, 3]]))
    block = BoundSet(frozenset([0, 1]), frozenset([0, 1]), 2)
    graph = hierarchy(((0, 1), ()), ((2,), (0,)), ((3,), (1,)), edges=[(0, 1), (0, 2)])
    cells = 4 * np.log2(3) - np.log2(6)
    # the block: 1 bit, as it is a module, and 4 for its table; each output: 3 bits, and 4 for a table of two bits
    assert saved_bits(rows, graph, [block]) == pytest.approx(32 - cells - 5 - 2 * 7)
    assert saved_bits(rows, graph, []) == pytest.approx(32 - cells - 2 * 11)  # without it a table of three bits


def test_what_contradicts_costs_its_position():
    bits = all_bits(3)
    output = bits[:, :1].copy()
    output[0] ^= True
    rows, graph = SampledTable(bits, output), hierarchy(((0,), (0,)))
    # two cells, that of the unread inputs included; 3 bits for the one of 8 outputs that is not that of input 0
    assert saved_bits(rows, graph, []) == pytest.approx(8 - (3 - 1) - (2 + 2) - 3)


def test_equal_and_opposite_outputs_are_written_once():
    bits = all_bits(2)
    one = bits[:, 0] & bits[:, 1]
    graph = hierarchy(((0, 1), (0, 1)))
    assert saved_bits(SampledTable(bits, np.column_stack([one, ~one])), graph, []) == pytest.approx(8 - 1 - 4)


def test_random_outputs_save_few_bits_however_they_are_divided():
    random, saved = np.random.default_rng(0), []
    for _ in range(60):
        rows = SampledTable(all_bits(5)[random.permutation(32)[:12]], random.integers(2, size=(12, 2)) > 0)
        found = decompose_function(rows)
        divided = [hierarchy((two, (0,)), (tuple({*range(5)} - {*two}), (1,))) for two in combinations(range(5), 2)]
        saved += [
            max(saved_bits(rows, found.hierarchy, found.strong), *(saved_bits(rows, each, []) for each in divided))
        ]
    assert np.mean(np.array(saved) >= 7) <= 0.02
