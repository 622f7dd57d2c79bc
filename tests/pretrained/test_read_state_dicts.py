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


def test_sparse_tensors_and_masks_of_other_numbers():
    module = perceptron([3, 5, 2])
    prune.l1_unstructured(module[0], "weight", 7)
    state = module.state_dict()
    whole, mask = state["0.weight_orig"], state["0.weight_mask"]
    pruned = read_network({**state, "0.weight_orig": (whole * mask).to_sparse()})
    assert (pruned.weights[0] != 0).sum() == 8
    halved = read_network({**state, "0.weight_mask": mask / 2})
    np.testing.assert_array_equal(halved.weights[0], pruned.weights[0] / 2)


@pytest.mark.parametrize("prefix", ["model.", "module.", "_orig_mod.", "_orig_mod.module.model."])
@pytest.mark.parametrize("path", [(), ("state_dict",), ("model_state_dict",), ("checkpoint", "model", "state_dict")])
def test_checkpoints_and_prefixes(prefix, path):
    module = perceptron([3, 5, 4, 2])
    content = {f"{prefix}{name}": value for name, value in module.state_dict().items()}
    content["loss.pos_weight"] = torch.ones(2)
    for key in reversed(path):
        content = {"epoch": 3, key: content, "optimizer_state_dict": {"state": {0: {"exp_avg": torch.ones(2)}}}}
    check_same_function(read_network(content), module)


def test_numbers_of_thousands_of_digits():
    digits = "1" * 5000
    assert names(weights(**{f"a{digits}": (3, 3), f"a{digits[1:]}": (3, 3), f"a00{digits[2:]}": (3, 3)})) == [
        f"a{each}" for each in (f"00{digits[2:]}", digits[1:], digits)
    ]


class Block(nn.Module):
    def __init__(self, fan_in, fan_out):
        super().__init__()
        self.norm, self.linear = nn.BatchNorm1d(fan_out), nn.Linear(fan_in, fan_out)

    def forward(self, rows):
        return self.norm(self.linear(rows)).relu()


class Numbered(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.out = nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2)
        self.bn1, self.bn2 = nn.BatchNorm1d(4), nn.BatchNorm1d(4)

    def forward(self, rows):
        return self.out(self.bn2(self.fc2(self.bn1(self.fc1(rows)).relu())).relu())


def norms_in(*order):
    layers = {"a": nn.Linear(3, 4), "b": nn.Linear(4, 2), "r": nn.ReLU(), "d": nn.Dropout(), "n": nn.BatchNorm1d(4)}
    return nn.Sequential(*(nn.BatchNorm1d(3) if each == "i" else layers[each] for each in order))


@pytest.mark.parametrize(
    "module",
    [
        *(norms_in(*"anrdb"), norms_in(*"arnb"), norms_in(*"arndb"), norms_in(*"iarb"), Numbered()),
        nn.Sequential(Block(3, 4), Block(4, 4), nn.Linear(4, 2)),
        nn.Sequential(norms_in(*"anr"), nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU()), nn.Linear(4, 2)),
        nn.ModuleDict({"hidden": nn.Linear(3, 4), "norm": nn.BatchNorm1d(4), "out": nn.Linear(4, 2)}),
    ],
)
def test_batch_norm_is_where_its_name_puts_it(module):
    torch.manual_seed(0)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.running_mean.normal_()
            nn.init.normal_(part.weight)
    if isinstance(module, nn.ModuleDict):
        network = read_network(module.state_dict())
        hidden, norm, out = module.values()
        check_same_function(network, nn.Sequential(hidden, norm, nn.ReLU(), out))
    else:
        check_same_function(read_network(module.state_dict()), module)


BATCH_NORM = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1)).state_dict()
REFUSED = {
    "a.pt: layer 1 is BatchNorm with tensors of the shapes (2,), (3,)": {**BATCH_NORM, "1.bias": torch.ones(2)},
    "a.pt: layer norm is BatchNorm, and no name shows which Linear it follows; pass the module itself": {
        key.replace("1.", "norm."): value for key, value in BATCH_NORM.items()
    },
    "a.pt: tensor 0.weight_v (2, 3) is not of a Linear layer, which all must be": {"0.weight_v": torch.ones(2, 3)},
    "a.pt: contains several state dicts (generator, ema.model); save that of the network: torch.save(": {
        "generator": BATCH_NORM,
        "ema": {"model": BATCH_NORM},
    },
    "a.pt: tensor 1.weight has the shape (3,); that of a Linear layer is (outputs, inputs), and LayerNorm": {
        "1.weight": torch.ones(3),
        "1.bias": torch.ones(3),
    },
    "a.pt: tensor 0.weight_g (2, 1) is not of a Linear layer, which all must be; pass the module itself, or an ONNX": {
        "0.weight_g": torch.ones(2, 1)
    },
    "a.pt: tensor 0.weight cannot be read (": {"0.weight": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])},
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
    ordered = "norm is BatchNorm" not in line
    assert message_of(layers_of_state_dict, REFUSED[line], "a.pt", ordered).startswith(line)


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
