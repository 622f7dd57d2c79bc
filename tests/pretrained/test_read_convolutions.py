"""Convolutional networks from modules and state dicts: the same function, or an error that names the layer."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import prune
from user_errors import message_of

from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.pretrained import TrainedNetwork, fitted, read_network
from neural_sculpting.tasks import Table
from neural_sculpting.tasks.base import Task


def conv(channels: int, kernels: int, size: int = 3, **settings: object) -> nn.Conv2d:
    return nn.Conv2d(channels, kernels, size, **{"padding": size // 2, **settings})


def rest(inputs: int, *widths: int) -> list[nn.Module]:
    return [
        nn.Flatten(),
        nn.Linear(inputs, widths[0]),
        *(part for a, b in pairwise(widths) for part in (nn.ReLU(), nn.Linear(a, b))),
    ]


def random_module(seed: int) -> tuple[nn.Sequential, tuple[int, int, int]]:
    """A network with BatchNorm or none, ReLU before or behind pooling, and images that are halved with a rest."""
    torch.manual_seed(seed)
    image = (1 + seed % 2, 9, 8 + 4 * (seed % 3))
    kernel, channels = (1, 3, 5)[seed % 3], (image[0], 3, 4)[: 2 + seed % 2]
    parts: list[nn.Module] = []
    for number, (below, above) in enumerate(pairwise(channels)):
        norm = [nn.BatchNorm2d(above)] * ((seed + number) % 2)
        behind = [nn.ReLU(), nn.MaxPool2d(2)][:: 1 if seed % 4 < 2 else -1]
        parts += [conv(below, above, kernel, bias=not norm), *norm, *behind]
    with torch.no_grad():
        size = nn.Sequential(*parts)(torch.zeros(2, *image)).flatten(1).shape[1]
    parts += [nn.Flatten(), nn.Linear(size, 5), *[nn.BatchNorm1d(5)] * (seed % 2), nn.ReLU(), nn.Linear(5, 3)]
    for part in parts:
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            for values in (part.running_mean, part.weight, part.bias):
                nn.init.normal_(values)  # scales below 0, too
            nn.init.uniform_(part.running_var, 0.5, 2)
    return nn.Sequential(*parts).eval(), image


def by_cnn(network: TrainedNetwork, image: tuple[int, int, int], rows: torch.Tensor) -> torch.Tensor:
    settings = {key: value for key, value in network.arch.items() if key != "name"}
    arch = Cnn(Shapes(rows[0].numel(), network.layers[-1], image), **settings)
    return arch.logits(torch.from_numpy(network.row)[None], rows.flatten(1)[None])[0]


@pytest.mark.parametrize("seed", range(12))
def test_the_outputs_are_those_of_the_module(seed):
    module, image = random_module(seed)
    rows = torch.randn(16, *image)
    with torch.no_grad():
        expected = module(rows)
    for source in (module, module.state_dict()):
        network = read_network(source)
        torch.testing.assert_close(by_cnn(network, image, rows), expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(network.logits(rows.numpy()), expected.numpy(), rtol=1e-5, atol=1e-5)
    assert all(mask.all() for mask in network.masks)


def test_batch_norm_is_folded_by_hand():
    """A kernel of 1, of weight 3 and bias 1: (3 x + 1 - 5) / √4 · 6 + 7 = 9 x - 5."""
    module = nn.Sequential(conv(1, 1, 1), nn.BatchNorm2d(1, eps=0), nn.ReLU(), nn.MaxPool2d(2), *rest(1, 1, 1)).eval()
    for parameter, value in zip(module[:2].parameters(), (3, 1, 6, 7), strict=True):
        nn.init.constant_(parameter, value)
    module[1].running_mean.fill_(5)
    module[1].running_var.fill_(4)
    network = read_network(module)
    assert (network.weights[0].tolist(), network.biases[0].tolist()) == ([[9.0]], [-5.0])
    assert network.arch == {"name": "cnn", "channels": (1,), "kernel": 1, "dense": (1,)}


def test_rows_of_kernels_are_by_channel_and_those_of_the_first_linear_too():
    module = nn.Sequential(conv(2, 3), nn.MaxPool2d(2), nn.ReLU(), *rest(12, 5, 4))
    network = read_network(module)
    assert [weight.shape for weight in network.weights] == [(18, 3), (12, 5), (5, 4)]
    assert network.weights[0][9 + 3 + 2, 1] == module[0].weight[1, 1, 1, 2].item()
    assert network.kernels == (3,)


class Own(nn.Module):
    """Layers by name, and functions between them."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.fc1, self.fc2 = conv(1, 2), conv(2, 3), nn.Linear(12, 4), nn.Linear(4, 2)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = torch.relu(functional.max_pool2d(self.conv2(x), kernel_size=(2, 2), stride=2))
        return self.fc2(self.fc1(torch.flatten(x, 1)).relu())


