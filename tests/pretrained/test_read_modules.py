"""Networks from modules of torch: the same function and masks, or an error that names the layer."""

import sys
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lightning import LightningModule
from model_examples import check_same_function, perceptron
from slow import slow
from torch import nn
from torch.nn import functional
from torch.nn.utils import prune
from user_errors import message_of

from neural_sculpting.pretrained import read_network

ALLOWED = "; must be alternating Linear and ReLU, with BatchNorm beside a Linear, "

SHAPES = st.lists(st.integers(1, 9), min_size=3, max_size=6)


@given(layers=SHAPES, seed=st.integers(0, 99))
def test_the_outputs_are_those_of_the_module(layers, seed):
    module = perceptron(layers, seed)
    network = read_network(module)
    assert network.layers == tuple(layers)
    assert network.file is None
    assert all(mask.all() for mask in network.masks)
    check_same_function(network, module)


@given(layers=SHAPES, seed=st.integers(0, 99), share=st.floats(0, 1))
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
    assert read_network(module).end is None


@pytest.mark.parametrize("end", [nn.Sigmoid(), nn.Softmax(dim=1), nn.Softmax(-1), nn.LogSoftmax(dim=-1)])
def test_an_activation_at_the_end_is_dropped_and_a_missing_bias_is_zero(end):
    module = nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Linear(4, 2))
    network = read_network(nn.Sequential(module, end))
    assert network.end == type(end).__name__
    assert not network.biases[0].any()
    check_same_function(network, module)


def norm(units, seed=0, **settings):
    torch.manual_seed(seed)
    module = nn.BatchNorm1d(units, **settings)
    module.running_mean.normal_()
    module.running_var.uniform_(0.5, 2)
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    return module


NORMS = {
    "after a Linear": lambda a, b: [a, norm(5), nn.ReLU(), b],
    "before one": lambda a, b: [a, nn.ReLU(), norm(5), nn.Dropout(), b],
    "of the inputs": lambda a, b: [norm(3), norm(3, 1), a, nn.ReLU(), b],
    "of the outputs, by another epsilon": lambda a, b: [a, nn.ReLU(), b, norm(2, eps=0.1)],
    "without weights": lambda a, b: [a, norm(5, affine=False), norm(5, 1), nn.ReLU(), norm(5, 2), b],
}


@pytest.mark.parametrize("where", NORMS)
@pytest.mark.parametrize("pruned", [False, True])
def test_batch_norm_is_folded_as_in_evaluation(where, pruned):
    first, _, second = perceptron([3, 5, 2])
    if pruned:
        prune.random_unstructured(second, "weight", 4)
    module = nn.Sequential(*NORMS[where](first, second)).train()
    network = read_network(module)
    assert all(part.training for part in module.modules()), "they are left as they were"
    check_same_function(network, module)
    if pruned:
        assert not network.masks[1][second.weight_mask.T.numpy() == 0].any()


def test_folding_agrees_with_torch():
    first, _, second = perceptron([3, 5, 2])
    fused = nn.utils.fusion.fuse_linear_bn_eval(first.eval(), norm(5).eval())
    read, expected = (read_network(nn.Sequential(*parts, nn.ReLU(), second)) for parts in ([first, norm(5)], [fused]))
    np.testing.assert_allclose(read.weights[0], expected.weights[0], rtol=1e-5)


class Chain(nn.Module):
    """Declares its layers in another order than it calls them, with functions and shapes between them."""

    def __init__(self):
        super().__init__()
        self.out, self.hidden = nn.Linear(5, 2), nn.ModuleList([nn.Linear(4, 5), nn.Linear(5, 5)])
        self.dropout = nn.Dropout()

    def forward(self, rows, mask=None, doubled=False):
        rows = rows.view(rows.size(0), -1)
        for layer in self.hidden:
            rows = self.dropout(functional.relu(layer(rows.reshape(rows.shape[0], 5 if doubled else -1))))
        rows = functional.dropout(rows, 0.5, training=self.training)
        return torch.softmax(self.out(rows.relu_()), dim=-1)


class Wrapper(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, rows):
        return self.network(rows).squeeze(-1)


class Masked(nn.Linear):
    """Pruned by a mask in its forward."""

    def forward(self, rows):
        return functional.linear(rows, self.weight * (self.weight.abs() > 0.2), self.bias)


