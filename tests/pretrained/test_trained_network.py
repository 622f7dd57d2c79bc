import numpy as np
import pytest
from model_examples import perceptron
from torch import nn
from user_errors import message_of

from neural_sculpting.pretrained import TrainedNetwork, fitted, read_network
from neural_sculpting.pretrained.layers import LinearLayer
from neural_sculpting.tasks import Table, build_task
from neural_sculpting.tasks.base import Task

TASK = build_task("boolean_sep")
TABLE = Table(np.zeros((2, 4), np.float32), np.zeros((2, 4), np.float32))
NUMBERS = Task(None, TABLE, TABLE, loss="squared_error", name="some_numbers", parameters={})


def mlp(*hidden):
    return {"name": "mlp", "hidden": hidden}


@pytest.mark.parametrize(
    ("layers", "line"),
    [
        ([4, 24, 3], "network: has 4 inputs and 3 outputs; boolean_sep has 4 and 4"),
        ([6, 24, 4], "network: has 6 inputs and 4 outputs; boolean_sep has 4 and 4"),
        ([4, 5, 6, 4], "arch.hidden=[24]: network has [5, 6]; arch.hidden=null takes the shape from it"),
    ],
)
def test_another_shape_is_refused(layers, line):
    assert message_of(fitted, read_network(perceptron(layers)), TASK, mlp(24)) == line


def test_a_sigmoid_does_not_fit_numbers():
    network = read_network(nn.Sequential(perceptron([4, 5, 4]), nn.Sigmoid()))
    fitted(network, TASK, mlp(5))
    line = "network: ends with Sigmoid, and the outputs of some_numbers are numbers;"
    assert message_of(fitted, network, NUMBERS, mlp(5)).startswith(line)


BOTH = np.array([[0.0], [1.0]], np.float32)
ONE_BIT = Task(None, *[Table(BOTH, BOTH)] * 2, name="one_bit", parameters={})


@pytest.mark.parametrize("end", [[], [nn.Softmax(dim=1)], [nn.LogSoftmax(dim=1)]])
def test_two_logits_become_their_difference(end):
    module = nn.Sequential(perceptron([1, 5, 2]), *end)
    network = read_network(module)
    one = fitted(network, ONE_BIT, mlp(5))
    assert (one.layers, one.end) == ((1, 5, 1), None)
    assert one.note == "its two outputs, one for each class, became one: the second minus the first"
    rows = np.linspace(-3, 3, 9, dtype=np.float32)[:, None]
    logits = network.logits(rows)
    np.testing.assert_allclose(one.logits(rows)[:, 0], logits[:, 1] - logits[:, 0], atol=1e-6)
    assert fitted(one, ONE_BIT, mlp(5)) is one


def test_two_sigmoids_are_not_two_classes():
    line = "network: has 1 inputs and 2 outputs; one_bit has 1 and 1"
    module = nn.Sequential(perceptron([1, 5, 2]), nn.Sigmoid())
    assert message_of(fitted, read_network(module), ONE_BIT, mlp(5)) == line


def test_a_constant_output_must_be_zero():
    network = read_network(perceptron([4, 5, 4]))
    weights, biases = [each.copy() for each in network.weights], [each.copy() for each in network.biases]
    weights[1][:, 2] = biases[1][2] = 0
    masks = tuple(weight != 0 for weight in weights)
    constant = TrainedNetwork(tuple(weights), tuple(biases), masks, file="a.pt")
    fitted(constant, TASK, mlp(5))
    biases[1][2] = -0.5
    line = "network=a.pt: output 2 has no edges left and is the constant -0.5; a"
    assert message_of(fitted, constant, TASK, mlp(5)).startswith(line)


SIDES = (
    # h0 has no input and bias 3, so that it adds 3 · 2 to the first unit above it
    ([[[0, 1]], [[2, 0], [1, 5]], [[1], [4]]], [[3, 7], [0.5, 0], [1]]),
    ([[[0, 1]], [[0, 0], [1, 5]], [[1], [4]]], [[0, 7], [6.5, 0], [1]]),
)
UP_TO_THE_OUTPUT = (
    # h0 is relu(-3) = 0, h1 relu(2) = 2; above them 1 + 0 + 2 · 4 = 9; at the output 0.5 + 9 · 10
    ([[[0, 0]], [[5], [4]], [[10]]], [[-3, 2], [1], [0.5]]),
    ([[[0, 0]], [[0], [0]], [[0]]], [[0, 0], [0], [90.5]]),
)
UNUSED = (
    # the last hidden unit is unused, and so is h1, which it alone uses
    ([[[1, 1]], [[1, 0], [0, 1]], [[1], [0]]], [[1, 2], [3, 4], [5]]),
    ([[[1, 0]], [[1, 0], [0, 0]], [[1], [0]]], [[1, 0], [3, 0], [5]]),
)


@pytest.mark.parametrize(("before", "after"), [SIDES, UP_TO_THE_OUTPUT, UNUSED])
def test_units_with_edges_on_one_side_only_are_removed(before, after):
    arrays = [[np.array(each, dtype=np.float32) for each in kind] for kind in before]
    layers = [LinearLayer(str(number), *both) for number, both in enumerate(zip(*arrays, strict=True))]
    network = TrainedNetwork.of(layers, "network")
    assert [weight.tolist() for weight in network.weights] == after[0]
    assert [bias.tolist() for bias in network.biases] == after[1]
    assert [mask.tolist() for mask in network.masks] == [(weight != 0).tolist() for weight in network.weights]
    assert [layer.weight.tolist() for layer in layers] == before[0], "arguments are not changed"
    assert [layer.bias.tolist() for layer in layers] == before[1], "arguments are not changed"