def test_functions_between_layers():
    torch.manual_seed(0)
    module, rows = Own(), torch.randn(8, 1, 8, 8)
    network = read_network(module)
    with torch.no_grad():
        torch.testing.assert_close(by_cnn(network, (1, 8, 8), rows), module(rows), rtol=1e-5, atol=1e-5)
    assert read_network(module.state_dict()).sha256 == network.sha256
    backwards = dict(reversed(list(module.state_dict().items())))
    assert read_network(backwards).sha256 == network.sha256


def test_batch_norm_follows_the_layer_of_its_number_that_it_fits():
    """Of conv1 and fc1, both before it, the one with two outputs."""
    torch.manual_seed(0)
    module = Own()
    module.bn1 = nn.BatchNorm2d(2)
    nn.init.normal_(module.bn1.running_mean)
    head = [nn.Flatten(), module.fc1, nn.ReLU(), module.fc2]
    expected = nn.Sequential(module.conv1, module.bn1, *POOL, module.conv2, *POOL, *head)
    assert read_network(module.state_dict()).sha256 == read_network(expected).sha256


def test_what_is_masked_stays_pruned_and_constants_of_the_last_convolution_become_biases():
    torch.manual_seed(1)
    module = nn.Sequential(
        conv(1, 3), nn.ReLU(), nn.MaxPool2d(2), conv(3, 4), nn.ReLU(), nn.MaxPool2d(2), *rest(16, 5, 2)
    )
    prune.random_unstructured(module[0], "weight", 4)
    whole = torch.ones(4, 3, 3, 3)
    whole[2], whole[:, 1] = 0, 0
    prune.custom_from_mask(module[3], "weight", whole)
    nn.init.constant_(module[3].bias, 0.3)
    network, rows = read_network(module), torch.randn(8, 1, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(by_cnn(network, (1, 8, 8), rows), module(rows), rtol=1e-5, atol=1e-5)
    first, second, dense, _ = network.masks
    assert not first[:, 1].any()  # which nothing reads
    assert not second[9:18].any()
    assert not second[:, 2].any()
    assert not dense[8:12].any()
    assert dense.sum() == 12 * 5


def two(*between: nn.Module, **settings: object) -> nn.Sequential:
    return nn.Sequential(conv(1, 2, **settings), *between, *rest(8, 3, 2))


def without_a_channel() -> nn.Sequential:
    module = nn.Sequential(
        conv(1, 2), nn.ReLU(), nn.MaxPool2d(2), conv(2, 2), nn.ReLU(), nn.MaxPool2d(2), *rest(8, 2, 2)
    )
    nn.init.zeros_(module[0].weight[1])
    nn.init.constant_(module[0].bias, 0.5)
    return module


POOL = (nn.ReLU(), nn.MaxPool2d(2))
REFUSED = [
    (two(*POOL, stride=2), "layer 0 is Conv2d with stride=(2, 2); must have an odd square kernel, stride 1, padding"),
    (two(*POOL, padding=0), "layer 0 is Conv2d with padding=(0, 0); must have an odd"),
    (two(*POOL, padding_mode="circular"), "layer 0 is Conv2d with padding_mode=circular; must"),
    (two(*POOL, dilation=2, padding=2), "layer 0 is Conv2d with dilation=(2, 2); must"),
    (two(*POOL, size=4), "layer 0 is Conv2d with kernel_size=(4, 4); must"),
    (nn.Sequential(conv(2, 2, groups=2), *POOL, *rest(8, 3, 2)), "layer 0 is Conv2d with groups=2; must"),
    (two(nn.ReLU(), nn.MaxPool2d(3)), "layer 2 is MaxPool2d with kernel_size=3; must be MaxPool2d(2)"),
    (two(nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)), "layer 2 is MaxPool2d with ceil_mode=True; must be MaxPool2d(2)"),
    (two(nn.ReLU(), nn.AvgPool2d(2)), "layer 2 is AvgPool2d; pass the Linear layers behind it, and their inputs as"),
    (
        two(nn.ReLU()),
        "layer 0 is Conv2d without ReLU and one MaxPool2d(2) behind it; must be alternating Linear and ReLU",
    ),
    (two(nn.MaxPool2d(2)), "layer 0 is Conv2d without ReLU and one MaxPool2d(2) behind it; must"),
    (two(*POOL, nn.MaxPool2d(2)), "layer 0 is Conv2d without ReLU and one MaxPool2d(2) behind it; must"),
    (two(nn.MaxPool2d(2), nn.BatchNorm2d(2), nn.ReLU()), "layer 2 is BatchNorm without a Linear right before or after"),
    (two(*POOL, nn.BatchNorm2d(2), conv(2, 2), *POOL), "layer 3 is BatchNorm without a Linear right before or after"),
    (nn.Sequential(nn.MaxPool2d(2), *two(*POOL)), "layer 0 is MaxPool2d before the first Linear; must"),
    (two(*POOL, conv(2, 2, 5), *POOL), "has kernels of the sizes 3, 5; must have one size"),
    (two(*POOL, conv(3, 2), *POOL), "layer 0 has 2 outputs, layer 3, which comes next, has 3 inputs"),
    (
        nn.Sequential(conv(1, 3), *POOL, *rest(8, 2, 2)),
        "layer 0 has 3 outputs, layer 4, which comes next, has 8 inputs; must be a",
    ),
    (
        nn.Sequential(nn.Linear(4, 4), nn.ReLU(), conv(4, 1), *POOL),
        "layer 0 has 4 outputs, layer 2, which comes next, has 4 inputs; conv",
    ),
    (nn.Sequential(conv(1, 2), *POOL, conv(2, 1), *POOL), "layer 3 is the last and a convolution; must be a Linear"),
    (
        nn.Sequential(*two(*POOL)[:3], nn.Linear(8, 3), nn.ReLU(), nn.Linear(3, 2)),
        "Sequential fails on rows of 1 × 4 × 4 inputs (",
    ),
    (
        without_a_channel(),
        "channel 1 of layer 0 has no edges left and is the constant 0.5; layer 3, which reads it, must",
    ),
    (
        {"0.weight": torch.ones(1, 1, 2, 2)},
        "tensor 0.weight has the shape (1, 1, 2, 2); a Conv2d must have an odd square",
    ),
]


