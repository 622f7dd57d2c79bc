import logging
import sys
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from neural_sculpting.config import loading as configuration
from neural_sculpting.config.loading import configuration_folder, load, unknown_key
from neural_sculpting.errors import UserError

TRAINING = "lr, batch_size, epochs, input_noise, weight_decay"
WIDTHS = "a list of widths, one whole number of units, 1 or more, for each hidden layer, or null for those of network"
NEEDS_TWO = "boolean_sep needs at least 2 in every hidden layer (one for each separate module)"


@pytest.fixture
def values() -> dict[str, Any]:
    return {
        "task": {"name": "boolean_sep"},
        "arch": {"hidden": [24]},
        "network": None,
        "seed": 7,
        "training": {"lr": None, "batch_size": None, "epochs": None, "input_noise": 0.1, "weight_decay": 1e-4},
        "pruning": {
            "accuracy_by": "auto",
            "accuracy_threshold": 1.0,
            "accuracy_drop": None,
            "unit": {"criterion": "loss_sensitivity", "step": 70},
            "edge": {"criterion": "magnitude", "step": [2.5, 1]},
        },
        "analysis": {"hops": None, "merging_threshold": 0.9, "modularity_threshold": 0.2},
        "selection": "sparsest",
        "consensus_window": 4,
        "simplest_window": 4,
        "resume": None,
        "tags": [],
        "pictures": "best",
        "report": "auto",
        "trainer": {
            "accelerator": "cpu",
            "precision": "fp32",
            "threads": 1,
            "progress_bar": True,
            "max_networks": None,
        },
        "logger": {"kind": "csv", "project": "neural-sculpting", "entity": None, "runs": "sweep", "mode": "auto"},
    }


def change(values: dict[str, Any], key: str, value: object) -> None:
    *path, last = key.split(".")
    reduce(lambda node, part: node[part], path, values)[last] = value


