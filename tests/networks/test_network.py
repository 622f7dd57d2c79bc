import pytest
import torch
from network_examples import plain_network

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks, forward

LAYOUT = Layout((2, 2, 2, 1))  # edges 0-3, 4-7, 8-9; biases 10-11, 12-13, 14


def networks_of(edge_masks, parameters=None):
    masks = LAYOUT.with_bias_masks(torch.as_tensor(edge_masks))
    if parameters is None:
        parameters = torch.arange(1.0, LAYOUT.parameters + 1).repeat(len(masks), 1)
    values = torch.arange(len(masks), dtype=torch.float64)
    return Networks(parameters * masks, masks, values, values + 10, values + 20, values + 30)


def dense(count=1):
    return networks_of(torch.ones(count, LAYOUT.edges, dtype=torch.bool))


@pytest.mark.parametrize("layers", [(4, 24, 4), (3, 5, 7, 2), (6, 4, 3, 4, 1)])
def test_every_network_computes_what_torchs_layers_compute(layers):
    layout, generator = Layout(layers), torch.Generator().manual_seed(0)
    parameters = torch.randn(5, layout.parameters, generator=generator)
    rows = torch.randn(5, 9, layers[0], generator=generator)
    activations = forward(parameters, layout, rows)
    assert [layer.shape for layer in activations] == [(5, 9, width) for width in layers[1:]]
    for network in range(5):
        sequential = plain_network(parameters[network], layout)
        for depth, layer in enumerate(activations):
            expected = sequential[: 2 * depth + 2](rows[network])  # each linear layer with its ReLU, if it has one
            torch.testing.assert_close(layer[network], expected, atol=1e-5, rtol=1e-5)


def test_an_untrained_network_loses_against_any_result():
    networks = Networks.untrained(torch.zeros(2, 15))
    assert networks.masks.all()
    assert networks.masks.shape == (2, 15)
    assert networks.accuracy.tolist() == [-torch.inf] * 2
    assert networks.loss.tolist() == [torch.inf] * 2


def test_one_value_that_is_not_finite_makes_a_network_not_finite():
    networks = dense(6)
    networks.parameters[1, 14], networks.parameters[2, 0] = -torch.inf, torch.nan
    networks.accuracy[3], networks.loss[4] = -torch.inf, torch.nan
    networks.test_bit_accuracy[5] = torch.nan  # where there is no test set
    assert networks.are_finite().tolist() == [True, False, False, False, False, True]


def test_what_networks_reached_can_be_forgotten():
    networks = dense(3)
    forgotten = networks.unevaluated_where(torch.tensor([False, True, False]))
    assert forgotten.take([0, 2]).accuracy.tolist() == [0, 2]
    assert forgotten.take([0, 2]).test_example_accuracy.tolist() == [30, 32]
    assert (forgotten.accuracy[1], forgotten.loss[1]) == (-torch.inf, torch.inf)
    assert forgotten.test_bit_accuracy.isnan().tolist() == forgotten.test_example_accuracy.isnan().tolist()
    assert forgotten.test_bit_accuracy.isnan().tolist() == [False, True, False]
    assert networks.accuracy.tolist() == [0, 1, 2]