def lightning(with_forward):
    class Module(LightningModule):
        def __init__(self):
            super().__init__()
            self.save_hyperparameters()
            self.model, self.loss = perceptron([4, 5, 2]), nn.BCEWithLogitsLoss(pos_weight=torch.ones(2))

        if with_forward:

            def forward(self, rows):
                return self.model(rows)

    return Module()


def test_a_chain_of_calls():
    module = Chain()
    network = read_network(module)
    assert (network.layers, network.end) == ((4, 5, 5, 2), "Softmax")
    weights = (module.hidden[0].weight, module.hidden[1].weight, module.out.weight)
    for found, weight in zip(network.weights, weights, strict=True):
        assert np.array_equal(found, weight.detach().T.numpy())


@pytest.mark.parametrize(
    "wrap",
    [
        Wrapper,
        lambda module: Wrapper(Wrapper(module)),
        slow(torch.compile),
        slow(lambda module: Wrapper(torch.compile(module))),
        nn.DataParallel,
        torch.optim.swa_utils.AveragedModel,
        lambda module: nn.Sequential(nn.Sequential(module)),
        torch.fx.symbolic_trace,
    ],
)
def test_wrapped_modules(wrap):
    module = perceptron([4, 5, 1])
    check_same_function(read_network(wrap(module)), module)


@pytest.mark.parametrize("with_forward", [True, False])
def test_lightning_modules(with_forward):
    module = lightning(with_forward)
    check_same_function(read_network(module), module.model)


