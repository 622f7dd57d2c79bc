import pytest
import torch
from network_examples import plain_network

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks, forward

LAYOUT = Layout((2, 2, 2, 1))  # edges 0-3, 4-7, 8-9; biases 10-11, 12-13, 14


def dense(count):
    parameters = torch.arange(1.0, LAYOUT.parameters + 1).repeat(count, 1)
    values = torch.arange(count, dtype=torch.float64)
    return Networks(parameters, parameters > 0, values, values + 10, *(values + 10 * n for n in (2, 3, 4)))


@pytest.mark.parametrize("layers", [(4, 24, 4), (3, 5, 7, 2), (6, 4, 3, 4, 1)])
def test_every_network_computes_what_torch_computes(layers):
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


def test_an_untrained_network_is_worse_than_any_result():
    networks = Networks.untrained(torch.zeros(2, 15))
    assert networks.masks.all()
    assert networks.masks.shape == (2, 15)
    assert networks.accuracy.tolist() == [-torch.inf] * 2
    assert networks.loss.tolist() == [torch.inf] * 2


def test_one_value_that_is_not_finite_is_enough():
    networks = dense(6)
    networks.parameters[1, 14], networks.parameters[2, 0] = -torch.inf, torch.nan
    networks.accuracy[3], networks.loss[4] = -torch.inf, torch.nan
    networks.test_bit_accuracy[5] = torch.nan  # where there is no test set
    assert networks.are_finite().tolist() == [True, False, False, False, False, True]


def test_results_of_chosen_networks_are_reset():
    networks = dense(3)
    reset = networks.unevaluated_where(torch.tensor([False, True, False]))
    assert reset.accuracy.tolist() == [0, -torch.inf, 2]
    assert reset.loss.tolist() == [10, torch.inf, 12]
    assert reset.test_example_accuracy.tolist() == [30, pytest.approx(torch.nan, nan_ok=True), 32]
    assert reset.test_bit_accuracy.isnan().tolist() == [False, True, False]
    assert networks.accuracy.tolist() == [0, 1, 2]
