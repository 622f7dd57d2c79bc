"""Whole decompositions: functions whose answer is known by hand, and what must hold for every function."""

import numpy as np
import pytest
from function_examples import bit_tables, blocks, relation, table_of
from hierarchy_examples import hierarchy
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.decomposition.bound_sets import BoundSets
from neural_sculpting.decomposition.decomposition import decompose_among, decompose_function
from neural_sculpting.decomposition.functions import BitTable, ProbedFunction
from neural_sculpting.tasks.graph import all_bits
from neural_sculpting.tasks.random_hierarchy import random_function, random_hierarchy
from neural_sculpting.tasks.unstructured import unstructured


def decomposed(graph):
    return decompose_function(BitTable(graph.truth_table()[1] > 0.5))


def test_two_multiplexers_share_their_select_bit():
    found = decompose_function(
        table_of(5, lambda a, b, s, c, d: np.where(s, a, b), lambda a, b, s, c, d: np.where(s, c, d))
    )
    names = {"A": ([0, 1], []), "S": ([2], []), "B": ([3, 4], []), "X": ([], [0]), "Y": ([], [1])}
    assert same_hierarchy(found.hierarchy, hierarchy(names, "AX SX SY BY"))
    assert (found.identifiable, found.alternatives, found.refinement) == ("unique", (), None)


def test_a_ripple_carry_adder_adds_bit_by_bit():
    def adder(a, b, c, d):
        carry, half = a & b, c ^ d
        return a ^ b, half ^ carry, (c & d) | (half & carry)

    found = decompose_function(table_of(4, *(lambda *bits, k=k: adder(*bits)[k] for k in range(3))))
    assert relation(found.hierarchy) == ["01 -> 012", "23 -> 12"]
    assert found.identifiable == "relation"


def test_a_chain_with_an_output_for_each_link():
    found = decompose_function(
        table_of(4, lambda a, b, c, d: a ^ b, lambda a, b, c, d: (a ^ b) & c, lambda a, b, c, d: ((a ^ b) & c) ^ d)
    )
    assert relation(found.hierarchy) == ["01 -> 012", "2 -> 12", "3 -> 2"]
    assert blocks(found) == ["01", "012"]


@pytest.mark.parametrize("operation", [np.logical_and, np.logical_or, np.logical_xor])
def test_how_an_associative_operation_is_nested_is_convention(operation):
    found = decompose_function(table_of(4, lambda *bits: operation.reduce(bits)))
    assert same_hierarchy(found.hierarchy, hierarchy({"A": (range(4), [0])}))
    assert found.identifiable == "convention"
    pairs = hierarchy({"A": ([0, 2], []), "B": ([1, 3], []), "Y": ([], [0])}, "AY BY")
    assert len(found.alternatives) == 6
    assert decompose_function(table_of(6, lambda *bits: operation.reduce(bits))).identifiable == "convention"
    of_pairs = decompose_among(BoundSets(table_of(4, lambda *bits: operation.reduce(bits))), [[0, 1], [2, 3]])
    assert any(same_hierarchy(each, pairs) for each in of_pairs.alternatives)


def test_a_parity_of_conjunctions_is_told_from_a_parity():
    # a & b is certain; which of the two other inputs it meets first is not.
    found = decompose_function(table_of(4, lambda a, b, c, d: (a & b) ^ c ^ d))
    assert blocks(found) == ["01"]
    assert found.identifiable == "convention"


def test_functions_at_the_edge():
    whole = hierarchy({"A": ([0], [0, 1])})
    assert same_hierarchy(decompose_function(table_of(1, lambda a: a, lambda a: ~a)).hierarchy, whole)
    nothing = decompose_function(table_of(3, lambda a, b, c: a & ~a))
    assert same_hierarchy(nothing.hierarchy, hierarchy({"Y": ([], [0])}))
    idle = decompose_function(table_of(4, lambda a, b, c, d: b ^ d))
    assert same_hierarchy(idle.hierarchy, hierarchy({"A": ([1, 3], [0])}))
    assert (idle.identifiable, idle.refinement) == ("unique", None)


