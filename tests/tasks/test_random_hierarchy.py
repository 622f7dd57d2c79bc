from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_checks import check_dependencies
from user_errors import message_of

from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.bit_functions import column_multiplicity
from neural_sculpting.tasks.random_hierarchy import (
    as_function,
    decomposes,
    depends_on,
    has_trees,
    is_associative,
    merges,
    random_function,
)

AND = np.array([[0, 0], [0, 1]], dtype=bool)
OR = np.array([[0, 1], [1, 1]], dtype=bool)
XOR = np.array([[0, 1], [1, 0]], dtype=bool)
MAJORITY = np.indices((2, 2, 2)).sum(axis=0) >= 2
FIRST = np.array([[0, 0], [1, 1]], dtype=bool)  # the second bit is idle
SHAPES = [
    {"depth": 1, "fan_in": 3, "reuse": 1, "sub_functions": 2},
    {"depth": 2, "fan_in": 2, "reuse": 1, "sub_functions": 4},
    {"depth": 2, "fan_in": 2, "reuse": 2, "sub_functions": 3},
    {"depth": 3, "fan_in": 2, "reuse": 1, "sub_functions": 4},
    {"depth": 3, "fan_in": 2, "reuse": 2, "sub_functions": 3},
    {"depth": 2, "fan_in": 3, "reuse": 3, "sub_functions": 3},
    {"depth": 3, "fan_in": 2, "reuse": 2, "sub_functions": 5},
]


def task_of(graph_seed, uses=1, **shape):
    return build_task("random_hierarchy", **shape, uses=uses, graph_seed=graph_seed)


@pytest.mark.parametrize(
    ("table", "expected"),
    [(AND, True), (OR, True), (XOR, True), (~XOR, True), (FIRST, False), (MAJORITY, False)],
)
def test_operations_that_can_be_regrouped(table, expected):
    assert is_associative(table) == expected


@pytest.mark.parametrize(
    ("user", "index", "used", "expected"),
    [
        (AND, 0, AND, True),  # three bits, all of which must be 1
        (OR, 1, OR, True),
        (XOR, 0, XOR, True),  # the parity of three bits
        (XOR, 1, ~XOR, True),
        (OR, 0, AND, False),
        (AND, 0, ~OR, True),  # neither of two, and a third
        (AND, 1, XOR, False),
        (XOR, 0, AND, False),
    ],
)
def test_mergeable_functions(user, index, used, expected):
    assert merges(user, index, used) == expected


@given(st.integers(1, 4), st.integers(0, 1000))
def test_random_functions_depend_on_all_their_bits(fan_in, seed):
    table = random_function(fan_in, np.random.default_rng(seed))
    assert depends_on(table, range(fan_in))
    rows = np.indices(table.shape).reshape(fan_in, -1).astype(bool)
    assert as_function(table)(*rows).tolist() == table.flatten().tolist()


def test_an_idle_bit_is_found():
    assert depends_on(FIRST, [0])
    assert not depends_on(FIRST, [0, 1])


@given(st.sampled_from(SHAPES), st.integers(0, 10_000), st.integers(1, 3))
def test_the_hierarchy_has_the_requested_shape(shape, graph_seed, uses):
    task = task_of(graph_seed, uses, **shape)
    hierarchy = task.expected_hierarchy(hidden_layers=3)
    assert nx.dag_longest_path_length(hierarchy) == shape["depth"] - 1
    sizes = [shape["sub_functions"]]
    for _ in range(shape["depth"] - 1):
        sizes.append(sizes[-1] * shape["reuse"] // shape["fan_in"])
    levels = [len(level) for level in nx.topological_generations(hierarchy)]
    assert levels == sizes
    for module, node in hierarchy.nodes(data=True):
        level = int(module.partition(".")[0])
        assert len(node["inputs"]) == (shape["fan_in"] if level == 1 else 0)
        assert hierarchy.in_degree(module) == (0 if level == 1 else shape["fan_in"])
        assert hierarchy.out_degree(module) == (0 if level == shape["depth"] else shape["reuse"])
        assert len(node["outputs"]) == (uses if level == shape["depth"] else 0)


@given(st.sampled_from(SHAPES), st.integers(0, 10_000))
def test_outputs_depend_on_exactly_the_inputs_below_them(shape, graph_seed):
    check_dependencies(task_of(graph_seed, **shape), hidden_layers=3)


PARITY = np.indices((2, 2, 2)).sum(axis=0) % 2 == 1
MULTIPLEXER = np.array([[[0, 0], [1, 1]], [[0, 1], [0, 1]]], dtype=bool)  # the first bit chooses one of the others
FOUR = np.indices((2,) * 4).astype(bool)


@pytest.mark.parametrize(
    ("table", "subset", "expected"),
    [
        (MAJORITY, (0, 1), 3),  # the third bit counts if just one of these is 1
        (PARITY, (0, 2), 2),
        (MULTIPLEXER, (1, 2), 4),
        (MULTIPLEXER, (0, 1), 3),  # 1 0 and 1 1 leave the third bit
        (MULTIPLEXER, (0,), 2),
        (MULTIPLEXER, (0, 1, 2), 2),
        (np.stack([PARITY, MULTIPLEXER], axis=-1), (0, 1), 4),  # 1 0 and 1 1 differ in the parity
    ],
)
def test_column_multiplicity(table, subset, expected):
    assert column_multiplicity(table, subset) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (AND, False),
        (MAJORITY, False),  # three values, but every function of three bits has such a pair
        (MULTIPLEXER, False),
        (PARITY, True),
        (FOUR[0] & (FOUR[1] ^ FOUR[2]) | FOUR[3], True),
        (FOUR.sum(axis=0) >= 2, True),  # two of them act through their number, which has three values
    ],
)
def test_functions_that_decompose(table, expected):
    assert decomposes(table) == expected


