import pytest
import torch
from network_examples import new_networks

from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import forward
from neural_sculpting.training.losses import CrossEntropy
from neural_sculpting.training.perceptrons import StackedPerceptrons


@pytest.mark.parametrize("layers", [(4, 24, 4), (4, 3, 9, 2), (2, 8, 5, 3, 6), (1, 1, 1)])
def test_gradients_equal_those_of_autograd(layers):
    layout = Layout(layers)
    generator = torch.Generator().manual_seed(1)
    parameters = new_networks([0, 1, 2], layout, torch.float64).parameters
    parameters = parameters + torch.randn(parameters.shape, generator=generator).double() / 10
    rows = torch.randn(3, 7, layers[0], generator=generator).double()
    targets = (torch.rand(3, 7, layers[-1], generator=generator) > 0.5).double()
    leaf = parameters.clone().requires_grad_()
    CrossEntropy().summed(forward(leaf, layout, rows)[-1], targets).backward()

    perceptrons = StackedPerceptrons(parameters, layout)
    for _ in range(2):  # the second time finds the gradients of the first, and must not add to them
        *hidden, logits = perceptrons.forward(rows)
        perceptrons.backward(rows, hidden, CrossEntropy().gradient(logits, targets))
        torch.testing.assert_close(perceptrons.parameters.grad, leaf.grad, atol=1e-15, rtol=1e-10)


def test_a_silent_unit_gets_no_gradient():
    # Layers 1-2-1. The second hidden unit has a negative input in both rows: slope 0; that of a zero input is 0 too.
    perceptrons = StackedPerceptrons(torch.tensor([[1.0, -1.0, 2.0, 3.0, 0.0, 0.0, 0.0]]), Layout((1, 2, 1)))
    rows = torch.tensor([[[1.0], [0.0]]])
    *hidden, _ = perceptrons.forward(rows)
    perceptrons.backward(rows, hidden, torch.tensor([[[0.5], [0.25]]]))
    # Output: weights 1·0.5, 0; bias 0.75. First hidden unit: row 1 only, 2·0.5 = 1.
    assert perceptrons.parameters.grad.tolist() == [[1.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.75]]
