import networkx as nx
import numpy as np
import pytest
from hierarchy_examples import SETTINGS, hierarchy, masks_of
from hypothesis import given
from hypothesis import strategies as st
from network_strategies import groups_of, orders
from sklearn.metrics import adjusted_rand_score

from neural_sculpting.analysis import Hierarchy, analyze
from neural_sculpting.records.criteria import score
from neural_sculpting.scoring.success import (
    Comparison,
    adjusted_rand_index,
    hidden_unit_separability,
    input_agreement,
    middle_layer_separability,
    partition,
    refines,
    relation,
    with_inputs,
)

SEPARATE = hierarchy({"A": ((0, 1), (0,)), "B": ((2, 3), (1,))})
REUSED = hierarchy({"A": ((0, 1), ()), "E": ((), (0,)), "O": ((), (1,))}, "AE AO")


def compared(rows, expected, ignore_pruned_inputs=False):
    masks = masks_of(*rows)
    return Comparison(masks, analyze(masks, **SETTINGS), expected, ignore_pruned_inputs)


def success(rows, expected, **settings):
    """All criteria but the relation and its refinement in their order, and the agreement of the inputs."""
    found = score(compared(rows, expected, **settings))
    met = [met for name, met in found.met.items() if name not in ("relation", "refines")]
    return (*met, found.input_agreement)


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
        # Input 4 is idle: it belongs to no module. It is gone, or still read.
        (["10 10 01 01 00", "10 01"], SEPARATE, (True, True, True, True, False, 1)),
        (["10 10 01 01 10", "10 01"], SEPARATE, (False, False, True, True, False, 1)),
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
        (["10 00 01 00", "10 01"], True, 1),  # one is kept on each side
        (["10 10 00 00", "10 01"], False, 0),  # none is kept on one
        (["10 10 00 00", "10 10"], False, 0),
        (["00 00 00 00", "10 01"], False, 0),
        # Input 2 strays: of the pairs 01, 02, 12 that are together one should be; chance gives 3 · 2/6 = 1 as well.
        (["10 10 10 01", "10 01"], False, 0),
        (["10 01 10 01", "10 01"], False, -0.5),
        (["10 01 10 00", "10 01"], False, -0.5),  # 0 and 2 together, 0 and 1 expected: (0 - 1/3) / (1 - 1/3)
    ],
)
def test_pruned_inputs_are_ignored(rows, exact, agreement):
    found = success(rows, SEPARATE, ignore_pruned_inputs=True)
    assert found[:2] == (exact, exact)
    assert found[-1] == success(rows, SEPARATE)[-1] == pytest.approx(agreement)


def test_wrong_edges_count_although_pruned_inputs_are_ignored():
    # Inputs 0, 1 feed the output of the others.
    found = success(["01 01 10 00", "10 01"], SEPARATE, ignore_pruned_inputs=True)
    assert found[:2] == (False, True)


def test_an_extra_edge_between_modules_is_not_exact():
    # Input 0 feeds the other side as well: the same modules, with an edge (see the analysis of this network).
    rows = ["1111110000 " + "1111100000 " * 3 + "0000011111 " * 4, "10 " * 5 + "01 " * 5]
    nodes = {"A": ((0, 1, 2, 3), (0,)), "B": ((4, 5, 6, 7), (1,))}
    assert success(rows, hierarchy(nodes)) == (False, True, True, True, False, 1)
    assert success(rows, hierarchy(nodes, "AB"))[0]
    assert not success(rows, hierarchy(nodes, "BA"))[0]


def relation_of(found, expected):
    both = Comparison([], Hierarchy((), (), (), found), expected)
    return relation(both), refines(both)


A, B, Y0, Y1, Y01 = ((0, 1), ()), ((2, 3), ()), ((), (0,)), ((), (1,)), ((), (0, 1))
X0, X1, FIRST_THREE, X3 = ((0,), ()), ((1,), ()), ((0, 1, 2), ()), ((3,), ())
TREE = hierarchy({"A": A, "B": B, "Y": Y0}, "AY BY")
"""y0 = f(a(x0, x1), b(x2, x3))."""
BOTH = hierarchy({"A": A, "Y": Y01}, "AY")
APART = hierarchy({"A": A, "B": B, "0": Y0, "1": Y1}, "A0 B1")