def test_how_many_functions_of_three_bits_are_left():
    tables = [np.array(bits).reshape(2, 2, 2) for bits in product([False, True], repeat=8)]
    whole = [table for table in tables if depends_on(table, range(3))]
    assert (len(whole), sum(not decomposes(table) for table in whole)) == (218, 104)


@given(st.sampled_from([3, 4]), st.integers(0, 1000))
def test_random_functions_do_not_decompose(fan_in, seed):
    assert not decomposes(random_function(fan_in, np.random.default_rng(seed)))


@given(st.sampled_from(SHAPES), st.integers(0, 10_000))
def test_every_sub_function_follows_from_the_function_of_the_task(shape, graph_seed):
    """Each acts through one bit on all outputs that depend on it, and no exchange of an input does as well."""
    task = task_of(graph_seed, **shape)
    hierarchy = task.expected_hierarchy(hidden_layers=3)
    assert task.graph.scored_by == ("exact" if has_trees(**shape) else "relation")
    table = task.training.targets.astype(bool).reshape((2,) * task.n_inputs + (-1,))
    below = {module: {module, *nx.ancestors(hierarchy, module)} for module in hierarchy}
    inputs = {module: {i for used in below[module] for i in hierarchy.nodes[used]["inputs"]} for module in hierarchy}
    for module, node in hierarchy.nodes(data=True):
        if node["outputs"] or (task.graph.scored_by == "relation" and not node["inputs"]):
            continue
        users = [above for above in hierarchy if hierarchy.nodes[above]["outputs"] and module in below[above]]
        function = table[..., [n for above in users for n in hierarchy.nodes[above]["outputs"]]]
        assert column_multiplicity(function, sorted(inputs[module])) == 2
        others = set().union(*(inputs[above] for above in users)) - inputs[module]
        for one, other in product(inputs[module], others):
            assert column_multiplicity(function, sorted({*inputs[module], other} - {one})) > 2


def test_where_the_middle_is_not_determined_it_is_said(caplog):
    caplog.set_level("INFO")
    assert task_of(321, depth=3, fan_in=2, reuse=2, sub_functions=3).graph.scored_by == "relation"
    assert "depth=3, reuse=2 and sub_functions=3: what is between the first and the last level does not" in caplog.text


def test_a_seed_fixes_the_task_and_another_changes_it():
    shape = {"depth": 2, "fan_in": 2, "reuse": 2, "sub_functions": 4}
    one, again, other = (task_of(seed, **shape).training.targets for seed in (5, 5, 6))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("depth", "fan_in", "reuse", "sub_functions", "message"),
    [
        (1, 4, 1, 5, "with fan_in=4 they read 20 inputs"),
        (2, 2, 1, 3, "level 1 has 3 sub-functions"),
        (3, 2, 1, 2, "level 2 has 1 sub-functions"),
        (2, 4, 3, 2, "level 1 has 2 sub-functions"),
    ],
)
def test_impossible_shapes_are_refused(depth, fan_in, reuse, sub_functions, message):
    shape = {"depth": depth, "fan_in": fan_in, "reuse": reuse, "sub_functions": sub_functions}
    assert message_of(task_of, 0, **shape).startswith(f"task.sub_functions={sub_functions}: {message}")
