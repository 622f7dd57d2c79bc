"""Calls of a step: on a GPU each is a kernel launch, and reading a result stalls."""

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from neural_sculpting.networks.layout import Layout
from neural_sculpting.sculpting.sculpt import untrained
from neural_sculpting.training.losses import CrossEntropy
from neural_sculpting.training.perceptrons import StackedPerceptrons
from neural_sculpting.training.round import RoundSettings, step

WITHOUT_WORK = ("view", "t", "transpose", "slice", "select", "split", "detach", "alias", "unsqueeze", "expand")
WAITED_FOR = {"_local_scalar_dense", "nonzero", "is_nonzero", "item", "equal", "masked_select", "_unique2"}


class CountingCalls(TorchDispatchMode):
    """Counts the computing operations of torch by name."""

    def __init__(self):
        super().__init__()
        self.calls = Counter()

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        space, _, name = str(function).partition(".")
        name = name.split(".")[0]
        if space == "aten" and name not in WITHOUT_WORK:
            self.calls[name] += 1
        return function(*arguments, **(named or {}))


def calls_of_a_step(layers, networks, rows):
    layout = Layout(layers)
    start = untrained(range(networks), layout).current
    perceptrons = StackedPerceptrons(start.parameters.clone(), layout)
    optimizer = RoundSettings(1e-3, rows, 1, 0.0, 1e-4).optimizer(perceptrons.parameters)
    inputs, targets = torch.rand(networks, rows, layers[0]), torch.ones(networks, rows, layers[-1])
    with torch.no_grad(), CountingCalls() as counting:
        step(perceptrons, optimizer, start.masks.float(), inputs, targets, CrossEntropy())
    return counting.calls


@pytest.mark.parametrize(("layers", "most"), [((4, 24, 4), 25), ((128, 64, 64, 20), 35)])
def test_a_step_takes_as_many_calls_for_one_network_as_for_many(layers, most):
    one, many = calls_of_a_step(layers, 1, 8), calls_of_a_step(layers, 36, 8)
    assert one == many
    assert one["baddbmm"] == len(layers) - 1  # it does count
    assert many.total() <= most
    assert not WAITED_FOR & set(many)