def test_a_parity_of_many_inputs_takes_no_time_for_its_subsets():
    # All 2^17 sets of these inputs are bound sets.
    contexts = np.random.default_rng(0).integers(2, size=(32, 17)).astype(np.float64)
    parity = ProbedFunction(lambda rows: rows.sum(axis=1, keepdims=True) % 2, contexts)
    found = decompose_among(BoundSets(parity), [[0, 1], [2, 3]])
    assert relation(found.hierarchy) == ["012345678910111213141516 -> 0"]
    assert found.identifiable == "convention"


@given(st.integers(0, 10**6), st.sampled_from([(4, 3), (5, 1), (5, 2), (6, 1)]))
def test_a_function_without_structure_is_never_divided(seed, shape):
    found = decomposed(unstructured(*shape, seed))
    assert relation_of(found.hierarchy).keys() == {frozenset(range(shape[0]))}
    assert not found.strong


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(4, 3), (5, 1), (5, 2), (6, 2), (7, 1)])
def test_hundreds_of_functions_without_structure_are_not_divided(shape):
    for seed in range(150):
        assert len(relation_of(decomposed(unstructured(*shape, seed)).hierarchy)) == 1, seed


@pytest.mark.parametrize("shape", [(1, 3, 1, 2), (2, 2, 1, 4), (2, 2, 2, 3), (2, 3, 1, 3), (3, 2, 1, 4)])
def test_random_hierarchies_are_found_again(shape):
    for seed in range(2):
        graph = random_hierarchy(*shape, 1, 1000 + seed)
        if graph.n_inputs <= 10:
            expected = graph.hierarchy(8)
            assert relation_of(decomposed(graph).hierarchy) == relation_of(expected), seed


@given(bit_tables(), st.data())
def test_names_and_signs_do_not_matter(outputs, data):
    count = len(outputs).bit_length() - 1
    order = data.draw(st.permutations(range(count)))
    signs = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    flipped = np.array(data.draw(st.lists(st.booleans(), min_size=outputs.shape[1], max_size=outputs.shape[1])))
    rows = (all_bits(count)[:, order] ^ signs) @ (1 << np.arange(count)[::-1])  # input i is order[i] of the other
    one, other = decompose_function(BitTable(outputs)), decompose_function(BitTable(outputs[rows] ^ flipped))
    assert {frozenset(order[i] for i in each.inputs) for each in one.strong} == {each.inputs for each in other.strong}
    assert one.identifiable == other.identifiable
    renamed = {frozenset(order[i] for i in block): ends for block, ends in relation_of(one.hierarchy).items()}
    assert renamed == relation_of(other.hierarchy)


@given(st.integers(0, 2**32 - 1), st.integers(2, 3), st.integers(2, 3))
def test_a_planted_block_is_found_or_divided_further(seed, inside, outside):
    random = np.random.default_rng(seed)
    inner, outer = random_function(inside, random), random_function(outside + 1, random)

    def composed(*bits):
        signal = inner[tuple(bit.astype(int) for bit in bits[:inside])]
        return outer[(signal.astype(int), *(bit.astype(int) for bit in bits[inside:]))]

    found = decompose_function(table_of(inside + outside, composed))
    planted = frozenset(range(inside))
    tied = {frozenset(n["inputs"]) for each in found.alternatives for n in each.nodes.values()}
    assert planted in {each.inputs for each in found.strong} | tied
    for block in relation_of(found.hierarchy):
        assert block <= planted or not block & planted or found.identifiable == "convention"


@given(bit_tables())
def test_every_decomposition_is_a_hierarchy(outputs):
    found = decompose_function(BitTable(outputs))
    depends = BitTable(outputs).depends
    for graph in (found.hierarchy, *found.alternatives, *([found.refinement] if found.refinement else [])):
        reached = relation_of(graph)
        assert sorted(i for block in reached for i in block) == np.flatnonzero(depends.any(axis=1)).tolist()
        for block, ends in reached.items():
            assert all(ends == set(np.flatnonzero(depends[index])) for index in block)
        assert sorted(o for _, of in graph.nodes(data="outputs") for o in of) == [*range(outputs.shape[1])]
