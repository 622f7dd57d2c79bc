"""Every Boolean family against rows and graphs worked out by hand."""

from itertools import product

import numpy as np
import pytest
from task_checks import check_dependencies

from neural_sculpting.records.criteria import criteria_of
from neural_sculpting.tasks import Task, build_task

BASIC = ["exact", "relation", "refines", "input_separability", "output_sub_functions"]

EVERY_SIZE = [
    ("boolean_sep", {}),
    ("boolean_sep_reused", {}),
    ("boolean_single", {}),
    *[("boolean_reused", {"uses": uses}) for uses in (1, 8)],
    *[("boolean_hierarchy", {"uses": uses}) for uses in (1, 8)],
    *[("boolean_overlap", {"overlap": overlap, "uses": uses}) for overlap, uses in product(range(5), (1, 8))],
]


def outputs_for(task: Task, bits: str) -> str:
    """Return the outputs of the row whose inputs are these bits."""
    matching = (task.training.inputs == [int(bit) for bit in bits]).all(axis=1)
    assert matching.sum() == 1
    return "".join(str(int(value)) for value in task.training.targets[matching][0])


def check_graph(task: Task, layers: int, nodes: dict[str, tuple], edges: set[tuple[str, str]]) -> None:
    found = task.expected_hierarchy(layers)
    assert {name: (node["inputs"], node["outputs"]) for name, node in found.nodes(data=True)} == nodes
    assert set(found.edges) == edges


@pytest.mark.parametrize(("name", "parameters"), EVERY_SIZE)
def test_the_truth_table_is_complete_and_matches_the_hierarchy(name, parameters):
    task = build_task(name, **parameters)
    inputs, targets = task.training.inputs, task.training.targets
    assert inputs.dtype == targets.dtype == np.float32
    assert targets.shape == (2**task.n_inputs, task.n_outputs)
    numbers = inputs @ 2 ** np.arange(task.n_inputs)[::-1]
    assert numbers.tolist() == list(range(2**task.n_inputs)), "rows count up, input 0 is the most significant bit"
    assert set(np.unique(inputs)) | set(np.unique(targets)) == {0, 1}
    check_dependencies(task, hidden_layers=4)
    for hidden_layers in (1, 3):
        nodes = task.expected_hierarchy(hidden_layers).nodes
        assert sorted(n for node in nodes for n in nodes[node]["inputs"]) == list(range(task.n_inputs))
        assert sorted(n for node in nodes for n in nodes[node]["outputs"]) == list(range(task.n_outputs))


ROWS = {
    "boolean_sep": ({}, "0101 0110 0110 0101 1001 1010 1010 1001 1001 1010 1010 1001 0101 0110 0110 0101"),
    "boolean_reused": ({"uses": 2}, "0000 0000 0000 0101 0000 0000 0000 0000 0000 0000 1111 0000 1010 0000 0000 0000"),
    "boolean_single": ({}, "0000 0000 0000 1111 0000 0000 0000 0000 0000 0000 1111 0000 1111 0000 0000 0000"),
}


@pytest.mark.parametrize("name", ROWS)
def test_truth_tables_of_four_inputs(name):
    parameters, wanted = ROWS[name]
    task = build_task(name, **parameters)
    assert [outputs_for(task, f"{row:04b}") for row in range(16)] == wanted.split()
    assert (task.name, task.parameters) == (name, parameters)


def test_the_truth_table_of_boolean_sep_reused():
    task = build_task("boolean_sep_reused")
    wanted = {
        **{"000000": "000", "110000": "110", "001100": "101", "000011": "011"},
        **{"101010": "000", "110011": "111", "111111": "111"},
    }
    assert {bits: outputs_for(task, bits) for bits in wanted} == wanted
    assert task.training.targets.sum(axis=0).tolist() == [28, 28, 28]  # 64 · (1 − (3/4)²)


OF_TWO = {"A": ((0, 1), ()), "B": ((2, 3), ()), "C": ((4, 5), ())}
BOTH_FOURS = {"A": ((0, 1, 2, 3), ()), "B": ((4, 5, 6, 7), ())}
INTO_I = {("A", "I"), ("B", "I")}


