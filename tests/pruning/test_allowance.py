"""How far the accuracy may fall below that of the dense network, and that networks are accepted by it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import neural_sculpting as ns
from neural_sculpting.config.composing import compose
from neural_sculpting.methods.thresholding import asked_of
from neural_sculpting.pipeline import _identity
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.pruning.allowance import lowest_accepted
from neural_sculpting.records.failures import accuracy_asked
from neural_sculpting.sculpting.reopening import reopening_of
from neural_sculpting.tasks import build_task
from neural_sculpting.training.metrics import Accuracy

ROUNDING = 1e-9
NETWORK = TrainedNetwork((np.zeros((4, 4), np.float32),), (np.zeros(4, np.float32),), (np.ones((4, 4), np.bool_),))


@pytest.mark.parametrize(
    ("dense", "drop", "errors", "of_variance", "lowest"),
    [
        (0.8, 0.02, 1, False, 0.76),  # √(0.8 · 0.2 / 100) = 0.04
        (0.8, 0.05, 1, False, 0.75),
        (0.8, None, 2, False, 0.72),
        (0.9, 0.02, 1, False, 0.87),
        (1.0, 0.02, 1, False, 0.98),
        (1 + 2**-52, 0.02, 1, False, 0.98),
        (0.5, 0.02, 1, True, 0.5 - 0.05 * 2**0.5),  # 0.5 · √(2 / 100)
        (0.5, 0.1, 1, True, 0.4),
        (-1.0, 0.02, 0.5, True, -1 - 0.1 * 2**0.5),
        (0.5, 0.02, 0, True, 0.48),
    ],
)
def test_by_hand_of_100_rows(dense, drop, errors, of_variance, lowest):
    assert lowest_accepted(dense, drop, errors, 100, of_variance) == pytest.approx(lowest, abs=1e-12)
    several = torch.tensor([dense, 1.0, torch.nan], dtype=torch.float64)
    found = lowest_accepted(several, drop, errors, 100, of_variance)
    assert found.tolist() == pytest.approx([lowest, 1 - (drop or 0), torch.nan], abs=1e-12, nan_ok=True)


@pytest.fixture(scope="module", params=["regression", "binary"])
def sculpted(request):
    """A noisy table, without standard errors and with one."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(200, 5))
    outputs = inputs[:, 0] + inputs[:, 1] + rng.normal(size=200)
    if request.param == "binary":
        outputs = (outputs > 0).astype(int)

    def group(errors):
        settings = ["training=paper", "training.epochs=5", "pruning=default", "pruning.accuracy_drop=0"]
        settings.append(f"pruning.standard_errors={errors}")
        return ns.sculpt(inputs, outputs, kind=request.param, seeds=3, hidden=[12], overrides=settings).groups[0]

    return group(0), group(1)


def test_more_edges_go_and_no_network_is_below_what_is_asked(sculpted):
    strict, tolerant = sculpted
    assert tolerant.trials["edges"].sum() < strict.trials["edges"].sum() / 3
    assert tolerant.trials["dense_accuracy"].equals(strict.trials["dense_accuracy"])
    rows, of_variance = tolerant.set_sizes[1], not tolerant.outputs_are_bits
    for group, errors in ((strict, 0), (tolerant, 1)):
        trials = group.trials
        asked = [accuracy_asked(group, trial) for _, trial in trials.iterrows()]
        by_hand = [lowest_accepted(dense, 0, errors, rows, of_variance) for dense in trials["dense_accuracy"]]
        assert asked == by_hand
        assert asked_of(group).tolist() == pytest.approx(asked, abs=2 * ROUNDING)
        assert (trials["accuracy"] >= np.array(asked) - ROUNDING).equals(trials["status"] == "sculpted")
        history = group.history.query("attempt > 0").merge(trials[["seed"]].assign(asked=asked), on="seed")
        assert history["accepted"].equals(history["accuracy"] >= history["asked"] - ROUNDING)
    assert {*strict.trials["status"]} == {"sculpted", "lost"}
    assert {*tolerant.trials["status"]} == {"sculpted"}


def test_outputs_that_fell_are_asked_for_as_much():
    task = build_task("boolean_sep")  # 16 rows
    pruning = compose(["task=boolean_sep", "pruning/accuracy=noisy"]).pruning
    for before, required in ((0.8, 0.7), (None, 0.98)):
        found = reopening_of(pruning, Accuracy(), replace(NETWORK, accuracy=before), task)
        assert found.required == pytest.approx(required, abs=1e-12)


def test_checkpoints_from_before_the_key_count_where_it_is_0():
    task, options = build_task("boolean_sep"), ("measured", "noisy")
    found = [_identity(compose(["task=boolean_sep", f"pruning/accuracy={each}"]), task) for each in options]
    assert [each["settings"]["pruning"].get("standard_errors") for each in found] == [None, 1]
