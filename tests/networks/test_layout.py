import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neural_sculpting.networks.layout import Layout

several_layers = st.lists(st.integers(1, 5), min_size=3, max_size=5).map(tuple)


def test_a_row_contains_the_weights_layer_by_layer_and_then_the_biases():
    layout = Layout((2, 3, 1))
    assert layout.shapes == ((2, 3), (3, 1))
    assert (layout.edges, layout.hidden_units, layout.parameters) == (9, 3, 13)
    rows = torch.arange(13).unsqueeze(0)
    weights, biases = layout.split(rows)
    assert [weight.tolist() for weight in weights] == [[[[0, 1, 2], [3, 4, 5]]], [[[6], [7], [8]]]]
    assert [bias.tolist() for bias in biases] == [[[[9, 10, 11]]], [[[12]]]]
    biases[1].zero_()  # a view
    assert rows[0, -2:].tolist() == [11, 0]


@pytest.mark.parametrize("layers", [(4, 4), (4,), (), (4, 0, 4), (4, 24, -1)])
def test_a_network_needs_inputs_hidden_layers_and_outputs(layers):
    with pytest.raises(ValueError, match="needs inputs, hidden layers and outputs"):
        Layout(layers)


def test_the_edges_of_a_unit_enter_and_leave_it():
    # Layers 2-2-2-1. Edges: 0-3 from inputs (0→0, 0→1, 1→0, 1→1), 4-7 between the hidden layers, 8-9 to the output.
    units = torch.tensor(
        [
            [True, False, False, False],  # the first unit of the first hidden layer
            [False, False, False, True],  # the second unit of the second one
            [False, True, True, False],
            [False, False, False, False],
        ]
    )
    edges = Layout((2, 2, 2, 1)).edges_of_units(units)
    assert [row.nonzero().flatten().tolist() for row in edges] == [[0, 2, 4, 5], [5, 7, 9], [1, 3, 4, 6, 7, 8], []]


@given(several_layers, st.data())
def test_biases_follow_the_incoming_edges_in_every_network(layers, data):
    layout = Layout(layers)
    edges = data.draw(arrays(bool, (3, layout.edges)))
    masks = layout.with_bias_masks(torch.from_numpy(edges))
    assert masks[:, : layout.edges].equal(torch.from_numpy(edges))
    weights, biases = layout.split(masks)
    for weight, bias in zip(weights, biases, strict=True):
        for network in range(3):
            for unit in range(weight.shape[2]):
                assert bias[network, 0, unit] == weight[network, :, unit].any()
