import networkx as nx
import numpy as np
import pytest

from neural_sculpting.analysis import analyse
from neural_sculpting.scoring.success import Success, hidden_units_separate, partition, score


def mask(rows):
    """A mask from one string for each unit that the edges start from."""
    return np.array([[bit == "1" for bit in row] for row in rows.split()])


def hierarchy_graph(nodes, edges=()):
    """An expected graph from name: (inputs, outputs)."""
    graph = nx.DiGraph()
    for name, (inputs, outputs) in nodes.items():
        graph.add_node(name, inputs=inputs, outputs=outputs)
    graph.add_edges_from(edges)
    return graph


def success(rows, expected):
    masks = [mask(layer) for layer in rows]
    hierarchy = analyse(masks, hops=None, modularity_threshold=0.2, merging_threshold=0.9)
    return score(masks, hierarchy, expected)


SEPARATE = hierarchy_graph({"A": ((0, 1), (0,)), "B": ((2, 3), (1,))})
REUSED = hierarchy_graph({"A": ((0, 1), ()), "E": ((), (0,)), "O": ((), (1,))}, [("A", "E"), ("A", "O")])


@pytest.mark.parametrize(
    ("rows", "expected", "found"),
    [
        # Found as expected, whatever the modules are called.
        (["10 10 01 01", "10 01"], SEPARATE, Success(True, True, True, True)),
        (["11 11", "10 01"], REUSED, Success(True, True, True, True)),
        # The inputs of the other sub-function: right sizes, wrong sets.
        (["10 01 10 01", "10 01"], SEPARATE, Success(False, False, True, True)),
        # Inputs 0, 1 feed the output of the others: inputs and outputs are divided as expected, the modules differ.
        (["01 01 10 10", "10 01"], SEPARATE, Success(False, True, True, True)),
        # Input 3 is gone.
        (["10 10 01 00", "10 01"], SEPARATE, Success(False, False, True, True)),
        # One module with everything; its hidden unit serves both outputs.
        (["1 1 1 1", "11"], SEPARATE, Success(False, False, False, False)),
        # One hidden unit feeds both outputs: everything merges into one module.
        (["1 1", "11"], REUSED, Success(False, True, False, False)),
        # Output 1 gets nothing and output 0 everything: inputs and outputs are divided as expected all the same.
        (["1 1", "10"], REUSED, Success(False, True, True, True)),
    ],
)
def test_success(rows, expected, found):
    assert success(rows, expected) == found


def test_an_edge_too_many_is_not_exact():
    # Input 0 feeds the other side as well: the same modules, with an edge (see the analysis of this network).
    rows = ["1111110000 " + "1111100000 " * 3 + "0000011111 " * 4, "10 " * 5 + "01 " * 5]
    nodes = {"A": ((0, 1, 2, 3), (0,)), "B": ((4, 5, 6, 7), (1,))}
    assert success(rows, hierarchy_graph(nodes)) == Success(False, True, True, True)
    assert success(rows, hierarchy_graph(nodes, [("A", "B")])).exact
    assert not success(rows, hierarchy_graph(nodes, [("B", "A")])).exact


def test_partition_leaves_out_modules_without():
    assert partition(REUSED, "outputs") == {frozenset({0}), frozenset({1})}
    assert partition(REUSED, "inputs") == {frozenset({0, 1})}


@pytest.mark.parametrize(
    ("rows", "separate"),
    [
        (["11 11", "10 01"], True),
        (["11 11", "11 01"], False),
        # The path over two layers joins what each layer keeps apart.
        (["1 1", "11", "10 01"], False),
        # The unit that feeds both outputs gets nothing itself: it is not kept.
        (["100 010", "10 01 11"], True),
        # Only an input feeds both outputs.
        (["10 01"], True),
        (["11 11"], True),
        # The groups are those of the expected graph: outputs 0 and 2 belong together.
        (["10 01", "101 010"], True),
        (["10 01", "110 001"], False),
    ],
)
def test_hidden_units_separate(rows, separate):
    masks = [mask(layer) for layer in rows]
    kept = analyse(masks, hops=None, modularity_threshold=0.2, merging_threshold=0.9).kept
    groups = frozenset({frozenset({0, 2}), frozenset({1})})
    if masks[-1].shape[1] == 2:
        groups = frozenset({frozenset({0}), frozenset({1})})
    assert hidden_units_separate(masks, kept, groups) is separate
