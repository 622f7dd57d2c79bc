"""Accuracies with their spread over trials."""

from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.records.accuracies import accuracies_of, accuracy_text

ROWS = pd.DataFrame(
    {
        "accuracy": [0.9, 1.0, None],
        "dense_accuracy": [0.95, 0.95, None],
        "test_bit_accuracy": [0.8, 0.9, None],
        "dense_test_bit_accuracy": 0.9,
        "test_example_accuracy": [0.7, 0.7, None],
        "dense_test_example_accuracy": 0.8,
    }
)


def found(trials, group):
    return {accuracy.examples: accuracy.of for accuracy in accuracies_of(trials, group)}


def with_accuracy_by(record, by):
    pruning = record.config.pruning.model_copy(update={"accuracy_by": by})
    return replace(record, config=record.config.model_copy(update={"pruning": pruning}))


def test_means_and_deviations_of_the_trials_that_have_an_accuracy(record):
    assert found(ROWS, record) == {
        "validation bits": {"dense": "95.0 % ± 0.0", "sculpted": "95.0 % ± 7.1"},  # √0.005
        "test bits": {"dense": "90.0 % ± 0.0", "sculpted": "85.0 % ± 7.1"},
        "test examples": {"dense": "80.0 % ± 0.0", "sculpted": "70.0 % ± 0.0"},
    }
    assert list(found(ROWS, with_accuracy_by(record, "examples"))) == [
        "validation examples",
        "test examples",
        "test bits",
    ]
    rows = ROWS.assign(test_balanced_accuracy=0.5, dense_test_balanced_accuracy=0.6)
    assert list(found(rows, with_accuracy_by(record, "balanced")))[:2] == ["validation balanced", "test balanced"]
    assert found(ROWS.head(1), record)["test bits"] == {"dense": "90.0 %", "sculpted": "80.0 %"}


def test_without_a_test_set(record):
    assert list(found(ROWS.assign(test_bit_accuracy=None), record)) == ["validation bits"]


def test_of_a_regression_the_share_of_variance(record):
    numbers = replace(record, outputs_are_bits=False)
    assert found(ROWS, numbers)["validation R²"] == {"dense": "0.950 ± 0.000", "sculpted": "0.950 ± 0.071"}
    assert list(found(ROWS, numbers)) == ["validation R²", "test R²"]


@pytest.mark.parametrize("value", [None, float("nan")])
def test_an_accuracy_that_is_not_known(record, value):
    assert accuracy_text(value, record) == "–"
