"""Networks that answer a constant are named as such, and never count as a hierarchy that was found."""

import numpy as np
import pandas as pd
import pytest
import torch
from slow import slow

import neural_sculpting as ns
from neural_sculpting.records.majority import majority_warning
from neural_sculpting.sculpting.answers import majority_accuracy
from neural_sculpting.training.metrics import Accuracy

BITS = pd.DataFrame(np.random.default_rng(0).integers(0, 2, (100, 4)), columns=list("abcd"))
RARE = (BITS.index % 25 == 0).astype(int)
CLASSES = np.where(RARE, "rare", np.where(BITS.index == 7, "odd", "usual"))


@pytest.mark.parametrize(
    ("by", "one_hot", "expected"),
    [  # the training rows say 0, 1 and the first class; on the three other rows that is right as counted
        ("bits", (), (2 + 3 + 2 + 2) / 12),
        ("examples", (), 1 / 3),
        ("balanced", (), (1 / 2 + 1 + 1 / 2 + 1 / 2) / 4),
        ("examples", (1, 1, 2), 1 / 3),
        ("balanced", (1, 1, 2), (1 / 2 + 1 + 1 / 2) / 3),
        ("variance", (), 0),
    ],
)
def test_accuracy_of_the_most_frequent_class_by_hand(by, one_hot, expected):
    training = torch.tensor([[0.0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]])
    targets = torch.tensor([[0.0, 1, 1, 0], [0, 1, 0, 1], [1, 1, 1, 0]])
    assert majority_accuracy(training, targets, Accuracy(by, one_hot)) == pytest.approx(expected)


def sculpted(targets, *overrides, **parameters):
    quick = ["training=paper", "training.epochs=3"]
    return ns.sculpt(BITS, targets, seeds=2, hidden=[6], overrides=[*quick, *overrides], **parameters)


@pytest.mark.parametrize(
    ("targets", "line"),
    [
        slow(pd.Series(RARE, name="y"), "always answers 0, as 96 % of the rows do"),
        slow(pd.Series(1 - RARE, name="y"), "always answers 1, as 96 % of the rows do"),
        (pd.Series(CLASSES, name="k"), "always answers usual, as 95 % of the rows do"),
    ],
)
def test_a_constant_network_is_no_hierarchy(targets, line):
    result = sculpted(targets)
    assert set(result.trials["constant_outputs"]) == {line}
    assert set(result.trials["status"]) == {"constant"}
    assert result.trials[["majority_accuracy", "dense_accuracy"]].nunique(axis=1).eq(1).all()
    assert (result.consensus, result.hierarchies, result.agreement.share) == (None, [], 0)
    trial = result.trial(seed=0)
    assert trial.failure.kind == "constant"
    assert line in trial.failure.headline
    assert line in str(trial)
    assert "training.class_weights=balanced" in majority_warning(result.sweep.cells[0])


@pytest.mark.slow
def test_a_constant_output_beside_others_is_named():
    targets = pd.DataFrame({"u": BITS["a"] ^ BITS["b"], "rare": RARE})
    result = sculpted(targets, "training.epochs=20", "arch.hidden=[16]")
    assert set(result.trials["status"]) == {"sculpted"}
    assert set(result.trials["constant_outputs"]) == {"rare is always 0, as in 96 % of the rows"}
    assert majority_warning(result.sweep.cells[0]) == ""


def test_a_regression_that_explains_nothing():
    noise = pd.Series(np.random.default_rng(1).normal(size=100), name="y")
    result = sculpted(noise, "pruning.accuracy_drop=1")
    assert set(result.trials["constant_outputs"]) == {"always answers the same number"}
    assert result.trials["majority_accuracy"].eq(0).all()
    assert result.consensus is None


def test_known_hierarchies_are_judged_by_these():
    trials = ns.sculpt("boolean_sep", seeds=1, overrides=["pruning.accuracy_threshold=0.4"]).trials
    assert trials["status"].tolist() == ["sculpted"]
    assert trials["constant_outputs"].tolist() == [""]
    assert trials["majority_accuracy"].tolist() == [0.5]