@pytest.mark.parametrize(
    ("name", "parameters", "depths", "nodes", "edges", "min_width"),
    [
        ("boolean_sep", {}, (1, 2, 3), {"A": ((0, 1), (0, 1)), "B": ((2, 3), (2, 3))}, set(), 2),
        ("boolean_single", {}, (1,), {"A": ((0, 1, 2, 3), (0, 1, 2, 3))}, set(), 1),
        (
            *("boolean_reused", {"uses": 2}, (1, 2, 3)),
            {"A": ((0, 1, 2, 3), ()), "E": ((), (0, 2)), "O": ((), (1, 3))},
            *({("A", "E"), ("A", "O")}, 1),
        ),
        (
            *("boolean_sep_reused", {}, (1, 2, 3)),
            {**OF_TWO, "AB": ((), (0,)), "AC": ((), (1,)), "BC": ((), (2,))},
            *({(one, both) for both in ("AB", "AC", "BC") for one in both}, 1),
        ),
        ("boolean_hierarchy", {"uses": 2}, (1, 2), {**BOTH_FOURS, "I": ((), (0, 1, 2, 3))}, INTO_I, 1),
        (
            *("boolean_hierarchy", {"uses": 2}, (3, 4, 5)),
            {**BOTH_FOURS, "I": ((), ()), "E": ((), (0, 2)), "O": ((), (1, 3))},
            *({*INTO_I, ("I", "E"), ("I", "O")}, 1),
        ),
    ],
)
def test_the_hierarchy_by_depth(name, parameters, depths, nodes, edges, min_width):
    task = build_task(name, **parameters)
    for hidden_layers in depths:
        check_graph(task, hidden_layers, nodes, edges)
    assert (criteria_of(task), task.min_width()) == (BASIC, min_width)


# Inputs of the row, then whether x0..x3 is in F and whether the last four inputs are in G.
OVERLAP_ROWS = {
    0: {"00000000": "00", "00110000": "10", "00001001": "01", "11000101": "11", "01011100": "00"},
    1: {"0000000": "00", "1100000": "10", "0001111": "01", "0011001": "11", "1010101": "11"},
    2: {"001100": "10", "000101": "01", "001001": "01", "001111": "11", "101001": "11", "110001": "10"},
    3: {"00111": "10", "10100": "10", "00101": "01", "11111": "01", "10101": "11", "11001": "11"},
    4: {"0011": "10", "1010": "10", "1100": "10", "0101": "01", "1001": "01", "1111": "01", "0110": "00"},
}


@pytest.mark.parametrize("overlap", range(5))
def test_the_truth_table_of_boolean_overlap(overlap):
    task = build_task("boolean_overlap", overlap=overlap, uses=1)
    assert task.n_inputs == 8 - overlap
    rows = OVERLAP_ROWS[overlap]
    assert {bits: outputs_for(task, bits) for bits in rows} == rows
    assert task.training.targets.sum(axis=0).tolist() == [3 * 2 ** (4 - overlap)] * 2
    several = build_task("boolean_overlap", overlap=overlap, uses=3)
    assert np.array_equal(several.training.targets, np.tile(task.training.targets, 3))


OVERLAP_NODES = {
    0: {"E": ((0, 1, 2, 3), (0, 2)), "O": ((4, 5, 6, 7), (1, 3))},
    1: {"own_F": ((0, 1, 2), ()), "shared": ((3,), ()), "own_G": ((4, 5, 6), ())},
    2: {"own_F": ((0, 1), ()), "shared": ((2, 3), ()), "own_G": ((4, 5), ())},
    3: {"own_F": ((0,), ()), "shared": ((1, 2, 3), ()), "own_G": ((4,), ())},
    4: {"shared": ((0, 1, 2, 3), ())},
}


@pytest.mark.parametrize("overlap", range(5))
@pytest.mark.parametrize("hidden_layers", [1, 2, 3])
def test_the_hierarchy_of_boolean_overlap(overlap, hidden_layers):
    task = build_task("boolean_overlap", overlap=overlap, uses=2)
    outputs = {"E": ((), (0, 2)), "O": ((), (1, 3))}
    nodes = {**outputs, **OVERLAP_NODES[overlap]}
    edges = {("own_F", "E"), ("shared", "E"), ("shared", "O"), ("own_G", "O")}
    edges = {edge for edge in edges if edge[0] in nodes}
    check_graph(task, hidden_layers, nodes, edges)
    assert criteria_of(task) == [*BASIC, "hidden_unit_separability"]
    assert task.min_width() == (2 if overlap == 0 else 1)


def test_the_truth_table_of_boolean_hierarchy():
    task = build_task("boolean_hierarchy", uses=2)
    rows = {
        **{"00000000": "0000", "00110000": "1010", "00000101": "0101", "00110101": "0000"},
        **{"11001110": "1010", "01111001": "0101", "10101111": "0000"},
    }
    assert {bits: outputs_for(task, bits) for bits in rows} == rows
    assert task.training.targets.sum(axis=0).tolist() == [39] * 4  # 3 · (16 − 3)
    assert not (task.training.targets[:, 0] * task.training.targets[:, 1]).any()
