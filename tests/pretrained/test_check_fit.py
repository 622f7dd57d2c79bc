import numpy as np
import pytest
from model_examples import perceptron
from torch import nn
from user_errors import message_of

from neural_sculpting.pretrained import TrainedNetwork, check_fit, read_network
from neural_sculpting.tasks import Table, build_task
from neural_sculpting.tasks.base import Task

TASK = build_task("boolean_sep")


TABLE = Table(np.zeros((2, 4), np.float32), np.zeros((2, 4), np.float32))
NUMBERS = Task(None, TABLE, TABLE, loss="squared_error", name="some_numbers", parameters={})


def test_a_network_for_the_task():
    check_fit(read_network(perceptron([4, 24, 4])), TASK, [24])


@pytest.mark.parametrize(
    ("layers", "line"),
    [
        ([4, 24, 3], "network: has 4 inputs and 3 outputs; boolean_sep has 4 and 4"),
        ([6, 24, 4], "network: has 6 inputs and 4 outputs; boolean_sep has 4 and 4"),
        ([4, 5, 6, 4], "arch.hidden=[24]: network has hidden layers of [5, 6]; arch.hidden=null takes them from it"),
    ],
)
def test_another_shape_is_refused(layers, line):
    assert message_of(check_fit, read_network(perceptron(layers)), TASK, [24]) == line


def test_a_sigmoid_does_not_go_with_numbers():
    network = read_network(nn.Sequential(perceptron([4, 5, 4]), nn.Sigmoid()))
    check_fit(network, TASK, [5])
    said = "network: ends with Sigmoid, and the outputs of some_numbers are numbers;"
    assert message_of(check_fit, network, NUMBERS, [5]).startswith(said)


def test_an_output_may_be_no_other_constant_than_zero():
    network = read_network(perceptron([4, 5, 4]))
    weights, biases = [each.copy() for each in network.weights], [each.copy() for each in network.biases]
    weights[1][:, 2] = biases[1][2] = 0
    masks = tuple(weight != 0 for weight in weights)
    constant = TrainedNetwork(tuple(weights), tuple(biases), masks, file="a.pt")
    check_fit(constant, TASK, [5])
    biases[1][2] = -0.5
    said = "network=a.pt: output 2 has no edges left and is the constant -0.5; a"
    assert message_of(check_fit, constant, TASK, [5]).startswith(said)
