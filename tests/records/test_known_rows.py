"""What is answered where some rows of a truth table are known."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

import neural_sculpting as ns
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.sampled_tables import SampledTable
from neural_sculpting.records.answers import answer_rows
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.known_rows import source_of
from neural_sculpting.tasks.graph import all_bits
from neural_sculpting.views.answer_words import answer_facts, beside_the_answer

CONFIRMED = ["analysis.reader=confirmed", "pruning=fast"]


def graph_of(*modules, edges=()):
    graph = nx.DiGraph(edges)
    graph.add_nodes_from(
        (name, {"inputs": inputs, "outputs": outputs}) for name, (inputs, outputs) in enumerate(modules)
    )
    return graph


def known(count, *outputs):
    chosen = np.random.default_rng(0).permutation(64)[:count]
    return SampledTable(all_bits(6)[chosen], np.column_stack(outputs)[chosen])


BITS = all_bits(6)
APART = (BITS[:, 0] & BITS[:, 1], BITS[:, 2] ^ BITS[:, 3], BITS[:, 4] | BITS[:, 5])
WHOLE, DIVIDED = graph_of((range(6), (0, 1, 2))), graph_of(((0, 1), (0,)), ((2, 3), (1,)), ((4, 5), (2,)))
MIXED = graph_of(((0, 1), (0,)), ((2, 3), (1,)), ((4,), ()), ((5,), (2,)), edges=[(1, 3), (2, 3)])
FINER = graph_of(((0,), ()), ((1,), (0,)), ((2, 3), (1,)), ((4, 5), (2,)), edges=[(0, 1)])


@pytest.mark.parametrize(
    ("by_networks", "by_rows", "source"),
    [
        (WHOLE, DIVIDED, "rows"),
        (MIXED, DIVIDED, "rows"),
        (DIVIDED, DIVIDED, "networks"),
        (DIVIDED, MIXED, "networks"),
        (DIVIDED, WHOLE, "networks"),
        (FINER, DIVIDED, "networks"),
    ],
)
def test_what_takes_fewer_bits_is_said_but_nothing_finer_is_given_up(by_networks, by_rows, source):
    assert source_of(known(32, *APART), by_networks, [], by_rows) == source


def test_few_rows_are_no_reason_to_divide():
    rows = known(6, *APART)
    assert source_of(rows, DIVIDED, [], WHOLE) == "neither"
    assert source_of(rows, WHOLE, [], DIVIDED) == "networks"  # which claim nothing


def test_random_rows_are_not_divided():
    outputs = np.random.default_rng(1).integers(2, size=(64, 3)) > 0
    rows = known(20, *outputs.T)
    assert source_of(rows, DIVIDED, [], decompose_function(rows).hierarchy) == "neither"


@pytest.fixture(scope="module")
def sampled(tmp_path_factory) -> ns.Result:
    folder = tmp_path_factory.mktemp("sampled") / "saved"
    ns.sculpt("boolean_sep_reused", seeds=3, hidden=[24, 24], overrides=CONFIRMED, rows=0.75).save(folder)
    return ns.load(folder)


def cell_that_says(result, by_networks):
    cell = Cell(result.sweep, result.sweep.by_job)
    cell.__dict__["networks_answer"] = replace(cell.networks_answer, hierarchy=by_networks)
    return cell


def test_networks_that_agree_with_the_rows_answer(sampled):
    [cell], [row] = sampled.sweep.cells, answer_rows(sampled.sweep).to_dict("records")
    assert (cell.answer, row["answer_source"]) == (cell.networks_answer, "networks")
    assert "from" not in answer_facts(cell, cell.answer)


def test_an_answer_of_the_rows_says_so(sampled):
    undivided = graph_of((range(4), range(4)))
    cell = cell_that_says(sampled, undivided)
    assert same_hierarchy(cell.answer.hierarchy, cell.first_group.ceiling.hierarchy)
    facts = answer_facts(cell, cell.answer)
    assert facts["from"].startswith("the known rows without a network")
    assert {"by chance", "ceiling"}.isdisjoint(facts)
    assert ("networks together", undivided) in beside_the_answer(cell, cell.answer)
    assert cell.confidence is None


def test_where_neither_saves_bits_nothing_is_divided():
    # 8 rows of 3 outputs are 24 bits: no division of 4 inputs is written in 17
    settings = {"n_inputs": 4, "n_outputs": 3, "function_seed": 4, "rows": 0.5}
    result = ns.sculpt("unstructured", seeds=2, hidden=[24, 24], overrides=CONFIRMED, **settings)
    assert [module["inputs"] for module in result.answer.modules if module["inputs"]] == [(0, 1, 2, 3)]
    cell = cell_that_says(result, graph_of(((0, 1), (0,)), ((2, 3), (1, 2))))
    assert (cell.answer.source, cell.confidence) == ("neither", None)
    assert "too few rows" in answer_facts(cell, cell.answer)["from"]