@pytest.mark.parametrize(
    ("found", "expected", "met"),
    [
        (TREE, TREE, (True, True)),
        # Whatever is between, and however the outputs are grouped.
        (hierarchy({"A": A, "B": B, "M": ((), ()), "Y": Y0}, "AM BM MY"), TREE, (True, True)),
        (hierarchy({"A": A, "0": Y0, "1": Y1}, "A0 A1"), hierarchy({"A": ((0, 1), (0, 1))}), (True, True)),
        (hierarchy({"A": A, "Y": Y01}, "AY"), hierarchy({"A": A, "0": Y0, "1": Y1}, "A0 A1"), (True, True)),
        # Modules that feed each other reach what both reach.
        (hierarchy({"A": A, "B": ((2, 3), (0,))}, "AB BA"), TREE, (True, True)),
        # An output that is not reached, and one that should not be.
        (hierarchy({"A": A, "0": Y0, "1": Y1}, "A0"), BOTH, (False, False)),
        (hierarchy({"A": A, "B": B, "0": Y0, "1": Y1}, "A0 B0 B1"), APART, (False, False)),
        # The right blocks with each other's outputs.
        (hierarchy({"A": A, "B": B, "0": Y0, "1": Y1}, "A1 B0"), APART, (False, False)),
        # Inputs across the blocks, and fewer or more of them.
        (hierarchy({"A": ((0, 2), ()), "B": ((1, 3), ()), "Y": Y0}, "AY BY"), TREE, (False, False)),
        (hierarchy({"A": ((0, 1, 2, 3), ()), "Y": Y0}, "AY"), TREE, (False, False)),
        (hierarchy({"A": A, "B": ((2,), ()), "Y": Y0}, "AY BY"), TREE, (False, False)),
        (hierarchy({"A": A, "B": B, "C": ((4,), ()), "Y": Y0}, "AY BY CY"), TREE, (False, False)),
        # Two blocks for one, which meet before they meet others: the last bit and a function of the first three.
        (hierarchy({"H": FIRST_THREE, "L": X3, "Y": Y0}, "HY LY"), hierarchy({"G": (range(4), (0,))}), (False, True)),
        (hierarchy({"0": X0, "1": X1, "M": ((), ()), "B": B, "Y": Y0}, "0M 1M MY BY"), TREE, (False, True)),
        # Those that never meet by themselves: each input alone divides nothing.
        (hierarchy({"0": X0, "1": X1, "B": B, "Y": Y0}, "0Y 1Y BY"), TREE, (False, False)),
        # Those that reach the outputs of the one together, and those that do not, or that lead elsewhere too.
        (hierarchy({"0": X0, "1": X1, "M": Y0, "Y": Y1}, "0M 1M 1Y"), BOTH, (False, True)),
        (hierarchy({"0": X0, "1": X1, "M": Y0, "Y": Y1}, "0M 1M"), BOTH, (False, False)),
        (hierarchy({"0": X0, "1": X1, "M": Y0, "B": B, "Y": Y1}, "0M 1M BY 1Y"), APART, (False, False)),
        # Nothing found, nothing expected.
        (hierarchy({"Y": Y0}), TREE, (False, False)),
        (hierarchy({"Y": Y0}), hierarchy({"Y": Y0}), (True, True)),
    ],
)
def test_the_relation_of_blocks_and_outputs(found, expected, met):
    assert relation_of(found, expected) == met


def test_the_relation_ignores_pruned_inputs_where_the_task_does():
    rows = ["10 10 01 00", "10 01"]
    for ignored in (False, True):
        met = score(compared(rows, SEPARATE, ignore_pruned_inputs=ignored)).met
        assert (met["relation"], met["refines"]) == (ignored, ignored)


def middle_graph(edges, outputs=None):
    """Modules L and R with an input each, Y0 and Y1 with an output each or as given, and those that edges name."""
    ends = {"L": ((0,), ()), "R": ((1,), ()), **(outputs or {"Y0": ((), (0,)), "Y1": ((), (1,))})}
    pairs = [tuple(edge.split(">")) for edge in edges.split()]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return hierarchy({name: ends.get(name, ((), ())) for name in (*ends, *names)}, pairs)


Y = {"Y": ((), (0, 1))}


@pytest.mark.parametrize(
    ("found", "groups", "separate"),
    [
        (middle_graph("L>M0 R>M0 L>M1 R>M1 M0>Y0 M1>Y1"), "0 1", True),
        # One module for both outputs.
        (middle_graph("L>I R>I I>Y0 I>Y1"), "0 1", False),
        (middle_graph("L>I R>I I>Y0 I>Y1"), "01", True),
        (middle_graph("L>I R>I I>Y", Y), "0 1", False),
        (middle_graph("L>I R>I I>Y", Y), "01", True),
        # No module between.
        (middle_graph("L>Y0 R>Y0 L>Y1 R>Y1"), "0 1", False),
        # One output has none.
        (middle_graph("L>M0 R>M0 M0>Y0 L>Y1 R>Y1"), "0 1", False),
        # Two for one output; beside a direct edge.
        (middle_graph("L>M0 R>M2 M0>Y0 M2>Y0 L>M1 M1>Y1 R>Y1"), "0 1", True),
        # One after the other.
        (middle_graph("L>M0 R>M2 M0>M2 M2>Y0 R>M1 M1>Y1"), "0 1", True),
        (middle_graph("L>M0 R>M1 M0>M1 M1>Y1 M0>Y0"), "0 1", False),
        # Two that feed each other.
        (middle_graph("L>M0 R>M2 M0>M2 M2>M0 M0>Y0 R>M1 M1>Y1"), "0 1", True),
        # By way of the module of the other output.
        (middle_graph("L>M0 R>M1 M0>Y0 M1>Y1 Y0>Y1"), "0 1", False),
    ],
)
def test_the_middle_is_divided_by_groups_of_outputs(found, groups, separate):
    expected = hierarchy({group: ((), tuple(map(int, group))) for group in groups.split()})
    assert middle_layer_separability(Comparison([], Hierarchy((), (), (), found), expected)) is separate


