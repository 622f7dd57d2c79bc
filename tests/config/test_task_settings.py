"""A task may set what its kind needs elsewhere; the command line has the last word."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import hydra
import pytest
import yaml
from omegaconf import OmegaConf

from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import configuration_folder
from neural_sculpting.errors import UserError

pytestmark = pytest.mark.usefixtures("hydra_plugins", "hydra_restore_singletons")

CONF = configuration_folder()
VISION = ["digits_pair", "digits_xor", "mnist_pair", "mnist_xor"]
MEASURED = [*VISION, "table", "own_measured"]
BOOLEAN = sorted({path.stem for path in (CONF / "task").glob("*.yaml")} - set(MEASURED))
ALLOWED = "must be an integer from 1 to 10000"


def composed(*overrides: str) -> dict[str, Any]:
    return deepcopy(_composed(*overrides))


@cache
def _composed(*overrides: str) -> dict[str, Any]:
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        values: Any = OmegaConf.to_container(hydra.compose("config", list(overrides)), resolve=True)
    return values


def content(group: str, option: str) -> Any:
    return yaml.safe_load((CONF / group / f"{option}.yaml").read_text())


@pytest.mark.parametrize("name", BOOLEAN)
def test_a_boolean_task_sets_nothing_but_itself(name: str) -> None:
    values = composed(f"task={name}")
    assert values["task"] == content("task", name)
    for group, option in (("arch", "mlp"), ("training", "paper"), ("pruning", "sculpting"), ("analysis", "modules")):
        assert values[group] == content(group, option)


@pytest.mark.parametrize("name", MEASURED)
def test_a_task_with_measured_examples_sets_what_it_needs(name: str) -> None:
    values, settings = composed(f"task={name}"), content("task", name)
    assert values["task"] == settings["task"]
    assert (values["pruning"]["accuracy_threshold"], values["pruning"]["accuracy_drop"]) == (None, 0.02)
    for group, option in (("arch", "mlp"), ("training", "paper"), ("pruning", "sculpting"), ("analysis", "modules")):
        assert values[group] == {**content(group, option), **settings.get(group, {})}


@pytest.mark.parametrize("name", ["mnist_pair", "mnist_xor"])
def test_mnist_is_the_papers(name: str) -> None:
    values = composed(f"task={name}")
    task = values["task"]
    assert (task["source"], task["per_pair"], task["test_per_pair"]) == ("data/mnist", 800, 200)
    assert values["arch"]["hidden"] == [784, 784]
    assert [values["training"][key] for key in ("lr", "batch_size", "epochs")] == [None] * 3
    assert values["training"]["input_noise"] == 0
    assert (values["analysis"]["merging_threshold"], values["analysis"]["modularity_threshold"]) == (0.6, 0.3)


@pytest.mark.parametrize("name", ["digits_pair", "digits_xor"])
def test_digits_need_no_settings_of_the_paper(name: str) -> None:
    values = composed(f"task={name}")
    assert values["task"]["source"] == "digits"
    assert all(values["training"][key] is not None for key in ("lr", "batch_size", "epochs"))


def test_a_search_adds_its_steps_only() -> None:
    once, searched = composed("task=digits_pair"), composed("task=digits_pair", "pruning=search")
    assert (len(searched["pruning"]["unit"]["step"]), len(searched["pruning"]["edge"]["step"])) == (14, 5)
    for phase in ("unit", "edge"):
        searched["pruning"][phase]["step"] = once["pruning"][phase]["step"]
    assert searched == once


def test_the_command_line_wins() -> None:
    overrides = ["arch.hidden=[9]", "training.lr=0.1", "pruning.accuracy_drop=0.5", "task.per_pair=7"]
    for order in (["task=digits_xor", *overrides], [*overrides, "task=digits_xor"]):
        values = composed(*order)
        assert values["arch"]["hidden"] == [9]
        assert (values["training"]["lr"], values["training"]["epochs"]) == (
            0.1,
            content("task", "digits_xor")["training"]["epochs"],
        )
        assert values["pruning"]["accuracy_drop"] == 0.5
        assert (values["task"]["name"], values["task"]["per_pair"]) == ("digits_xor", 7)


def test_an_experiment_wins_over_its_task(tmp_path: Path) -> None:
    folder = tmp_path / "experiment"
    folder.mkdir()
    (folder / "mine.yaml").write_text(
        "# @package _global_\ndefaults:\n  - override /task: digits_pair\n  - override /pruning: search\n"
        "arch:\n  hidden: [7, 7]\n"
    )
    path = f"hydra.searchpath=[file://{tmp_path}]"
    values = composed("experiment=mine", path)
    assert (values["task"]["name"], values["arch"]["hidden"]) == ("digits_pair", [7, 7])
    assert values["training"] == composed("task=digits_pair")["training"]
    assert len(values["pruning"]["unit"]["step"]) == 14
    assert composed("experiment=mine", path, "task=digits_xor", "arch.hidden=[5]")["arch"]["hidden"] == [5]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("task=digits_pair task.per_pair=0", f"task.per_pair=0: {ALLOWED}"),
        ("task=digits_pair task.foo=1", "task.foo: unknown key; the task has no such parameter"),
        ("task=digits_xor task.source=no/where", "task.source=no/where: no such folder in "),
        ("task=table", "task.path: missing; task table needs a CSV (.csv), Parquet (.parquet) or NumPy file (.npz)"),
        ("task=table task.path=no.csv task.outputs=[y]", "task.path=no.csv: no such file in "),
        ("task=truth_table task.path=no.csv task.kind=auto", "task.kind: unknown key; the task has no such parameter"),
        ("task=function", "task.function: missing; task function needs the import path of a function on bits"),
        ("task=graph", "task.graph: missing; task graph needs the import path of a Graph"),
        ("task=graph task.graph=no_such_module.graph", "task.graph=no_such_module.graph: cannot be imported (Module"),
        ("task=mnist_pair", "task.source=data/mnist: no such folder in "),
        (
            "task=digits_pair arch.hidden=[64,1]",
            "arch.hidden=[64, 1]: layer 2 has 1 unit, digits_pair needs at least 2 in every hidden layer",
        ),
    ],
)
def test_mistakes_are_told(overrides: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        compose(overrides.split())
    assert str(caught.value).startswith(message)
