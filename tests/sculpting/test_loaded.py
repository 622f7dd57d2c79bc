"""The accuracy of a trained network as loaded: numbers by hand, and when it counts as poor."""

import logging
import re

import numpy as np
import pytest
import torch
from torch import nn

import neural_sculpting as ns
from neural_sculpting.errors import UserError
from neural_sculpting.pretrained import TrainedNetwork, read_network
from neural_sculpting.sculpting import loaded
from neural_sculpting.sculpting.loaded import LoadedAccuracy, accuracy_as_loaded, report_accuracy_as_loaded
from neural_sculpting.tasks import Table, Task

INPUTS = np.eye(4, dtype=np.float32)


def measured(config, columns, outputs=None, state_dict=False, **task):
    """Four rows with these target columns, and a network that gives these outputs, by default the right ones."""
    targets = np.array(columns, np.float32).T
    logits = 2 * targets - 1 if outputs is None else np.array(outputs, np.float32).T
    zeros = np.zeros(4, np.float32), np.zeros(targets.shape[1], np.float32)
    masks = np.eye(4) != 0, np.ones(logits.shape, bool)
    network = TrainedNetwork((INPUTS, logits), zeros, masks, from_state_dict=state_dict)
    table = Table(INPUTS, targets)
    return accuracy_as_loaded(Task(None, table, table, name="four_rows", parameters={}, **task), config, network)


def test_bits_and_examples_by_hand(config):
    """Of 8 bits 7 are right, of 4 examples 3; the first output is 1 in 3 of 4 rows, the second in 2."""
    result = measured(config, [[1, 1, 1, 0], [0, 1, 1, 0]], [[5, 1, 2, -1], [1, 3, 2, -2]])
    assert (result.accuracy, result.example_accuracy) == (0.875, 0.75)
    text = "accuracy as loaded 87.5% of bits, on 4 examples (always the most frequent answer: 62.5%; pruning accepts"
    assert result.text == f"{text} 100.0%)"
    assert result.advice.startswith(
        "If it was better where it was trained, check that its inputs and outputs are in the order"
    )


def test_classes_are_judged_by_the_largest_output(config):
    """All logits are above 0, as those of a softmax may be: of 12 bits 4 are right, of 4 classes all."""
    classes = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]]
    result = measured(config, classes, np.array(classes) + 1, one_hot=(3,))
    assert (result.accuracy, result.example_accuracy, result.advice) == (pytest.approx(1 / 3), 1.0, "")
    assert (
        result.text == "accuracy as loaded 100.0% of examples, on 4 examples (always the most frequent answer: 50.0%)"
    )


def test_balanced_accuracy_by_hand(make_config):
    """Of three zeros 2 are right, of the one the only one: 5/6; a constant has 1/2."""
    balanced = make_config({"pruning.accuracy_by": "balanced"})
    result = measured(balanced, [[0, 0, 0, 1]], [[-1, -1, 1, 1]])
    assert result.text.startswith("accuracy as loaded 83.3% by balanced accuracy, on 4 examples (always the most freq")
    assert "answer: 50.0%; pruning accepts" in result.text


def test_the_share_of_variance_by_hand(config):
    """The squares are 4 · 1, the errors 4 · 0.25."""
    result = measured(config, [[1, 1, -1, -1]], [[1.5, 0.5, -1.5, -0.5]], loss="squared_error")
    assert result.text.startswith("accuracy as loaded 75.0% of the variance, on 4 examples (always the mean: 0.0%; ")
    assert np.isnan(result.example_accuracy)
    assert "its inputs and outputs scaled" in result.advice


@pytest.mark.parametrize(
    ("wrong", "threshold", "poor"),
    [(0, 1.0, False), (1, 1.0, True), (1, 0.79, False), (1, 0.81, True), (1, None, False), (2, None, True)],
)
def test_poor_is_clearly_below_what_pruning_accepts_or_not_far_above_the_majority(make_config, wrong, threshold, poor):
    """One output, 1 in 2 of 4 rows: 100 %, 75 % or 50 %."""
    config = make_config({"pruning.accuracy_threshold": threshold, "pruning.accuracy_drop": None if threshold else 0.1})
    outputs = np.array([[1, 1, -1, -1]])
    outputs[0, :wrong] *= -1
    assert bool(measured(config, [[1, 1, 0, 0]], outputs).advice) == poor


def test_what_a_state_dict_does_not_contain_is_named(config):
    causes = ("order", "skip connections", "ReLU", "normalization", "standardized")
    assert all(cause in measured(config, [[1, 1, 0, 0]], [[-1] * 4], state_dict=True).advice for cause in causes)
    assert "skip connections" not in measured(config, [[1, 1, 0, 0]], [[-1] * 4]).advice


class Swapped(nn.Module):
    """Calls its layers in another order than it declares them, as a state dict cannot tell."""

    def __init__(self):
        super().__init__()
        self.first, self.late, self.early, self.last = (
            nn.Linear(4, 4),
            nn.Linear(4, 4),
            nn.Linear(4, 4),
            nn.Linear(4, 4),
        )
        for layer in (self.first, self.late, self.early, self.last):
            nn.init.eye_(layer.weight)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():  # two steps that do not commute: rotate the inputs, drop the first
            self.early.weight.copy_(torch.eye(4).roll(1, dims=0))
            self.late.weight[0] = 0
            self.last.bias.fill_(-0.5)


def test_layers_in_another_order_are_noticed(config, caplog):
    state = Swapped().state_dict()
    rows = (np.arange(16)[:, None] >> np.arange(4) & 1).astype(np.float32)
    meant = np.roll(rows, 1, axis=1)
    meant[:, 0] = 0
    table = Table(rows, meant)
    task, network = Task(None, table, table, name="rotated", parameters={}), read_network(state)
    loaded._log_once.cache_clear()
    with caplog.at_level(logging.INFO, "neural_sculpting"):
        for _ in range(2):
            report_accuracy_as_loaded(task, config, network)
    [line] = caplog.records
    assert line.levelname == "WARNING"
    assert line.getMessage().startswith("network: accuracy as loaded 75.0% of bits, on 16 examples")
    in_order = [name for part in ("first", "early", "late", "last") for name in state if name.startswith(part)]
    right = read_network({name: state[name] for name in in_order})
    assert accuracy_as_loaded(task, config, right).accuracy == 1.0


def test_analyzing_with_a_task(caplog):
    network = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 4))
    analyzed = ns.analyze(network, "boolean_sep")
    assert isinstance(analyzed.loaded, LoadedAccuracy)
    assert str(analyzed) == f"{analyzed.hierarchy}\n{analyzed.loaded.text}"
    assert f"accuracy {analyzed.loaded.accuracy:.1%}" in analyzed.picture()
    assert ns.analyze(network).loaded is None
    for arguments, line in (
        ({"task": "boolean_reused", "uses": 5}, "network: has 4 inputs and 4 outputs; boolean_reused uses=5 has 4 and"),
        ({"uses": 2}, "uses: unknown argument; parameters of a task need the task"),
    ):
        with pytest.raises(UserError, match=f"^{re.escape(line)}"):
            ns.analyze(network, **arguments)
    with pytest.raises(UserError, match="masks alone have no accuracy"):
        ns.analyze([np.eye(4), np.eye(4)], "boolean_sep")
