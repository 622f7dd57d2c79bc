import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from user_errors import message_of

from neural_sculpting.tasks import Graph, SubFunction


def source(name: str = "A", **more) -> SubFunction:
    return SubFunction(name, **{"inputs": (0,), "outputs": (0,), **more})


def chain(*depths: int) -> Graph:
    """Return sub-functions M0 → M1 → …, each with one output, that show from these depths."""
    parts = [SubFunction("M0", inputs=(0,), outputs=(0,), shows_from=depths[0])]
    for number, depth in enumerate(depths[1:], start=1):
        uses = (f"M{number - 1}",)
        parts.append(SubFunction(f"M{number}", uses=uses, outputs=(number,), shows_from=depth))
    return Graph(tuple(parts))


def test_bits_arrive_in_order_inputs_before_sub_functions():
    first = SubFunction("first", inputs=(2, 0))
    last = SubFunction("last", (1,), ("first",), lambda x1, x2, x0: (x1, x2 & ~x0), outputs=(1, 0))
    inputs, targets = Graph((first, last)).truth_table()
    assert targets[:, 1].tolist() == inputs[:, 1].tolist()
    assert targets[:, 0].tolist() == [0, 1, 0, 1, 0, 0, 0, 0]


def test_one_bit_goes_to_all_outputs():
    graph = Graph((SubFunction("A", inputs=(0, 1), function=np.logical_and, outputs=(0, 1, 2)),))
    assert graph.truth_table()[1].tolist() == [[0, 0, 0]] * 3 + [[1, 1, 1]]


def test_a_hidden_sub_function_is_merged_with_all_that_use_it():
    gathered = SubFunction("in", inputs=(0,))
    middle = SubFunction("mid", uses=("in",), shows_from=3)
    left = SubFunction("left", uses=("mid",), outputs=(1,))
    right = SubFunction("right", uses=("mid",), outputs=(0,))
    graph = Graph((gathered, middle, left, right))
    shallow = graph.hierarchy(2)
    assert dict(shallow.nodes(data=True)) == {
        "in": {"inputs": (0,), "outputs": ()},
        "mid": {"inputs": (), "outputs": (0, 1)},
    }
    assert list(shallow.edges) == [("in", "mid")]
    assert set(graph.hierarchy(3).nodes) == {"in", "mid", "left", "right"}


def test_hidden_sub_functions_are_merged_along_a_chain():
    graph = chain(3, 2, 1, 1)
    assert [graph.hierarchy(layers).number_of_nodes() for layers in (1, 2, 3)] == [2, 3, 4]
    assert graph.hierarchy(1).nodes["M0"] == {"inputs": (0,), "outputs": (0, 1, 2)}
    assert list(graph.hierarchy(1).edges) == [("M0", "M3")]


@given(depths=st.lists(st.integers(1, 4), min_size=1, max_size=5), layers=st.integers(1, 5))
def test_each_hidden_sub_function_of_a_chain_is_one_module_less(depths, layers):
    graph = chain(*depths)
    hidden = sum(depth > layers for depth in depths[:-1])  # the last one is used by nothing
    assert graph.hierarchy(layers).number_of_nodes() == len(depths) - hidden
    assert graph.n_separable_parts() == 1


@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=5))
def test_separable_parts_are_counted(sizes):
    parts, number = [], 0
    for group, size in enumerate(sizes):
        for member in range(size):
            uses = (f"{group}.{member - 1}",) if member else ()
            parts.append(SubFunction(f"{group}.{member}", (number,), uses, np.logical_or.reduce, (number,)))
            number += 1
    assert Graph(tuple(parts)).n_separable_parts() == len(sizes)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((source(), source(inputs=(1,), outputs=(1,))), "sub-function A: the name is taken"),
        ((source(uses=("A",)),), "sub-function A: uses A, which is not defined before it"),
        ((source(), source("B", inputs=(1,), outputs=())), "sub-function B: must have outputs or be used"),
        ((source(), source("B", outputs=(1,))), "inputs of the sub-functions: 0, 0; must be numbered"),
        ((source(), source("B", inputs=(1,))), "outputs of the sub-functions: 0, 0; must be numbered"),
        ((source(outputs=(1,)),), "outputs of the sub-functions: 1; must be numbered"),
        ((), "inputs of the sub-functions: none; must be numbered"),
    ],
)
def test_inconsistent_sub_functions_are_refused(parts, message):
    assert message_of(Graph, parts).startswith(message)


def test_a_truth_table_has_at_most_sixteen_inputs():
    graph = Graph((source(inputs=range(17)),))
    assert graph.n_inputs == 17
    assert message_of(graph.truth_table) == "17 inputs: a whole truth table has at most 16"


def test_thousands_of_inputs_have_a_hierarchy():
    graph = Graph((source(inputs=range(784)), source("B", inputs=range(784, 1568), outputs=(1,))))
    hierarchy = graph.hierarchy(2)
    assert hierarchy.nodes["B"] == {"inputs": tuple(range(784, 1568)), "outputs": (1,)}
    assert graph.n_separable_parts() == 2


def test_sub_functions_must_read_something():
    assert message_of(SubFunction, "A", outputs=(0,)).startswith("sub-function A: must read inputs or use other sub-")
    assert message_of(SubFunction, "C", uses="AB", outputs=(0,)) == "sub-function C: uses='AB' must be a tuple of names"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: 2 - x, "2 for output 0 with the inputs 0; must be 0 or 1 (a + b adds numbers"),
        (lambda x: x[:1], "bool[1]; must be bool[2]"),
        (lambda x: (), "nothing; must be bool[2]"),
        (lambda x: (x, x), "2 bits for 3 outputs; must be one for all"),
    ],
)
def test_functions_must_return_one_boolean_column_or_one_for_each_output(function, message):
    graph = Graph((source(function=function, outputs=range(3)),))
    assert message_of(graph.truth_table).startswith(f"sub-function A: its function returns {message}")
