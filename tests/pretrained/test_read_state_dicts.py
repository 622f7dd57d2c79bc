"""Networks from names and tensors: in which order, and what is refused."""

import numpy as np
import pytest
import torch
from model_examples import check_same_function, perceptron
from torch import nn
from torch.nn.utils import prune
from user_errors import message_of

from neural_sculpting.pretrained import read_network
from neural_sculpting.pretrained.state_dicts import layers_of_state_dict


def names(state, ordered=True):
    return [layer.name for layer in layers_of_state_dict(state, "a.pt", ordered)]


def weights(**shapes):
    """A state dict of such weights, ``(fan_in, fan_out)`` by name; dots are written as double underscores."""
    return {f"{name.replace('__', '.')}.weight": torch.ones(shape[::-1]) for name, shape in shapes.items()}


def test_the_state_dict_of_a_module_is_the_module():
    module = perceptron([3, 5, 4, 2])
    network = read_network(module.state_dict())
    check_same_function(network, module)
    assert network.sha256 == read_network(module).sha256


def test_numpy_arrays_are_accepted():
    module = perceptron([3, 5, 2])
    state = {name: value.double().numpy() for name, value in module.state_dict().items()}
    check_same_function(read_network(state), module)


def test_numbers_in_names_give_the_order():
    assert names(weights(fc10=(3, 4), fc2=(2, 3), fc1=(4, 2))) == ["fc1", "fc2", "fc10"]
    square = dict.fromkeys(("body__2__linear", "body__10__linear", "body__0__linear"), (3, 3))
    assert names(weights(**square)) == ["body.0.linear", "body.2.linear", "body.10.linear"]


@pytest.mark.parametrize("ordered", [True, False])
def test_widths_decide_if_names_do_not(ordered):
    assert names(weights(out=(24, 3), first=(4, 24)), ordered) == ["first", "out"]
    several = weights(out=(9, 2), body__1=(8, 9), start=(4, 8), body__0=(8, 8))
    assert names(several, ordered) == ["start", "body.0", "body.1", "out"]


def test_the_order_of_the_state_dict_decides_if_nothing_else_does():
    """4-24-4 or 24-4-24: both would fit."""
    both = weights(first=(4, 24), second=(24, 4))
    assert names(both) == ["first", "second"]
    line = "a.pt: the names and widths of its layers (first, second) do not determine their order; number them"
    assert message_of(names, both, ordered=False).startswith(line)
    many = weights(**dict.fromkeys("hgfedcba", (3, 3)))
    assert names(many) == list("hgfedcba")
    assert "do not determine their order" in message_of(names, many, ordered=False)


def test_the_tensors_of_a_pruned_layer():
    module = perceptron([3, 4, 2])
    prune.random_unstructured(module[0], "weight", 5)
    prune.custom_from_mask(module[2], "bias", torch.tensor([1, 0]))
    network = read_network(module.state_dict())
    assert network.sha256 == read_network(module).sha256
    assert network.masks[0].sum() <= 7
    whole_numbers = {
        name: value.long() if name.endswith("_mask") else value for name, value in module.state_dict().items()
    }
    assert read_network(whole_numbers).sha256 == network.sha256


BATCH_NORM = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1)).state_dict()
REFUSED = {
    "a.pt: tensor 1.running_mean (3,) is not of a Linear layer, which all must be": {
        key: value for key, value in BATCH_NORM.items() if "running_mean" in key
    },
    "a.pt: tensor 1.weight has the shape (3,); that of a Linear layer is (outputs, inputs)": {
        "1.weight": torch.ones(3),
        "1.bias": torch.ones(3),
    },
    "a.pt: layer 0 has bias and no weight": {"0.bias": torch.ones(2)},
    "a.pt: tensor 0.weight contains int64; must contain floating-point numbers": {"0.weight": torch.ones(2, 2).long()},
    "a.pt: tensor 0.weight contains int8; must contain floating-point": {"0.weight": np.ones((2, 2), np.int8)},
    "a.pt: tensor 0.weight_mask has another shape than what it masks": {
        "0.weight_orig": torch.ones(2, 2),
        "0.weight_mask": torch.ones(2),
    },
    "a.pt: is not a state dict ('epoch' is int, not a tensor); make one by torch.save(": {"epoch": 3},
}


@pytest.mark.parametrize("line", REFUSED)
def test_tensors_that_are_not_of_a_linear_layer_are_refused(line):
    assert message_of(layers_of_state_dict, REFUSED[line], "a.pt").startswith(line)


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({}, "network: has no Linear layer; must have two or more"),
        (weights(a=(2, 3)), "network: has one Linear layer; must have two or more, with hidden units between them"),
        (weights(a=(2, 3), b=(4, 1)), "network: layer a has 3 outputs, layer b, which comes next, has 4 inputs"),
        ({**weights(a1=(2, 3), a2=(3, 1)), "a2.bias": torch.ones(2)}, "network: layer a2 has 1 outputs and biases of"),
        (weights(a1=(2, 0), a2=(0, 1)), "network: layer a1 has no weights"),
    ],
)
def test_layers_that_do_not_make_a_network(state, line):
    assert message_of(read_network, state).startswith(line)
