import numpy as np
import pytest
import torch
from torch import nn

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained import read_network
from neural_sculpting.scoring.labels import labels_of
from neural_sculpting.tasks import build_task
from neural_sculpting.views.analyzed_network import analyze_network

MASKS = [[[1, 0], [1, 0], [0, 1], [0, 1]], [[1, 0], [0, 1]]]
"""Two pairs of inputs, each with a hidden unit and an output."""


@pytest.fixture
def settings(config):
    return config.analysis


def test_modules_of_masks(settings):
    analyzed = analyze_network(MASKS, settings)
    assert [analyzed.hierarchy.nodes[module]["inputs"] for module in analyzed.hierarchy] == [(0, 1), (2, 3)]
    assert str(analyzed) == "y0  A  x0 x1\ny1  B  x2 x3"
    assert analyzed.edges == 6
    picture = analyzed.picture()
    assert "Network" in picture
    assert "4-2-2 · density 50.00%" in picture
    assert analyzed._repr_svg_() == picture


def test_modules_of_a_trained_network(settings):
    first, last = nn.Linear(4, 2), nn.Linear(2, 2)
    with torch.no_grad():
        first.weight.mul_(torch.tensor(MASKS[0]).T)
        last.weight.mul_(torch.tensor(MASKS[1]).T)
    names = labels_of(None, ("a", "b", "c", "d"), ("left", "right"))
    network = read_network(nn.Sequential(first, nn.ReLU(), last))
    analyzed = analyze_network(network, settings, title="Mine", labels=names)
    assert str(analyzed) == "left  A  a, b\nright  B  c, d"
    assert all(np.array_equal(mask, given) for mask, given in zip(analyzed.masks, MASKS, strict=True))
    assert "Mine" in analyzed.picture()


def test_a_reader_is_given_the_function_of_a_trained_network(settings):
    """Two exclusive ors of two bits each: |x - y| is relu(x - y) + relu(y - x)."""
    half = np.kron(np.eye(2), [[1, -1], [-1, 1]])
    first, last = nn.Linear(4, 4), nn.Linear(4, 4)
    with torch.no_grad():
        first.weight.copy_(torch.from_numpy(half))
        last.weight.copy_(torch.from_numpy(np.kron(np.eye(2), [[1, 1], [-1, -1]])))
        first.bias.zero_()
        last.bias.copy_(torch.tensor([-0.5, 0.5, -0.5, 0.5]))
    network = read_network(nn.Sequential(first, nn.ReLU(), last))
    asked = settings.model_copy(update={"reader": "confirmed"})
    analyzed = analyze_network(network, asked, task=build_task("boolean_sep"))
    assert sorted(inputs for _, inputs in analyzed.hierarchy.nodes(data="inputs") if inputs) == [(0, 1), (2, 3)]
    line = "^analysis.reader=confirmed: needs the function, not masks alone; paper reads these$"
    with pytest.raises(UserError, match=line):
        analyze_network(MASKS, asked)


@pytest.mark.parametrize(
    ("masks", "line"),
    [
        ([], "masks: one array for each weight layer is needed, found none"),
        ([[1, 0]], r"masks\[0\]: a boolean array \(fan_in, fan_out\) is needed, found bool \(2,\)"),
        ([[[1, 0]], [[1]]], r"masks\[0\] must lead to the units where masks\[1\] starts, found 2 units and 1 units"),
    ],
)
def test_masks_that_do_not_form_a_network(settings, masks, line):
    with pytest.raises(UserError, match=f"^{line}$"):
        analyze_network(masks, settings)
