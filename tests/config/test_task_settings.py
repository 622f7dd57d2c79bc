"""A task may suggest options of other groups; whatever is chosen explicitly wins over them."""

from copy import deepcopy
from functools import cache
from typing import Any

import hydra
import pytest
import yaml
from omegaconf import OmegaConf
from slow import slow

from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import configuration_folder

pytestmark = pytest.mark.usefixtures("hydra_plugins", "hydra_restore_singletons")

CONF = configuration_folder()
GROUPS = ("arch", "training", "pruning", "analysis", "trainer")
VISION = ["digits_pair", "digits_xor", "mnist_pair", "mnist_xor"]
STREAMS = ["streams_hier", "streams_lag", "streams_sep"]
MEASURED = [*VISION, "table", "digits_channels", "factors", "images", "induction", "rhm", "sequences", *STREAMS]
BOOLEAN = sorted({path.stem for path in (CONF / "task").glob("*.yaml")} - set(MEASURED))
TRANSFORMER = {
    **{"name": "transformer", "layers": 1, "width": 24, "heads": 4, "mlp": 48},
    **{"norm": "none", "causal": True, "positions": "lags"},
}
TOLERANT: dict[str, dict[str, Any]] = {"pruning": {"accuracy_threshold": None, "accuracy_drop": 0.02}}
MNIST = {
    **TOLERANT,
    "arch": {"hidden": [784, 784]},
    "training": {"input_noise": 0},
    "analysis": {"merging_threshold": 0.6, "modularity_threshold": 0.3},
    "trainer": {"accelerator": "auto"},
}
DIGITS: dict[str, dict[str, Any]] = {
    **TOLERANT,
    "arch": {"hidden": [64, 64]},
    "training": {"lr": 0.01, "batch_size": 512, "epochs": 20},
}
EDGES = {"phases": ["edge"], "edge": {"schedule": "geometric", "step": 25, "halvings": 4}}
SEQUENCES: dict[str, dict[str, Any]] = {
    "pruning": TOLERANT["pruning"] | EDGES,
    "arch": TRANSFORMER,
    "training": {"lr": 0.004, "batch_size": 128, "epochs": 12, "input_noise": 0, "weight_decay": 1e-4},
}
IMAGES: dict[str, dict[str, Any]] = {
    "pruning": {
        **TOLERANT["pruning"],
        "phases": ["edge"],
        "accuracy_by": "balanced",
        "edge": {**EDGES["edge"], "criterion": "relative_magnitude", "groups": True},
    },
    "arch": {"name": "cnn", "channels": [12, 24], "kernel": 3, "dense": [48]},
    "training": {"lr": 0.002, "batch_size": 64, "epochs": 8, "input_noise": 0, "dense_rounds": 4},
}
OWN_BITS = ("function", "graph", "truth_table")
CONFIRMED: dict[str, dict[str, Any]] = {"analysis": {"reader": "confirmed"}}
SUGGESTED: dict[str, dict[str, dict[str, Any]]] = {
    **dict.fromkeys(("random_hierarchy", "unstructured"), CONFIRMED),
    **{name: {"pruning": EDGES, **CONFIRMED} for name in OWN_BITS},
    "table": {
        **{"pruning": EDGES | TOLERANT["pruning"] | {"standard_errors": 1}, **CONFIRMED, "arch": {"hidden": [24, 24]}},
        "training": {
            "lr": 0.01,
            "batch_size": 32,
            "epochs": 60,
            "dense_rounds": 5,
            "pruning_lr": 0.02,
            "weight_decay": 5e-3,
        },
    },
    **dict.fromkeys((*STREAMS, "sequences"), SEQUENCES),
    "induction": {
        **SEQUENCES,
        "arch": {**TRANSFORMER, "layers": 2},
        "pruning": {**SEQUENCES["pruning"], "accuracy_by": "balanced"},
    },
    "rhm": {**TOLERANT, "training": SEQUENCES["training"]},
    **dict.fromkeys(("digits_channels", "factors", "images"), IMAGES),
    "mnist_pair": MNIST,
    "mnist_xor": MNIST,
    "digits_pair": {**DIGITS, "analysis": {"merging_threshold": 0.4, "modularity_threshold": 0.1}},
    "digits_xor": {
        **DIGITS,
        "training": {**DIGITS["training"], "lr": 0.005},
        "analysis": {"merging_threshold": 0.8, "modularity_threshold": 0.2},
    },
}
MINE: dict[str, dict[str, Any]] = {
    "arch": {"hidden": [7, 7]},
    "training": {"lr": 0.3},
    "pruning": {"accuracy_threshold": 0.9},
    "analysis": {"merging_threshold": 0.77},
    "trainer": {"threads": 3},
}
MAIN = {
    "arch": "mlp",
    "training": "paper",
    "pruning": "sculpting",
    "analysis": "modules",
    "trainer": "default",
}
"""The option of each group that a custom file extends."""


