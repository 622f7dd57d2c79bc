"""What is left of a network without its dead units."""

import numpy as np
import pytest
from hypothesis import given
from packed_examples import TWO_ANDS, drawn_networks, outputs_of, packed_network

from neural_sculpting.formulas.modules import live_network


@given(drawn_networks)
def test_the_outputs_stay(drawn):
    packed = drawn.network()
    live = live_network(packed, 0)
    rows = np.random.default_rng(0).normal(size=(7, packed.layout.layers[0])).astype(np.float32)
    values = rows[:, live.kept[0]].astype(float)
    for layer, kept in enumerate(live.kept[1:]):
        values = live.step(layer, values)
        assert values.shape[1] == kept.sum()
    np.testing.assert_allclose(values, outputs_of(packed, rows), rtol=1e-12, atol=1e-12)


def test_a_unit_that_no_input_reaches_becomes_a_part_of_the_biases():
    # Unit 0 of the second hidden layer reads only a unit without inputs, whose bias is masked: it gives relu(0.5).
    packed = packed_network(
        weights=[[[0, 1]], [[3, 0], [0, 1]], [[2], [1]]],
        biases=[[9, 0], [0.5, 0.25], [1]],
        masks=[[[0, 1]], [[1, 0], [0, 1]], [[1], [1]]],
    )
    live = live_network(packed, 0)
    assert [kept.tolist() for kept in live.kept] == [[True], [False, True], [False, True], [True]]
    assert live.biases[-1].tolist() == [1 + 2 * 0.5]
    assert live.weights[-1].tolist() == [[1]]


def test_inputs_that_no_output_sees_are_gone():
    packed = packed_network([[[1, 0], [0, 0], [0, 1]], [[1], [0]]], [[0, 0], [0]])
    assert live_network(packed, 0).inputs == (0,)
    assert live_network(TWO_ANDS, 0).inputs == (0, 1, 2, 3)


def test_masks_alone_are_no_network():
    with pytest.raises(ValueError, match="its masks alone are kept"):
        live_network(TWO_ANDS.with_values_of([]), 0)
