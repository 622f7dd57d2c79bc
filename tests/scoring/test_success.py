import networkx as nx
import numpy as np
import pytest

from neural_sculpting.analysis import Hierarchy, analyze
from neural_sculpting.records.criteria import score
from neural_sculpting.scoring.success import (
    Comparison,
    hidden_unit_separability,
    middle_layer_separability,
    partition,
    with_inputs,
)


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


def compared(rows, expected, ignore_pruned_inputs=False):
    masks = [mask(layer) for layer in rows]
    hierarchy = analyze(masks, hops=None, modularity_threshold=0.2, merging_threshold=0.9)
    return Comparison(masks, hierarchy, expected, ignore_pruned_inputs)


def success(rows, expected, **settings):
    """All criteria in their order, and the agreement of the inputs."""
    found = score(compared(rows, expected, **settings))
    return (*found.met.values(), found.input_agreement)


SEPARATE = hierarchy_graph({"A": ((0, 1), (0,)), "B": ((2, 3), (1,))})
REUSED = hierarchy_graph({"A": ((0, 1), ()), "E": ((), (0,)), "O": ((), (1,))}, [("A", "E"), ("A", "O")])


@pytest.mark.parametrize(
    ("rows", "expected", "found"),
    [
        # Found as expected, whatever the modules are called.
        (["10 10 01 01", "10 01"], SEPARATE, (True, True, True, True, False, 1)),
        (["11 11", "10 01"], REUSED, (True, True, True, True, False, 1)),
        # The inputs of the other sub-function: right sizes, wrong sets; no two that belong together are together.
        (["10 01 10 01", "10 01"], SEPARATE, (False, False, True, True, False, -0.5)),
        # Inputs 0, 1 feed the output of the others: inputs and outputs are divided as expected, the modules differ.
        (["01 01 10 10", "10 01"], SEPARATE, (False, True, True, True, False, 1)),
        # Input 3 is gone; the others are divided as expected.
        (["10 10 01 00", "10 01"], SEPARATE, (False, False, True, True, False, 1)),
        # Both inputs of one sub-function are gone.
        (["10 10 00 00", "10 01"], SEPARATE, (False, False, True, True, False, 0)),
        # One module with everything; its hidden unit serves both outputs.
        (["1 1 1 1", "11"], SEPARATE, (False, False, False, False, False, 0)),
        # One hidden unit feeds both outputs: everything merges into one module.
        (["1 1", "11"], REUSED, (False, True, False, False, False, 1)),
        # Output 1 gets nothing and output 0 everything: inputs and outputs are divided as expected all the same.
        (["1 1", "10"], REUSED, (False, True, True, True, False, 1)),
    ],
)
def test_success(rows, expected, found):
    assert success(rows, expected) == found


@pytest.mark.parametrize(
    ("rows", "exact", "agreement"),
    [
        (["10 10 01 01", "10 01"], True, 1),
        (["10 10 01 00", "10 01"], True, 1),  # input 3 is gone
        (["10 00 01 00", "10 01"], True, 1),  # one is left on each side
        (["10 10 00 00", "10 01"], False, 0),  # none is left on one
        (["10 10 00 00", "10 10"], False, 0),
        (["00 00 00 00", "10 01"], False, 0),
        # Input 2 strays: of the pairs 01, 02, 12 that are together one should be; chance gives 3 · 2/6 = 1 as well.
        (["10 10 10 01", "10 01"], False, 0),
        (["10 01 10 01", "10 01"], False, -0.5),
        (["10 01 10 00", "10 01"], False, -0.5),  # 0 and 2 together, 0 and 1 expected: (0 - 1/3) / (1 - 1/3)
    ],
)
def test_inputs_that_may_go(rows, exact, agreement):
    found = success(rows, SEPARATE, ignore_pruned_inputs=True)
    assert found[:2] == (exact, exact)
    assert found[-1] == success(rows, SEPARATE)[-1] == pytest.approx(agreement)


def test_inputs_may_go_but_no_edge_may_come():
    # Inputs 0, 1 feed the output of the others.
    found = success(["01 01 10 00", "10 01"], SEPARATE, ignore_pruned_inputs=True)
    assert found[:2] == (False, True)


