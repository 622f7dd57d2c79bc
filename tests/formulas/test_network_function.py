import numpy as np
import pytest
from hypothesis import given
from packed_examples import TWO_ANDS, drawn_networks, outputs_of, packed_network

from neural_sculpting.formulas.network_function import decisions, network_function, probabilities

BITS = np.array([[a, b, c, d] for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)], dtype=float)


def test_bits_are_what_the_network_decides():
    found = network_function(TWO_ANDS, 0, decisions)(BITS)
    x0, x1, x2, x3 = BITS.astype(bool).T
    assert found.dtype == np.float64
    assert found[:, 0].astype(bool).tolist() == (x0 & x1 | x2 & x3).tolist()


def test_numbers_are_the_outputs_themselves():
    # The logit is 2 (a + b) - 1 with a and b the conjunctions.
    found = network_function(TWO_ANDS, 0)(BITS)
    assert found[[0, 3, 15], 0].tolist() == [-1, 1, 3]


@given(drawn_networks)
def test_it_is_the_whole_network(drawn):
    packed = drawn.network()
    rows = np.random.default_rng(drawn.seed).normal(size=(7, packed.layout.layers[0])).astype(np.float32)
    found = network_function(packed, 0)(rows)
    np.testing.assert_allclose(found, outputs_of(packed, rows), rtol=1e-9, atol=1e-9)


def test_of_a_group_the_largest_output_is_one():
    logits = np.array([[-1.0, -3, -2, 0.5], [2.0, 2, 5, 0]])
    assert decisions(logits, (3, 1)).tolist() == [[1, 0, 0, 1], [0, 0, 1, 0]]
    assert decisions(np.array([[2.0, 2.0]]), (2,)).tolist() == [[1, 0]]
    assert decisions(logits).tolist() == [[0, 0, 0, 1], [1, 1, 1, 0]]


def test_how_probable_bits_and_classes_are():
    logits = np.log(np.array([[1.0, 2, 1, 4], [3.0, 1, 6, 1]]))
    np.testing.assert_allclose(probabilities(logits, (3, 1)), [[0.25, 0.5, 0.25, 0.8], [0.3, 0.1, 0.6, 0.5]])
    np.testing.assert_allclose(probabilities(logits)[0], [1 / 2, 2 / 3, 1 / 2, 4 / 5])


def test_masks_alone_have_no_function():
    packed = packed_network([[[1, 1]], [[1], [1]]], [[0, 0], [0]]).with_values_of([])
    with pytest.raises(ValueError, match="its masks alone are kept"):
        network_function(packed, 0, decisions)
