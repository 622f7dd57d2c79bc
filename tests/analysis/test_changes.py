"""What has changed between two hierarchies, in cases worked out by hand."""

import networkx as nx
import pytest

from neural_sculpting.analysis.changes import Changes, changes_between, unchanged

Ends = dict[str, tuple[tuple[int, ...], tuple[int, ...]]]


def hierarchy(ends: Ends, *reads: str) -> nx.DiGraph:
    """Modules with their inputs and outputs; "AC" says that C reads A."""
    graph = nx.DiGraph()
    for name, (inputs, outputs) in ends.items():
        graph.add_node(name, inputs=inputs, outputs=outputs)
    graph.add_edges_from(tuple(pair) for pair in reads)
    return graph


ENDS: Ends = {"A": ((0, 1), (0,)), "B": ((2, 3), (1,)), "C": ((), (2,))}
TWO_LEAVES = hierarchy(ENDS, "AC", "BC")
KEPT = (("A", "A"), ("B", "B"), ("C", "C"))


def test_the_same_hierarchy_with_other_names_is_kept() -> None:
    named = nx.relabel_nodes(TWO_LEAVES, {"A": "X", "B": "Y", "C": "Z"})
    found = changes_between(TWO_LEAVES, named)
    assert found == Changes(kept=(("A", "X"), ("B", "Y"), ("C", "Z")))
    assert not found.any
    assert unchanged(TWO_LEAVES) == Changes(kept=KEPT)


def test_an_input_that_moves() -> None:
    other = hierarchy({"A": ((0, 1, 2), (0,)), "B": ((3,), (1,)), "C": ((), (2,))}, "AC", "BC")
    found = changes_between(TWO_LEAVES, other)
    assert found == Changes(kept=(("C", "C"),), altered=(("A", "A"), ("B", "B")), inputs=(2,))


def test_a_new_output_that_reads_a_leaf() -> None:
    other = hierarchy(ENDS | {"D": ((), (3,))}, "AC", "BC", "AD")
    found = changes_between(TWO_LEAVES, other)
    assert found == Changes(kept=KEPT, new=("D",), reads_new=(("A", "D"),), outputs=(3,))


def test_two_modules_that_became_one() -> None:
    other = hierarchy({"M": ((0, 1, 2, 3), (0, 1)), "C": ((), (2,))}, "MC")
    found = changes_between(TWO_LEAVES, other)
    assert found.altered == (("A", "M"),)
    assert (found.gone, found.new) == (("B",), ())
    assert (found.reads_gone, found.reads_new) == ((("B", "C"),), ())
    assert (found.inputs, found.outputs) == ((2, 3), (1,))
    back = changes_between(other, TWO_LEAVES)
    assert (back.gone, back.new, back.reads_new) == ((), ("B",), (("B", "C"),))


def test_a_module_without_inputs_and_outputs_is_known_by_what_is_below_and_above() -> None:
    ends: Ends = {"A": ((0,), ()), "B": ((1,), ()), "M": ((), ()), "C": ((), (0,)), "D": ((), (1,))}
    one = hierarchy(ends, "AM", "MC", "BD")
    assert changes_between(one, hierarchy(ends, "AM", "MC", "BD")).kept == tuple((name, name) for name in ends)
    other = changes_between(one, hierarchy(ends, "BM", "MD", "AC"))
    assert ("M", "M") not in other.kept
    assert (other.gone, other.new) == (("M",), ("M",))


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_ends_of_one_hierarchy_alone_have_moved(kind: str) -> None:
    other = nx.DiGraph(TWO_LEAVES)
    other.nodes["A"][kind] = (*other.nodes["A"][kind], 9)
    assert getattr(changes_between(TWO_LEAVES, other), kind) == (9,)
    assert changes_between(nx.DiGraph(), TWO_LEAVES).new == ("A", "B", "C")
