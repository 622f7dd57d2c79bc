import logging
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from slow import slow

from neural_sculpting.config import loading
from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import configuration_folder, load, unknown_key
from neural_sculpting.config.schemas import TrainingConfig


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    return compose(["training.lr=null"]).model_dump(mode="json")


@pytest.fixture
def values(shipped: dict[str, Any]) -> dict[str, Any]:
    """The shipped configuration, with the paper's settings to be filled in."""
    loading._log_once.cache_clear()
    changed = deepcopy(shipped)
    changed["training"] |= {"lr": None, "batch_size": None, "epochs": None}
    return changed


def chosen(training: TrainingConfig) -> tuple[float | None, int | None, int | None]:
    return training.lr, training.batch_size, training.epochs


def test_values_become_a_configuration(values: dict[str, Any]) -> None:
    values["seed"], values["pruning"]["edge"]["step"] = 7, [2.5, 1]
    config = load(values)
    assert (config.task.name, config.arch.hidden, config.seed) == ("boolean_sep", (24,), 7)
    assert config.pruning.edge.step == (2.5, 1.0)
    assert config.analysis.hops is None


def test_null_means_the_papers_value_and_given_values_stay(values: dict[str, Any]) -> None:
    assert chosen(load(values).training) == (0.05, 8, 15)
    values["training"]["lr"] = 0.2
    assert chosen(load(values).training) == (0.2, 8, 15)


def test_layers_that_the_paper_lacks_are_reported_once(
    values: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    values["arch"]["hidden"] = [25]
    values["training"]["lr"] = 0.2
    assert chosen(load(values).training) == (0.2, 8, 15)
    load({**values, "seed": 8})
    assert caplog.messages == [
        "the paper has no settings for boolean_sep 4-25-4: using those of boolean_sep 4-24-4 "
        "(lr 0.05, batch_size 8, epochs 15), lr as given"
    ]


def test_settings_of_a_task_that_is_not_in_the_paper_are_a_note(
    values: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Medians of the table for 4 inputs and 1 hidden layer, as in tests/paper/test_settings.py."""
    values["task"] = {
        "name": "random_hierarchy",
        "depth": 1,
        "fan_in": 2,
        "reuse": 1,
        "sub_functions": 2,
        "uses": 1,
        "graph_seed": 0,
    }
    with caplog.at_level(logging.INFO):
        load(values)
    (record,) = (record for record in caplog.records if "the paper" in record.message)
    assert record.levelno == logging.INFO
    assert record.message.endswith(
        "-24-2: using the medians of the paper's networks with 4 inputs and 1 hidden layer "
        "(lr 0.1, batch_size 8, epochs 20)"
    )


def test_nothing_is_looked_up_when_all_is_given(values: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
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
        assert chosen(load(values).training) == (0.001, 512, 40)
    assert caplog.messages == []


def test_the_nearest_settings_of_a_task_with_text_are_reported(
    values: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    values["task"] = {**MNIST, "source": "digits"}
    values["arch"]["hidden"] = [400, 400]
    with caplog.at_level(logging.WARNING):
        load(values)
    assert caplog.messages == [
        "the paper has no settings for mnist_pair 128-400-400-20: using those of mnist_pair 1568-392-392-20 "
        "(lr 0.001, batch_size 512, epochs 40)"
    ]


def test_a_custom_criterion_is_imported(values: dict[str, Any]) -> None:
    values["pruning"]["unit"]["criterion"] = "os.path.join"
    assert load(values).pruning.unit.criterion == "os.path.join"


def test_a_value_has_no_keys() -> None:
    line = "training.lr.foo: unknown key; training.lr is a value and has no keys"
    assert unknown_key("training.lr.foo") == line


def test_the_configuration_is_found() -> None:
    assert (configuration_folder() / "config.yaml").is_file()
    assert yaml.safe_load((configuration_folder() / "task" / "boolean_sep.yaml").read_text()) == {"name": "boolean_sep"}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("seed", "3", 3),
        slow("training.lr", "1e-2", 0.01),
        slow("training.lr", ".5", 0.5),
        slow("training.epochs", " 7 ", 7),
        slow("trainer.progress_bar", "true", True),
        slow("trainer.threads", "null", None),
        ("pruning.unit.step", "30", (30.0,)),
        ("task.uses", "3", 3),
    ],
)
def test_text_is_read_as_the_number_that_a_key_takes(
    monkeypatch: pytest.MonkeyPatch, key: str, text: str, value: Any
) -> None:
    monkeypatch.setenv("VALUE", text)
    found: Any = compose(["task=boolean_reused", f"{key}=${{oc.env:VALUE}}"])
    for name in key.split("."):
        found = getattr(found, name)
    assert (found, type(found)) == (value, type(value))


def test_text_in_a_list_is_read_too_and_words_stay_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUE", "36")
    config = compose(["arch.hidden=['${oc.env:VALUE}',24]", "tags=['36']"])
    assert (config.arch.hidden, config.tags) == ((36, 24), ("36",))