@pytest.mark.parametrize(("source", "line"), REFUSED, ids=[line for _, line in REFUSED])
def test_other_networks_are_refused(source, line):
    assert message_of(read_network, source).startswith(f"network: {line}")


def task_of(image: tuple[int, ...], outputs: int = 2) -> Task:
    table = Table(np.zeros((2, int(np.prod(image))), np.float32), np.zeros((2, outputs), np.float32))
    shape = image if len(image) == 3 else ()
    return Task(None, table, table, name="some_images", parameters={}, input_shape=shape)


@pytest.mark.parametrize(
    ("task", "line"),
    [
        (task_of((16,)), "begins with a convolution; the inputs of some_images are no images"),
        (task_of((2, 4, 4)), "reads images of 1 channel; those of some_images have 2"),
        (
            task_of((1, 9, 6)),
            "its first Linear reads 4 positions of each channel; in some_images images of 9 × 6 become 4 × 3",
        ),
        (task_of((1, 4, 4), 3), "has 16 inputs and 2 outputs; some_images has 16 and 3"),
    ],
)
def test_images_that_do_not_fit(task, line):
    network = read_network(two(*POOL))
    fitted(network, task_of((1, 5, 4)), network.arch)
    assert message_of(fitted, network, task, network.arch).startswith(f"network: {line}")


def test_another_architecture_is_refused():
    network, task = read_network(two(*POOL)), task_of((1, 4, 4))
    other = "network has [2]; arch.channels=null takes the shape from it"
    assert message_of(fitted, network, task, {**network.arch, "channels": (3,)}) == f"arch.channels=[3]: {other}"
    other = "network has cnn; arch.name=null takes the shape from it"
    assert message_of(fitted, network, task, {"name": "mlp", "hidden": (2,)}) == f"arch.name=mlp: {other}"