def test_layers_whose_weights_are_computed_when_they_are_called():
    module = perceptron([4, 5, 5, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both have successors
        nn.utils.weight_norm(module[0])
        nn.utils.spectral_norm(module[2])
    with torch.no_grad():
        module[0].weight_g *= 3
    check_same_function(read_network(module), module)


@pytest.mark.parametrize(
    "forward",
    [
        lambda self, x: self.c(functional.linear(bias=self.a.bias, input=x, weight=self.a.weight).relu()),
        lambda self, x: self.c(self.a(x.to(self.a.weight.dtype)).relu().type_as(self.c.weight)),
        lambda self, x: self.c(self.a(x.double().cpu().float()).relu()),
        lambda self, x: functional.linear(functional.linear(x, self.seen).relu(), self.seen.T),
    ],
    ids=["keywords", "types", "casts", "without parameters"],
)
def test_other_calls(forward):
    module = of(forward)
    module.register_buffer("seen", torch.ones(3, 2))
    check_same_function(read_network(module), module)


def test_layers_that_do_nothing_or_normalize():
    module = nn.Sequential(nn.Linear(4, 5), nn.SyncBatchNorm(5), nn.Dropout1d(), nn.ReLU(), nn.Linear(5, 2)).eval()
    module[1].running_mean.fill_(0.5)
    check_same_function(read_network(module), module)


def test_masks_in_a_forward():
    module = nn.Sequential(Masked(4, 5), nn.ReLU(), nn.Linear(5, 2))
    network = read_network(module)
    check_same_function(network, module)
    assert network.masks[0].sum() == (module[0].weight.abs() > 0.2).sum() < 20


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


def of(forward):
    """A module with three layers and this forward."""

    class Module(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(2, 3), nn.Linear(3, 3), nn.Linear(3, 1)

        def forward(self, rows):
            return forward(self, rows)

    return Module()


def doubled(module, layer=None):
    """What a hook makes of the outputs, of all or of a layer."""
    (module if layer is None else module[layer]).register_forward_hook(lambda part, inputs, outputs: 2 * outputs)
    return module


def quantized(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it moves to another package
        return torch.ao.quantization.quantize_dynamic(module)


def between(*layers):
    return nn.Sequential(nn.Linear(2, 3), *layers, nn.Linear(3, 1))


NOT_RELU = ", and hidden units must be ReLU: train it with ReLU instead"
REFUSED = [
    (between(nn.Tanh()), f"layer 1 is Tanh{NOT_RELU}{ALLOWED}"),
    (between(nn.PReLU()), f"layer 1 is PReLU{NOT_RELU}"),
    (
        between(nn.LayerNorm(3), nn.ReLU()),
        "layer 1 is LayerNorm, which cannot be a part of a Linear; only BatchNorm can",
    ),
    (between(nn.BatchNorm1d(3, track_running_stats=False)), "layer 1 is BatchNorm1d without running statistics, which"),
    (
        between(nn.ReLU(), norm(3), nn.ReLU()),
        "layer 2 is BatchNorm without a Linear right before or after it, or a Conv2d before it",
    ),
    (between(norm(4), nn.ReLU()), "layer 1 is BatchNorm of the shape (4,), beside a layer of 3 units"),
    (
        nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU()),
        "layer 0 is Conv1d; pass the Linear layers behind it, and their inputs",
    ),
    (nn.LSTM(2, 3), "it is LSTM; must be alternating"),
    (nn.Sequential(perceptron([2, 3, 2]), nn.Softmax(dim=0)), "layer 1 is Softmax over other axes than the outputs"),
    (
        nn.Sequential(perceptron([2, 3, 1]), nn.Softmax(dim=1)),
        "layer 1 is Softmax of a single output, which is a const",
    ),
    (nn.Sequential(nn.Flatten(0), perceptron([2, 3, 2])), "layer 0 is Flatten of other axes than those behind the"),
    (Own(), "Own has no forward; pass the nn.Sequential of its layers, or an ONNX file of it"),
    (OddSequential(*perceptron([2, 3, 2])), "step add calls add; must be alternating"),
    (between(nn.Sequential()), f"layer 0 and layer 2 are Linear without ReLU between them{ALLOWED}"),
    (nn.Sequential(nn.ReLU(), *perceptron([2, 3, 2])), "layer 0 is ReLU before the first Linear"),
    (nn.Sequential(*perceptron([2, 3, 2]), nn.ReLU()), "layer 3 is ReLU after the last Linear, whose outputs must"),
    (between(nn.Sigmoid()), "layer 1 is Sigmoid; hidden units must be ReLU"),
    (nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.Linear(3, 1)), "tensor 0.weight cannot be read ("),
    (broken(float("nan")), "layer 2 has weights that are NaN or infinite as 32-bit numbers"),
    (broken(1e300, dtype=torch.float64), "layer 2 has weights that are NaN or infinite as 32-bit"),
    (broken(float("inf"), "bias"), "layer 2 has biases that are NaN or infinite as 32-bit numbers"),
    (3, "is int; must be a torch module, a state dict, an MLP of scikit-learn, a trial, or the path of a file"),
    (
        of(lambda self, x: self.c((h := self.a(x).relu()) + self.b(h).relu())),
        "step add joins several layers (a skip",
    ),
    (of(lambda self, x: self.c(torch.tanh(self.a(x)))), f"step tanh calls tanh{NOT_RELU}"),
    (of(lambda self, x: self.c(functional.leaky_relu(self.a(x)))), f"step leaky_relu calls leaky_relu{NOT_RELU}"),
    (of(lambda self, x: self.c(self.a(x).relu() * 2)), f"step mul calls mul{ALLOWED}"),
    (
        of(lambda self, x: self.c((self.a if x.sum() > 0 else self.b)(x))),
        "Module has a forward that cannot be traced (",
    ),
    (
        of(lambda self, x: self.c(functional.dropout(self.a(x).relu()))),
        f"computes something else than its layers{ALLOWED}",
    ),
    (torch.jit.trace(perceptron([2, 3, 2]), torch.ones(1, 2)), "is a TorchScript model, which cannot be read; pass"),
    (of(lambda self, x: sys.exit(3)), "Module fails (SystemExit: 3, line "),
    (
        of(lambda self, x: self.c(self.a(x).relu()) if isinstance(x, torch.fx.Proxy) else sys.exit(0)),
        "Module fails on rows of 2 inputs (SystemExit: 0, line ",
    ),
    (doubled(perceptron([2, 3, 2])), "computes something else than its layers"),
    (doubled(perceptron([2, 3, 2]), 2), "computes something else than its layers"),
    (quantized(perceptron([2, 3, 2])), "layer 0 is Linear with numbers that are rounded to integers; pass the network"),
    (
        of(lambda self, x: (self.c(self.a(x).relu()), x)),
        "returns something else than the outputs of its last layer alone",
    ),
]


@pytest.mark.parametrize(("module", "line"), REFUSED, ids=[line for _, line in REFUSED])
def test_other_modules_are_refused(module, line):
    assert message_of(read_network, module).startswith(f"network: {line}")
