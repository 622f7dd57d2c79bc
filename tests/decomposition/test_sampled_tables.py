import numpy as np
from function_examples import bit_tables, blocks, relation
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable
from neural_sculpting.decomposition.sampled_tables import SampledTable
from neural_sculpting.tasks.graph import all_bits

BITS = all_bits(8)
TREE = (((BITS[:, 0] ^ BITS[:, 1]) & (BITS[:, 2] | BITS[:, 3])) ^ (BITS[:, 4] & BITS[:, 5] & ~BITS[:, 6]))[:, None]
"""Of seven inputs; nothing depends on the last one."""


@given(bit_tables((1, 4)), st.data())
def test_with_all_rows_it_is_the_table(outputs, data):
    # Of sets through which two values reach the outputs it says the same; of others only that they are more.
    rows = data.draw(st.permutations(range(len(outputs))))
    inputs = all_bits(len(outputs).bit_length() - 1)
    sampled, table = SampledTable(inputs[rows], outputs[rows]), BitTable(outputs)
    assert (sampled.depends == table.depends).all()
    assert decompose_function(sampled).strong == {each for each in decompose_function(table).strong if each.values == 2}
    ends = [output for output in range(outputs.shape[1]) if table.depends[:, output].all()]
    if ends and len(inputs) > 4:
        assert (sampled.signal([0, 1], ends).values == 2) == (table.signal([0, 1], ends).values == 2)


def test_a_tree_is_found_in_half_of_the_rows():
    chosen = np.random.default_rng(0).permutation(256)[:128]
    found = decompose_function(SampledTable(BITS[chosen], TREE[chosen]))
    assert "01" in blocks(found)
    assert {line.split()[0] for line in relation(found.hierarchy)} <= {"01", "23", "456", "4", "5", "6"}


def test_few_rows_say_nothing():
    for count in (1, 8):
        chosen = np.random.default_rng(1).permutation(256)[:count]
        assert decompose_function(SampledTable(BITS[chosen], TREE[chosen])).strong == frozenset()


def test_random_rows_are_rarely_divided():
    random = np.random.default_rng(0)
    found = []
    for _ in range(10):
        rows = random.permutation(64)[:40]
        outputs = random.integers(2, size=(40, 2)).astype(np.bool_)
        found.append(decompose_function(SampledTable(all_bits(6)[rows], outputs)).strong)
    assert sum(map(bool, found)) <= 1


def test_of_rows_that_contradict_each_other_the_most_count():
    inputs, outputs = np.tile(BITS, (3, 1)), np.tile(TREE, (3, 1))  # each row three times, of 60 one is wrong
    outputs[:60] ^= True
    table = SampledTable(inputs, outputs)
    assert (table.outputs[:, 0] == TREE[:, 0]).all()
    assert (table.inputs == BITS).all()


def test_a_tie_leaves_a_row_out():
    inputs = np.array([[0, 0], [0, 1], [0, 1], [1, 1], [1, 1]], dtype=bool)
    table = SampledTable(inputs, np.array([[1, 1], [0, 1], [0, 0], [1, 0], [1, 0]], dtype=bool))
    assert table.inputs.tolist() == [[False, False], [True, True]]
    assert table.outputs.tolist() == [[True, True], [True, False]]
    empty = SampledTable(inputs[1:3], np.array([[0], [1]], dtype=bool))
    assert relation(decompose_function(empty).hierarchy) == ["01 -> 0"]
