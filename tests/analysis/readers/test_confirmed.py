"""The confirmed reader: masks that contain a hierarchy are read right, whatever else they suggest is refused."""

from itertools import pairwise

import numpy as np
import pytest
from function_examples import relation
from hierarchy_examples import hierarchy, masks_of
from hypothesis import given
from network_strategies import networks

import neural_sculpting as ns
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.readers import Examples, StageGraph
from neural_sculpting.analysis.readers.confirmed import columns_of, confirmed
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.errors import UserError
from neural_sculpting.tasks import Graph, SubFunction
from neural_sculpting.tasks.graph import all_bits
from neural_sculpting.tasks.random_hierarchy import random_hierarchy

UNITS = 2
"""Of each sub-function, in the masks that contain a hierarchy."""


def bits_of(count, outputs=1):
    rows = all_bits(count).astype(np.float64)
    return Examples(rows, np.zeros((len(rows), outputs)), inputs_are_bits=True)


def read_table(masks, function, count):
    return confirmed(StageGraph(tuple(masks)), function=function, examples=bits_of(count))


def lookup(graph):
    """The function that has learned a graph."""
    table, places = graph.truth_table()[1], 1 << np.arange(graph.n_inputs)[::-1]
    return lambda rows: table[rows.astype(int) @ places]


def oracle_masks(graph, depth):
    """The masks of a network that has each sub-function in its layer, with units that read all of what it uses."""
    levels = [[each for each in graph.sub_functions if each.name.startswith(f"{n}.")] for n in range(1, depth + 1)]
    first = np.zeros((graph.n_inputs, len(levels[0])), dtype=bool)
    for index, part in enumerate(levels[0]):
        first[list(part.inputs), index] = True
    between = [
        np.array([[part.name in user.uses for user in upper] for part in lower]) for lower, upper in pairwise(levels)
    ]
    last = np.array([[output in part.outputs for output in range(graph.n_outputs)] for part in levels[-1]])
    wide = [np.repeat(np.repeat(mask, UNITS, axis=0), UNITS, axis=1) for mask in between]
    return [np.repeat(first, UNITS, axis=1), *wide, np.repeat(last, UNITS, axis=0)]


@pytest.mark.parametrize(
    "shape",  # depth, fan-in, reuse, sub-functions
    [
        *((1, 2, 1, 2), (1, 3, 1, 2), (2, 2, 1, 2), (2, 2, 2, 3), (2, 2, 2, 4)),
        *(pytest.param(shape, marks=pytest.mark.slow) for shape in [(1, 4, 1, 2), (2, 3, 1, 3), (2, 3, 2, 3)]),
        *(pytest.param(shape, marks=pytest.mark.slow) for shape in [(3, 2, 1, 4), (3, 2, 2, 3), (3, 2, 2, 5)]),
        pytest.param((4, 2, 1, 8), marks=pytest.mark.slow),
    ],
)
def test_masks_that_contain_a_random_hierarchy_are_read_right(shape, request):
    slow = request.node.get_closest_marker("slow")
    for seed in range(1000, 1012 if slow else 1003):
        graph = random_hierarchy(*shape, 1, seed)
        reading = read_table(oracle_masks(graph, shape[0]), lookup(graph), graph.n_inputs)
        expected = graph.hierarchy(shape[0])
        if graph.scored_by == "exact":
            assert same_hierarchy(reading.hierarchy, expected), seed
        assert relation_of(reading.hierarchy) == relation_of(expected), seed


def conjunction_of_parities(rows):
    a, b, c, d = (rows > 0.5).T
    return np.stack([(a ^ b) & (c ^ d)], axis=1).astype(np.float64)


def test_what_suggests_each_block_is_evidence():
    reading = read_table(masks_of("10 10 01 01", "1 1"), conjunction_of_parities, 4)
    pairs = hierarchy({"A": ([0, 1], []), "B": ([2, 3], []), "Y": ([], [0])}, "AY BY")
    assert same_hierarchy(reading.hierarchy, pairs)
    assert [units for _, units in reading.hierarchy.nodes(data="units")] == [((1, 0),), ((1, 1),), ()]
    assert reading.evidence["blocks"] == [
        {"inputs": [inputs, inputs + 1], "outputs": [0], "values": 2, "chance": None, "suggested_by": "cluster"}
        for inputs in (0, 2)
    ]
    assert reading.evidence["identifiable"] == "unique"