def test_the_middle_layer_does_not_depend_on_exact():
    """A module between inputs and outputs for each output, where one for both is expected."""
    everything = [np.ones((2, 2), dtype=bool), np.ones((2, 2), dtype=bool)]
    kept = (np.ones(2, dtype=bool),) * 3
    expected = middle_graph("L>I R>I I>Y0 I>Y1")
    found = middle_graph("L>M0 R>M0 L>M1 R>M1 M0>Y0 M1>Y1")
    for graph, exact in ((found, False), (expected, True)):
        met = score(Comparison(everything, Hierarchy(kept, (), (), graph), expected)).met
        assert (met["exact"], met["input_separability"], met["middle_layer_separability"]) == (exact, True, not exact)


def test_inputs_are_left_out_of_a_copy():
    fewer = with_inputs(SEPARATE, np.array([False, True, True, False]))
    assert dict(fewer.nodes(data="inputs")) == {"A": (1,), "B": (2,)}
    assert dict(fewer.nodes(data="outputs")) == {"A": (0,), "B": (1,)}
    assert SEPARATE.nodes["A"]["inputs"] == (0, 1)
    assert nx.utils.edges_equal(with_inputs(REUSED, np.ones(2, dtype=bool)).edges, REUSED.edges)


def test_partition_leaves_out_modules_without_such_ends():
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
def test_hidden_units_are_separate(rows, separate):
    groups = ((0, 2), (1,)) if len(rows[-1].split()[0]) == 3 else ((0,), (1,))
    expected = hierarchy({number: ((), group) for number, group in enumerate(groups)})
    assert hidden_unit_separability(compared(rows, expected)) is separate


@pytest.mark.parametrize(
    ("table", "index"),
    [
        # Cells 1 + 6 = 7 pairs, rows 1 + 6 + 6 = 13, columns 1 + 3 + 10 = 14, of 45: (7 - 182/45) / (13.5 - 182/45).
        ([[1, 1, 0], [1, 2, 1], [0, 0, 4]], 266 / 851),
        # One of eight things strays: cells 6 + 3, rows 10 + 3, columns 6 + 6, of 28: (9 - 156/28) / (12.5 - 156/28).
        ([[4, 1], [0, 3]], 48 / 97),
        # Two halves crossed: no pair is kept together: (0 - 4/6) / (2 - 4/6).
        ([[1, 1], [1, 1]], -1 / 2),
        ([[2, 2]], 0),  # everything in one group, against two halves
        ([[1, 0], [1, 0], [0, 1], [0, 1]], 0),  # everything by itself
        *(([[size]], 1) for size in (0, 1, 4)),
        ([[1, 0], [0, 1]], 1),
    ],
)
def test_agreement_of_contingency_tables_worked_out_by_hand(table, index):
    table = np.array(table)
    rows, columns = (np.repeat(labels.ravel(), table.ravel()) for labels in np.indices(table.shape))
    assert adjusted_rand_index(rows, columns) == pytest.approx(index)


def test_inputs_in_no_module_agree_with_none():
    """A reader may leave out inputs that the network keeps: here one of a pair, 1 of 6 pairs together, 2 expected."""
    kept = (np.ones(4, dtype=bool), np.ones(2, dtype=bool))
    found = hierarchy({"A": ((0, 1), (0,)), "B": ((2,), (1,))})
    both = Comparison([], Hierarchy(kept, (), (), found), SEPARATE)
    assert input_agreement(both) == pytest.approx((1 - 1 / 3) / (3 / 2 - 1 / 3))


LABELS = st.integers(2, 40).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(0, 5), min_size=size, max_size=size)] * 2)
)


@given(LABELS, st.data())
def test_agreement_is_that_of_scikit_learn_and_one_for_equal_partitions_alone(labels, data):
    one, other = map(np.array, labels)
    found = adjusted_rand_index(one, other)
    assert found == pytest.approx(adjusted_rand_score(one, other))
    assert -1 <= found <= 1
    assert (found == 1) == (groups_of(one) == groups_of(other))
    assert adjusted_rand_index(other, one) == found
    order, names = data.draw(orders(len(one))), data.draw(orders(6))
    assert adjusted_rand_index(one[order], other[order]) == found
    assert adjusted_rand_index(one, names[one]) == 1