def complaint(values: Mapping[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        load(values)
    return str(caught.value)


def test_values_become_a_configuration(values: dict[str, Any]) -> None:
    config = load(values)
    assert config.task.name == "boolean_sep"
    assert config.arch.hidden == (24,)
    assert config.seed == 7
    assert config.pruning.edge.step == (2.5, 1.0)
    assert config.analysis.hops is None


def test_null_means_the_papers_value(values: dict[str, Any]) -> None:
    training = load(values).training
    assert (training.lr, training.batch_size, training.epochs) == (0.05, 8, 15)


def test_a_value_that_is_given_stays(values: dict[str, Any]) -> None:
    values["training"]["lr"] = 0.2
    training = load(values).training
    assert (training.lr, training.batch_size, training.epochs) == (0.2, 8, 15)


def test_a_combination_that_the_paper_lacks_is_told_once(
    values: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    configuration._warn.cache_clear()
    values["arch"]["hidden"] = [25]
    values["training"]["lr"] = 0.2
    with caplog.at_level(logging.WARNING):
        training = load(values).training
        load({**values, "seed": 8})
    assert (training.lr, training.batch_size, training.epochs) == (0.2, 8, 15)
    assert caplog.messages == [
        "the paper has no settings for boolean_sep 4-25-4: using those of boolean_sep 4-24-4 "
        "(lr 0.05, batch_size 8, epochs 15), lr as given"
    ]


def test_nothing_is_looked_up_when_all_is_given(values: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    configuration._warn.cache_clear()
    values["arch"]["hidden"] = [26]
    values["training"].update(lr=0.1, batch_size=4, epochs=3)
    load(values)
    assert caplog.messages == []


MNIST = {"name": "mnist_pair", "per_pair": 2, "validation_per_pair": 1, "test_per_pair": 1, "data_seed": 3}


def test_parameters_that_the_paper_does_not_know_do_not_matter(
    values: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two images of each class in each part, 28 x 28 pixels: the layers are the paper's."""
    for part in ("train", "t10k"):
        labels = np.tile(np.arange(10, dtype=np.uint8), 2)
        pixels = np.full((20, 28, 28), 7, dtype=np.uint8)
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(bytes((0, 0, 8, 1, 0, 0, 0, 20)) + labels.tobytes())
        header = bytes((0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 28, 0, 0, 0, 28))
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
    values["task"] = {**MNIST, "source": str(tmp_path)}
    values["arch"]["hidden"] = [784, 784]
    with caplog.at_level(logging.WARNING):
        training = load(values).training
    assert (training.lr, training.batch_size, training.epochs) == (0.001, 512, 40)
    assert caplog.messages == []


def test_the_nearest_settings_of_a_task_with_text_are_told(
    values: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    configuration._warn.cache_clear()
    values["task"] = {**MNIST, "source": "digits"}
    values["arch"]["hidden"] = [400, 400]
    with caplog.at_level(logging.WARNING):
        load(values)
    assert caplog.messages == [
        "the paper has no settings for mnist_pair 128-400-400-20: using those of mnist_pair 1568-392-392-20 "
        "(lr 0.001, batch_size 512, epochs 40)"
    ]


WANDB = r"the name of a W&B user or team, at most 128 characters without / \ # ? % :"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("training.foo", 1, f"training.foo: unknown key; training allows {TRAINING}"),
        ("pruning.unit.foo", 1, "pruning.unit.foo: unknown key; pruning.unit allows criterion, step"),
        ("task.uses", 2, "task.uses: unknown key; task boolean_sep has no parameters"),
        ("arch", None, "arch=null: must be a group with the keys hidden"),
        ("arch.hidden", "24\n36", f"arch.hidden=24 36: must be {WIDTHS}"),
        ("arch.hidden", [24, 1], f"arch.hidden=[24, 1]: layer 2 has 1 unit, {NEEDS_TWO}"),
        ("trainer.progress_bar", "yes", "trainer.progress_bar=yes: must be true or false"),
        ("training.lr", {"a": True}, "training.lr={a: true}: must be a number above 0, or null for the paper's value"),
        ("logger.entity", "", f"logger.entity='': must be {WANDB}, or null for your default"),
    ],
)
def test_the_first_mistake_is_told_on_one_line(values: dict[str, Any], key: str, value: object, expected: str) -> None:
    change(values, key, value)
    assert complaint(values) == expected


def test_a_missing_key_is_named(values: dict[str, Any]) -> None:
    del values["training"]["lr"]
    assert complaint(values) == ("training.lr: missing key; it must be a number above 0, or null for the paper's value")


def test_a_missing_group_is_named(values: dict[str, Any]) -> None:
    del values["analysis"]
    assert complaint(values) == (
        "analysis: missing key; it must be a group with the keys hops, merging_threshold, modularity_threshold"
    )


def test_a_key_that_is_no_word_is_unknown(values: dict[str, Any]) -> None:
    values["training"][3] = 1
    assert complaint(values).startswith("training.3: unknown key; training allows lr")


def test_a_long_value_is_cut(values: dict[str, Any]) -> None:
    values["arch"]["hidden"] = [0] * 1000
    assert len(complaint(values)) < 250


@pytest.fixture
def criteria(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "number = 3\ndef smallest(*_): ...\n"
    (tmp_path / "own_criteria_for_tests.py").write_text(text, encoding="utf-8")
    (tmp_path / "broken_criteria_for_tests.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.mark.usefixtures("criteria")
def test_a_criterion_of_ones_own_is_imported(values: dict[str, Any]) -> None:
    values["pruning"]["unit"]["criterion"] = "own_criteria_for_tests.smallest"
    assert load(values).pruning.unit.criterion == "own_criteria_for_tests.smallest"


@pytest.mark.usefixtures("criteria")
@pytest.mark.parametrize(
    ("criterion", "problem"),
    [
        (
            "own_criteria_for_tests.largest",
            "cannot be imported (AttributeError: module 'own_criteria_for_tests' has no attribute 'largest')",
        ),
        ("own_criteria_for_tests.number", "is not a function"),
        ("broken_criteria_for_tests.smallest", "cannot be imported (ZeroDivisionError: division by zero)"),
        (
            "no_such_module.smallest",
            "cannot be imported (ModuleNotFoundError: No module named 'no_such_module')",
        ),
        (".smallest", "cannot be imported (ValueError: Empty module name)"),
    ],
)
def test_a_criterion_that_cannot_be_imported_is_refused(values: dict[str, Any], criterion: str, problem: str) -> None:
    values["pruning"]["edge"]["criterion"] = criterion
    assert complaint(values) == (
        f"pruning.edge.criterion={criterion}: {problem}; "
        "must be magnitude, random, or the import path of your own function"
    )


def test_a_value_has_no_keys() -> None:
    line = "training.lr.foo: unknown key; training.lr is a value and has no keys"
    assert unknown_key("training.lr.foo") == line


def test_the_configuration_is_found() -> None:
    assert (configuration_folder() / "config.yaml").is_file()
    assert yaml.safe_load((configuration_folder() / "task" / "boolean_sep.yaml").read_text()) == {"name": "boolean_sep"}
