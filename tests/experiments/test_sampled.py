"""The cases of sampled rows have the truth that they are said to have, and are counted by level."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from experiments.baselines import CRITERIA
from experiments.sampled.__main__ import METHODS, TASKS, Sampled, _met, rates_by_level
from experiments.sampled.cases import DIRECTIONS, real, side_by_side, structureless, tree
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable


@pytest.mark.parametrize("seed", [0, 1000])
def test_the_tree_of_a_case_follows_from_its_table(seed):
    found = decompose_function(BitTable(tree(seed).truth_table()[1] > 0.5))
    assert same_hierarchy(found.hierarchy, tree(seed).hierarchy(4))


def test_trees_side_by_side_compute_what_each_does():
    one, other = tree(0), tree(1)
    both = side_by_side([one, other])
    assert (both.n_inputs, both.n_outputs) == (16, 2)
    rows = np.random.default_rng(0).integers(256, size=(50, 2))
    table = both.truth_table()[1][rows[:, 0] * 256 + rows[:, 1]]
    expected = np.stack([one.truth_table()[1][rows[:, 0], 0], other.truth_table()[1][rows[:, 1], 0]], axis=1)
    assert (table == expected).all()


@pytest.mark.parametrize("inputs", [4, 8])
def test_a_tree_of_numbers_has_pairs_and_one_root(inputs):
    case = real(inputs, 3)
    assert [of for _, of in case.expected.nodes(data="inputs") if of] == [(i, i + 1) for i in range(0, inputs, 2)]
    assert [module for module in case.expected if not case.expected.out_degree(module)] == [len(case.expected) - 1]
    assert case.task.shape == (2000, inputs + 1)
    assert case.task["y"].std(ddof=0) == pytest.approx(1)


def test_rates_are_by_level_with_their_intervals():
    row = {"direction": "rows", "trials": 8, "learned": 4, "test_accuracy": 0.9}
    right = {f"{method}_{criterion}": int(method == "networks") for method in METHODS for criterion in CRITERIA}
    rows = pd.DataFrame([{**row, "level": level, **right} for level in (0.5, 0.5, 0.3)])
    line = rates_by_level(rows).to_dict("records")[0]
    assert (line["level"], line["tasks"], line["learned"]) == (0.5, 2, 0.5)
    assert (line["networks_exact"], line["networks_exact_high"], line["table_exact_low"]) == (1, 1, 0)


def test_what_was_not_asked_has_no_rate():
    row = {"direction": "rows", "level": 1.0, "trials": 8, "learned": 8, "test_accuracy": np.nan}
    right = {
        f"{method}_{criterion}": np.nan if method == "printed" else 1 for method in METHODS for criterion in CRITERIA
    }
    [line] = rates_by_level(pd.DataFrame([row | right])).to_dict("records")
    assert np.isnan(line["printed_exact"])
    assert line["networks_exact"] == 1


def test_of_a_function_without_structure_the_right_answer_is_none():
    case = structureless(0.5, 0)
    whole, divided = nx.DiGraph(), nx.DiGraph()
    whole.add_node(0, inputs=(*range(6),), outputs=(0, 1))
    divided.add_nodes_from((i, {"inputs": (i,), "outputs": (i,)}) for i in range(2))
    assert [_met(graph, case)["exact"] for graph in (None, whole, divided)] == [1, 1, 0]


def test_what_is_stored_is_not_computed_again():
    study, some = Sampled(), [("rows", 0.5, 1000)]
    known = pd.DataFrame(some, columns=["direction", "level", "graph_seed"])
    missing = study.missing(known)
    assert len(missing) == sum(TASKS[name] * len(levels) for name, (_, levels) in DIRECTIONS.items()) - 1
    assert some[0] not in missing
    assert missing[-1][0] == "size"