def composed(*overrides: str) -> dict[str, Any]:
    return deepcopy(_composed(*overrides))


@cache
def _composed(*overrides: str) -> dict[str, Any]:
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        values: Any = OmegaConf.to_container(hydra.compose("config", list(overrides)), resolve=True)
    return values


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The override that adds a folder with an option ``mine`` for each group and two experiments."""
    folder = tmp_path_factory.mktemp("mine")
    for group, values in MINE.items():
        (folder / group).mkdir()
        defaults = {"defaults": [MAIN[group], "_self_"]}
        (folder / group / "mine.yaml").write_text(yaml.safe_dump({**defaults, **values}))
    (folder / "experiment").mkdir()
    task, search, analysis = (
        f"  - override /{group}: {option}\n"
        for group, option in (("task", "digits_pair"), ("pruning", "search"), ("analysis", "mine"))
    )
    for name, text in {
        "keys": f"defaults:\n{task}{search}arch:\n  hidden: [7, 7]\n",
        "options": f"defaults:\n{analysis}{task}",
    }.items():
        (folder / "experiment" / f"{name}.yaml").write_text(f"# @package _global_\n{text}")
    return f"hydra.searchpath=[file://{folder}]"


def merged(values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """Values with others in their place, group by group."""
    both = {key: merged(value, others[key]) for key, value in values.items() if isinstance(others.get(key), dict)}
    return {**values, **others, **both}


@pytest.mark.parametrize("name", ["boolean_sep", *MEASURED, *map(slow, sorted({*BOOLEAN} - {"boolean_sep"}))])
def test_what_a_task_suggests_wins_over_the_defaults(name: str) -> None:
    values, defaults = composed(f"task={name}"), composed()
    settings = yaml.safe_load((CONF / "task" / f"{name}.yaml").read_text())
    sampling = yaml.safe_load((CONF / "task" / "sampling" / "complete.yaml").read_text())
    assert values["task"] == {**sampling, **settings.get("task", settings)}
    for group in GROUPS:
        suggested = SUGGESTED.get(name, {}).get(group, {})
        expected = suggested if "name" in suggested else merged(defaults[group], suggested)
        assert values[group] == expected


@pytest.mark.parametrize("task", ["mnist_pair", slow("boolean_sep"), slow("digits_xor"), slow("table")])
def test_explicit_choices_win_over_what_a_task_suggests(task: str, mine: str) -> None:
    options = [f"{group}={MAIN[group]}" for group in GROUPS]
    shipped, defaults = composed(*options, f"task={task}"), composed()
    assert [shipped[group] for group in GROUPS] == [defaults[group] for group in GROUPS]
    chosen = [f"{group}=mine" for group in GROUPS]
    for order in ([*chosen, f"task={task}"], [f"task={task}", *chosen]):
        values = composed(mine, *order)
        assert {group: values[group] for group in GROUPS} == {
            group: {**defaults[group], **MINE[group]} for group in GROUPS
        }


@pytest.mark.parametrize("group", [group if group in ("arch", "pruning") else slow(group) for group in GROUPS])
def test_an_explicit_choice_leaves_what_a_task_suggests_for_other_groups(group: str, mine: str) -> None:
    values, suggested = composed(mine, f"{group}=mine", "task=mnist_pair"), composed("task=mnist_pair")
    assert {key: values[key] for key in GROUPS} == {
        **{key: suggested[key] for key in GROUPS},
        group: {**composed()[group], **MINE[group]},
    }


@pytest.mark.parametrize("task", ["table", VISION[0], *map(slow, VISION[1:])])
def test_a_search_adds_its_steps_only(task: str) -> None:
    once, searched = composed(f"task={task}", "pruning=default"), composed(f"task={task}", "pruning=search")
    assert (len(searched["pruning"]["unit"]["step"]), len(searched["pruning"]["edge"]["step"])) == (14, 5)
    for phase in ("unit", "edge"):
        searched["pruning"][phase]["step"] = once["pruning"][phase]["step"]
    assert searched == once


@pytest.mark.parametrize("task", [OWN_BITS[0], *map(slow, OWN_BITS[1:])])
def test_own_tasks_on_bits_start_with_the_fast_way_to_prune(task: str) -> None:
    assert composed(f"task={task}", "pruning=fast") == composed(f"task={task}")
    assert composed(f"task={task}", "pruning=default")["pruning"] == composed()["pruning"]


def test_tables_start_with_two_layers_that_train_slowly_and_are_pruned_fast() -> None:
    suggested = ["arch=measured", "training=measured", "pruning/accuracy=noisy"]
    assert composed("task=table") == composed("task=table", "pruning=fast", *suggested)
    paper = composed("task=table", "arch=mlp", "training=paper", "pruning=default")
    assert (paper["arch"], paper["training"]) == (composed()["arch"], composed()["training"])


def test_the_accuracy_is_a_choice_of_its_own() -> None:
    assert composed("pruning=fast", "pruning/accuracy=noisy")["pruning"] == composed("task=table")["pruning"]
    assert composed("task=table", "pruning/accuracy=exact")["pruning"] == composed("pruning=fast")["pruning"]


def test_keys_of_the_command_line_win() -> None:
    overrides = ["arch.hidden=[9]", "training.lr=0.1", "pruning.accuracy_drop=0.5", "task.per_pair=7"]
    for order in (["task=digits_xor", *overrides], [*overrides, "task=digits_xor"]):
        values = composed(*order)
        assert values["arch"]["hidden"] == [9]
        assert (values["training"]["lr"], values["training"]["epochs"]) == (0.1, 20)
        assert values["pruning"]["accuracy_drop"] == 0.5
        assert (values["task"]["name"], values["task"]["per_pair"]) == ("digits_xor", 7)


def test_keys_of_an_experiment_win_over_its_task(mine: str) -> None:
    values = composed("experiment=keys", mine)
    assert (values["task"]["name"], values["arch"]["hidden"]) == ("digits_pair", [7, 7])
    assert values["training"] == composed("task=digits_pair")["training"]
    assert len(values["pruning"]["unit"]["step"]) == 14
    assert values["pruning"]["accuracy_drop"] == 0.02
    assert composed("experiment=keys", mine, "task=digits_xor", "arch.hidden=[5]")["arch"]["hidden"] == [5]


def test_options_of_an_experiment_win_over_any_task_and_lose_to_the_command_line(mine: str) -> None:
    for task in ([], ["task=digits_xor"]):
        values = composed("experiment=options", mine, *task)
        assert values["analysis"]["merging_threshold"] == 0.77
        assert values["arch"]["hidden"] == [64, 64]
    assert composed("experiment=options", mine, "analysis=mnist")["analysis"]["merging_threshold"] == 0.6


def test_a_network_sets_the_widths_of_any_task() -> None:
    values = composed("task=digits_pair", "network=model.pt", "arch.hidden=null")
    assert (values["network"], values["arch"]["hidden"]) == ("model.pt", None)


@pytest.mark.parametrize("chosen", ["task=digits_pair", slow("experiment=exemplar"), slow("experiment=digits_xor")])
def test_debugging_takes_two_seeds_and_few_epochs_whatever_else_is_chosen(chosen: str) -> None:
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        config = hydra.compose("config", ["debug=default", chosen], return_hydra_config=True)
    assert (config.training.epochs, config.hydra.sweeper.params.seed) == (2, "0,1")


def test_epochs_of_the_command_line_win_over_debugging() -> None:
    assert composed("debug=default", "training.epochs=3")["training"]["epochs"] == 3


def test_a_gpu_is_an_option_of_the_trainer() -> None:
    assert composed("trainer=gpu", "task=mnist_xor")["trainer"] == {**composed()["trainer"], "accelerator": "gpu"}


def test_tags_are_words() -> None:
    assert compose(["tags=[pilot,wide]"]).tags == ("pilot", "wide")
    assert compose([]).tags == ()