def test_a_graph_that_suggests_nothing_right_finds_nothing():
    # The function has blocks; the masks suggest others, and the reader does not look for more.
    reading = read_table(masks_of("10 01 10 01", "1 1"), conjunction_of_parities, 4)
    assert relation(reading.hierarchy) == ["0123 -> 0"]
    assert sorted(reading.evidence["suggested"]) == [[0, 2], [1, 3]]
    assert reading.evidence["blocks"] == []


def test_wires_are_not_dependence():
    # Both outputs read everything; what the second reads of the first pair cancels.
    def function(rows):
        a, b, c, d = (rows > 0.5).T
        return np.stack([(a ^ b) & (c ^ d), c ^ d], axis=1).astype(np.float64)

    reading = read_table(masks_of("10 10 01 01", "11 11"), function, 4)
    assert relation(reading.hierarchy) == ["01 -> 0", "23 -> 01"]


@given(networks())
def test_every_network_gets_a_hierarchy_of_what_it_computes(masks):
    weights = [np.where(mask, np.random.default_rng(n).normal(size=mask.shape), 0) for n, mask in enumerate(masks)]

    def function(rows):
        for weight in weights[:-1]:
            rows = np.maximum(rows @ weight + 0.1, 0)
        return (rows @ weights[-1] > 0.2).astype(np.float64)

    count = len(masks[0])
    reading = read_table(masks, function, count)
    outputs = sorted(output for _, of in reading.hierarchy.nodes(data="outputs") for output in of)
    assert outputs == [*range(masks[-1].shape[1])]
    found = relation_of(reading.hierarchy)
    table = function(all_bits(count).astype(np.float64)).T.reshape(-1, *(2,) * count)
    for index in range(count):
        counts = (np.diff(table, axis=index + 1) != 0).reshape(len(table), -1).any(axis=1)
        assert any(index in block for block in found) == counts.any()


def test_measured_inputs_are_asked_about_around_the_examples():
    rows = np.random.default_rng(0).normal(size=(300, 4))
    examples = Examples(rows, None, outputs_are_bits=False)
    reading = confirmed(
        StageGraph(tuple(masks_of("10 10 01 01", "1 1"))),
        function=lambda rows: rows[:, [0]] * rows[:, [1]] + np.abs(rows[:, [2]]) * rows[:, [3]],
        examples=examples,
    )
    assert relation(reading.hierarchy) == ["01 -> 0", "23 -> 0"]


def test_the_codes_of_a_category_are_read_as_one():
    codes = np.eye(3)[np.random.default_rng(0).integers(3, size=200)]
    rows = np.column_stack([codes, np.random.default_rng(1).normal(size=(200, 2))])
    examples = Examples(rows, None, outputs_are_bits=False, one_hot_inputs=(3, 1, 1))
    assert columns_of(examples) == [[0, 1, 2], [3], [4]]
    reading = confirmed(
        StageGraph(tuple(masks_of("10 10 10 10 01", "1 1"))),
        function=lambda rows: (rows[:, [0]] - rows[:, [1]]) * rows[:, [3]] * rows[:, [4]] + rows[:, [4]],
        examples=examples,
    )
    assert relation(reading.hierarchy) == ["0123 -> 0", "4 -> 0"]


def test_images_are_not_read():
    with pytest.raises(UserError, match="asks about rows of numbers; for images use paper"):
        confirmed(StageGraph(tuple(masks_of("1", "1"))), function=conjunction_of_parities, examples=None)


def both(a, b):
    return a & b


def differ(a, b):
    return a ^ b


@pytest.mark.slow
def test_a_small_sculpt_is_read():
    graph = Graph(
        (
            SubFunction("A", (0, 1), function=both),
            SubFunction("B", (2, 3), function=both),
            SubFunction("C", uses=("A", "B"), function=differ, outputs=(0,)),
        )
    )
    edges = ["pruning.edge.order=first_layer_first", "pruning.edge.tail=10"]
    result = ns.sculpt(graph, seeds=16, hidden=[12, 12, 12], overrides=["analysis.reader=confirmed", *edges])
    assert (result.trials["reader"] == "confirmed").all()
    learned = result.trials[result.trials["status"] == "sculpted"]
    assert len(learned) >= 10
    assert learned["relation"].mean() > 0.6  # 0.91 of 36 seeds on either engine
    units = [unit for _, of in result.trial(seed=learned["seed"].iloc[0]).hierarchy.nodes(data="units") for unit in of]
    assert units
