from functools import cache
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from neural_sculpting.tasks import Task, build_task
from neural_sculpting.tasks.rhm import derived, rules


@cache
def task(depth: int, graph_seed: int = 0, split_seed: int = 0) -> Task:
    return build_task("rhm", depth=depth, graph_seed=graph_seed, split_seed=split_seed)


def parsed(row: list[int], levels: list[np.ndarray]) -> int:
    """The class of a sequence, from the last level up."""
    for level in reversed(levels):
        symbol_of = {tuple(pair): symbol for symbol, synonyms in enumerate(level.tolist()) for pair in synonyms}
        row = [symbol_of[pair] for pair in list(pairwise(row))[::2]]
    return row[0]


@pytest.mark.parametrize(("depth", "sizes"), [(2, (384, 64, 64)), (3, (9216, 1536, 1536))])
def test_sets(depth, sizes):
    found = task(depth)
    sets = (found.training, found.validation, found.test)
    assert found.sizes == sizes
    for examples in sets:  # as many of each class
        assert examples.targets.sum(axis=0).tolist() == [len(examples) / 8] * 8
        assert examples.targets.sum(axis=1).tolist() == [1] * len(examples)
    rows = np.vstack([examples.inputs for examples in sets])
    assert len(np.unique(rows, axis=0)) == sum(sizes)
    assert (found.input_shape, found.output_shape) == ((2**depth, 8), (1, 8))


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("graph_seed", [0, 5])
def test_the_rules_lead_back_to_the_class(depth, graph_seed):
    found, levels = task(depth, graph_seed), rules(depth, graph_seed)
    rows = found.test.inputs.reshape(-1, 2**depth, 8).argmax(axis=2).tolist()
    assert [parsed(row, levels) for row in rows] == found.test.targets.argmax(axis=1).tolist()


def test_every_symbol_has_four_pairs_of_its_own():
    for level in rules(3, graph_seed := 7):
        assert level.shape == (8, 4, 2)
        assert len({tuple(pair) for pair in level.reshape(-1, 2).tolist()}) == 32
    first, second = rules(3, graph_seed)[:2]
    assert first.tolist() != second.tolist()
    assert rules(3, graph_seed + 1)[0].tolist() != first.tolist()


def test_a_derivation_by_hand():
    classes = np.zeros((8, 4, 2), dtype=np.int64)
    classes[3, 1] = [5, 2]
    symbols = np.zeros((8, 4, 2), dtype=np.int64)
    symbols[5, 2], symbols[2, 3] = [7, 1], [4, 4]
    number = 1 + 4 * (2 + 4 * 3)  # synonym 1 of class 3, then synonym 2 of the left symbol and 3 of the right one
    assert derived(np.array([3]), np.array([number]), [classes, symbols]).tolist() == [[7, 1, 4, 4]]


def test_the_tree_of_positions():
    found = task(3)
    tree = found.expected_hierarchy(2, by_unit=True)
    assert dict(tree.nodes(data="inputs")) == {
        **{"0–1": (0, 1), "2–3": (2, 3), "4–5": (4, 5), "6–7": (6, 7)},
        **{"0–3": (), "4–7": (), "0–7": ()},
    }
    assert [node for node, outputs in tree.nodes(data="outputs") if outputs] == ["0–7"]
    assert nx.is_arborescence(tree.reverse())
    assert [sorted(tree.predecessors(node)) for node in ("0–7", "4–7")] == [["0–3", "4–7"], ["4–5", "6–7"]]
    flat = found.expected_hierarchy(2)
    assert flat.nodes["2–3"]["inputs"] == tuple(range(16, 32))
    assert flat.nodes["0–7"]["outputs"] == tuple(range(8))


def test_seeds_of_rules_and_of_sets():
    first, other_sets = task(2), task(2, split_seed=1)
    assert first.validation.inputs.tolist() != other_sets.validation.inputs.tolist()
    pools = [
        {row.tobytes() for each in (of.training, of.validation, of.test) for row in each.inputs}
        for of in (first, other_sets)
    ]
    assert pools[0] == pools[1]
