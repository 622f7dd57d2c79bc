"""Networks from modules of torch: the same function and masks, or an error that names the layer."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from model_examples import check_same_function, perceptron
from torch import nn
from torch.nn.utils import prune
from user_errors import message_of

from neural_sculpting.pretrained import read_network

ALLOWED = "; must be alternating Linear and ReLU, with Flatten, Identity and Dropout anywhere and Sigmoid at the end"

SHAPES = st.lists(st.integers(1, 9), min_size=3, max_size=6)


@given(layers=SHAPES, seed=st.integers(0, 99))
@settings(max_examples=30)
def test_the_outputs_are_those_of_the_module(layers, seed):
    module = perceptron(layers, seed)
    network = read_network(module)
    assert network.layers == tuple(layers)
    assert network.file is None
    assert all(mask.all() for mask in network.masks)
    check_same_function(network, module)


@given(layers=SHAPES, seed=st.integers(0, 99), share=st.floats(0, 1))
@settings(max_examples=60)
def test_a_pruned_module_computes_the_same_with_its_masks(layers, seed, share):
    """Whatever pruning has cut off: remaining constants end up in biases."""
    module = perceptron(layers, seed)
    linears = [part for part in module if isinstance(part, nn.Linear)]
    prune.global_unstructured(
        [(part, "weight") for part in linears], pruning_method=prune.RandomUnstructured, amount=share
    )
    network = read_network(module)
    check_same_function(network, module)
    for mask, part in zip(network.masks, linears, strict=True):
        assert not mask[part.weight_mask.T.numpy() == 0].any()
    for incoming, outgoing in zip(network.masks, network.masks[1:], strict=False):
        assert np.array_equal(incoming.any(axis=0), outgoing.any(axis=1))


def test_masks_are_those_of_the_module_and_weights_are_current():
    module = perceptron([3, 4, 2])
    mask = torch.tensor([[1, 0, 1], [1, 1, 1], [0, 1, 0], [1, 1, 0]])
    prune.custom_from_mask(module[0], "weight", mask)
    network = read_network(module)
    assert network.masks[0].astype(int).tolist() == mask.T.tolist()
    assert network.masks[1].all()
    with torch.no_grad():  # no forward pass has recomputed weight since
        module[0].weight_orig.zero_().add_(1)
    assert np.array_equal(read_network(module).weights[0], mask.T.numpy())


def test_a_masked_bias_starts_at_zero():
    module = perceptron([3, 4, 2])
    prune.custom_from_mask(module[2], "bias", torch.tensor([0, 1]))
    network = read_network(module)
    assert network.biases[1][0] == 0
    assert network.biases[1][1] == module[2].bias_orig[1].item() != 0
    check_same_function(network, module)


def test_zeros_are_pruned_unless_they_are_kept():
    module = perceptron([2, 3, 2])
    with torch.no_grad():
        module[0].weight[1, 0] = 0
    assert read_network(module).masks[0].astype(int).tolist() == [[1, 0, 1], [1, 1, 1]]
    kept = read_network(module, zeros="kept")
    assert all(mask.all() for mask in kept.masks)
    check_same_function(kept, module)
    assert kept.sha256 != read_network(module).sha256


def test_modules_without_effect_may_appear_anywhere():
    first, second, third = perceptron([6, 5, 4, 3])[::2]
    module = nn.Sequential(
        nn.Flatten(), nn.Sequential(first, nn.Dropout(0.5)), nn.ReLU(), nn.Sequential(nn.Sequential(second, nn.ReLU())),
        nn.Identity(), nn.ReLU(), third,
    )  # fmt: skip
    check_same_function(read_network(module), module)
    assert not read_network(module).ends_with_sigmoid


def test_a_sigmoid_at_the_end_is_dropped_and_a_missing_bias_is_zero():
    module = nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Linear(4, 2))
    network = read_network(nn.Sequential(module, nn.Sigmoid()))
    assert network.ends_with_sigmoid
    assert not network.biases[0].any()
    check_same_function(network, module)


def test_a_parametrized_layer_has_its_computed_weights():
    module = perceptron([3, 4, 2])
    nn.utils.parametrizations.weight_norm(module[0])
    check_same_function(read_network(module), module)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_numbers_are_rounded(dtype):
    module = perceptron([3, 4, 2]).to(dtype)
    network = read_network(module)
    assert network.weights[0].dtype == np.float32
    assert np.array_equal(network.weights[0], module[0].weight.detach().float().T.numpy())


def test_later_changes_of_the_module_do_not_matter():
    module = perceptron([3, 4, 2])
    before = module[0].weight.detach().clone()
    network = read_network(module)
    with torch.no_grad():
        module[0].weight.add_(1)
    assert np.array_equal(network.weights[0], before.T.numpy())
    assert read_network(network) is network


class Own(nn.Module):
    pass


class OddSequential(nn.Sequential):
    def forward(self, rows):
        return super().forward(rows) + 1


def broken(value, part="weight", dtype=torch.float32):
    module = perceptron([2, 3, 2]).to(dtype)
    with torch.no_grad():
        getattr(module[2], part).view(-1)[0] = value
    return module


REFUSED = [
    (nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)), "layer 1 is Tanh, and hidden units must be ReLU"),
    (
        nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))),
        f"layer 2.0 is BatchNorm1d{ALLOWED}",
    ),
    (
        nn.Sequential(perceptron([2, 3, 2]), nn.Softmax(dim=1)),
        f"layer 1 is Softmax, which a classifier of logits does without{ALLOWED}",
    ),
    (nn.Sequential(nn.Flatten(0), perceptron([2, 3, 2])), "layer 0 is Flatten of other axes than those behind the"),
    (Own(), f"it is Own, a custom module whose steps are not known{ALLOWED}"),
    (OddSequential(*perceptron([2, 3, 2])), "it is OddSequential, a custom module"),
    (
        nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 1))),
        f"layer 0 and layer 1.0 are Linear without ReLU between them{ALLOWED}",
    ),
    (nn.Sequential(nn.ReLU(), *perceptron([2, 3, 2])), "layer 0 is ReLU before the first Linear"),
    (nn.Sequential(*perceptron([2, 3, 2]), nn.ReLU()), "layer 3 is ReLU after the last Linear, whose outputs must"),
    (nn.Sequential(nn.Linear(2, 3), nn.Sigmoid(), nn.Linear(3, 1)), "layer 1 is Sigmoid; hidden units must be ReLU"),
    (nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.Linear(3, 1)), "tensor 0.weight cannot be read ("),
    (broken(float("nan")), "layer 2 has weights that are NaN or infinite as 32-bit numbers"),
    (broken(1e300, dtype=torch.float64), "layer 2 has weights that are NaN or infinite as 32-bit"),
    (broken(float("inf"), "bias"), "layer 2 has biases that are NaN or infinite as 32-bit numbers"),
    (3, "is int; must be an nn.Sequential, a state dict, or the path of a file"),
]


@pytest.mark.parametrize(("module", "line"), REFUSED, ids=[line for _, line in REFUSED])
def test_other_modules_are_refused(module, line):
    assert message_of(read_network, module).startswith(f"network: {line}")