def test_an_edge_too_many_is_not_exact():
    # Input 0 feeds the other side as well: the same modules, with an edge (see the analysis of this network).
    rows = ["1111110000 " + "1111100000 " * 3 + "0000011111 " * 4, "10 " * 5 + "01 " * 5]
    nodes = {"A": ((0, 1, 2, 3), (0,)), "B": ((4, 5, 6, 7), (1,))}
    assert success(rows, hierarchy_graph(nodes)) == (False, True, True, True, False, 1)
    assert success(rows, hierarchy_graph(nodes, [("A", "B")]))[0]
    assert not success(rows, hierarchy_graph(nodes, [("B", "A")]))[0]


def middle_graph(edges, outputs=None):
    """Modules L and R with an input each, Y0 and Y1 with an output each or as given, and those that edges name."""
    held = {"L": ((0,), ()), "R": ((1,), ()), **(outputs or {"Y0": ((), (0,)), "Y1": ((), (1,))})}
    pairs = [tuple(edge.split(">")) for edge in edges.split()]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return hierarchy_graph({name: held.get(name, ((), ())) for name in (*held, *names)}, pairs)


def middle(found, *groups):
    """Whether the middle of a graph is divided as these groups of outputs."""
    expected = hierarchy_graph({number: ((), group) for number, group in enumerate(groups)})
    return middle_layer_separability(Comparison([], Hierarchy((), (), (), found), expected))


@pytest.mark.parametrize(
    ("edges", "separate"),
    [
        ("L>M0 R>M0 L>M1 R>M1 M0>Y0 M1>Y1", True),
        # As it is expected otherwise: one module between.
        ("L>I R>I I>Y0 I>Y1", False),
        # No module between.
        ("L>Y0 R>Y0 L>Y1 R>Y1", False),
        # One output has none.
        ("L>M0 R>M0 M0>Y0 L>Y1 R>Y1", False),
        # Two for one output; beside a direct edge.
        ("L>M0 R>M2 M0>Y0 M2>Y0 L>M1 M1>Y1 R>Y1", True),
        # One after the other.
        ("L>M0 R>M2 M0>M2 M2>Y0 R>M1 M1>Y1", True),
        ("L>M0 R>M1 M0>M1 M1>Y1 M0>Y0", False),
        # Two that feed each other.
        ("L>M0 R>M2 M0>M2 M2>M0 M0>Y0 R>M1 M1>Y1", True),
        # By way of the module of the other output.
        ("L>M0 R>M1 M0>Y0 M1>Y1 Y0>Y1", False),
    ],
)
def test_the_middle_is_divided_by_output(edges, separate):
    assert middle(middle_graph(edges), (0,), (1,)) is separate


def test_middle_modules_are_compared_with_the_groups_of_outputs():
    both = middle_graph("L>M R>M M>Y", {"Y": ((), (0, 1))})
    assert middle(both, (0, 1))
    assert not middle(both, (0,), (1,))
    assert middle(middle_graph("L>M R>M M>Y0 M>Y1"), (0, 1))


def test_the_middle_layer_is_beside_exact():
    """A module between inputs and outputs for each output, where one for both is expected."""
    everything = [np.ones((2, 2), dtype=bool), np.ones((2, 2), dtype=bool)]
    kept = (np.ones(2, dtype=bool),) * 3
    expected = middle_graph("L>I R>I I>Y0 I>Y1")
    found = middle_graph("L>M0 R>M0 L>M1 R>M1 M0>Y0 M1>Y1")
    for graph, exact in ((found, False), (expected, True)):
        met = score(Comparison(everything, Hierarchy(kept, (), (), graph), expected)).met
        assert (met["exact"], met["input_separability"], met["middle_layer_separability"]) == (exact, True, not exact)


def test_inputs_are_left_out_of_a_copy():
    left = with_inputs(SEPARATE, np.array([False, True, True, False]))
    assert dict(left.nodes(data="inputs")) == {"A": (1,), "B": (2,)}
    assert dict(left.nodes(data="outputs")) == {"A": (0,), "B": (1,)}
    assert SEPARATE.nodes["A"]["inputs"] == (0, 1)
    assert list(with_inputs(REUSED, np.ones(2, dtype=bool)).edges) == list(REUSED.edges)


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
    groups = ((0, 2), (1,)) if len(rows[-1].split()[0]) == 3 else ((0,), (1,))
    expected = hierarchy_graph({number: ((), group) for number, group in enumerate(groups)})
    assert hidden_unit_separability(compared(rows, expected)) is separate
