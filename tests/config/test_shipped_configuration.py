"""Every file that is shipped can be used as it is."""

import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import configuration_folder
from neural_sculpting.config.schemas import Config
from neural_sculpting.config.values import flat
from neural_sculpting.tasks import task_names

CONF = configuration_folder()
COMMAND = "# python -m neural_sculpting.run "
GROUPS = sorted({path.name for path in CONF.iterdir() if path.is_dir()} - {"hydra", "experiment", "debug"})
OPTIONS = [
    (str(path.parent.relative_to(CONF)), path.stem)
    for group in (*GROUPS, "debug")
    for path in sorted((CONF / group).rglob("*.yaml"))
]
EXPERIMENTS = sorted((CONF / "experiment").glob("*.yaml"))

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hydra_plugins", "hydra_restore_singletons")]


CUSTOM = """
import numpy as np
from neural_sculpting.tasks import Graph, SubFunction

graph = Graph((SubFunction("A", inputs=(0, 1), function=np.logical_xor, outputs=(0,)),))
"""
NEEDED = {
    "mnist_pair": ["task.source=digits"],
    "mnist_xor": ["task.source=digits"],
    "table": ["task.path=t.csv", "task.outputs=[y]"],
    "truth_table": ["task.path=t.csv", "task.outputs=[y]"],
    "sequences": ["task.path=t.npz"],
    "images": ["task.path=t.npz"],
    "function": ["task.function=numpy.logical_xor", "task.n_inputs=2"],
    "graph": ["task.graph=shipped_graph.graph"],
}
"""Settings for files and code that only the user has."""

BY_HAND = ["training.lr=0.01", "training.batch_size=16", "training.epochs=10"]
NEEDED_BY_ARCH = {
    "cnn": ["task=digits_channels"],
    "transformer": ["task=streams_sep"],
    "two_layers": ["task=streams_sep"],
    "residual_mlp": BY_HAND,
    "own": ["arch.name=neural_sculpting.networks.architectures.mlp", "arch.own={hidden:[3]}", *BY_HAND],
}
"""Tasks that are of the kind, and what the paper has no values of."""


@pytest.fixture
def user_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "t.csv").write_text("a,b,y\n" + "0,0,0\n0,1,1\n1,0,1\n1,1,0\n" * 3)
    rows = np.arange(12)
    arrays = {"tokens": rows[:, None] % (2, 3), "images": rows[:, None, None] * np.ones((4, 4)), "targets": rows % 2}
    np.savez(tmp_path / "t.npz", **arrays)
    (tmp_path / "shipped_graph.py").write_text(CUSTOM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("shipped_graph", None)


@pytest.mark.parametrize(("group", "option"), OPTIONS)
@pytest.mark.usefixtures("user_files")
def test_every_option_composes_and_is_valid(group: str, option: str) -> None:
    needed = {"task": NEEDED, "arch": NEEDED_BY_ARCH}.get(group, {}).get(option, [])
    assert isinstance(compose([f"{group}={option}", *needed]), Config)


def test_every_task_has_its_option() -> None:
    contents = {path.stem: yaml.safe_load(path.read_text()) for path in (CONF / "task").glob("*.yaml")}
    options = {option: values.get("task", values)["name"] for option, values in contents.items()}
    assert options == {name: name for name in task_names()}


def test_every_file_begins_with_a_description() -> None:
    texts = {path: path.read_text().removeprefix("# @package _global_\n") for path in CONF.rglob("*.yaml")}
    assert len(texts) > 10
    assert [path for path, text in texts.items() if not re.match(r"(# @package \S+\n)?# \w", text)] == []


def test_the_groups_of_the_schema_are_the_groups_of_the_folder() -> None:
    groups = {name for name, field in Config.model_fields.items() if hasattr(field.annotation, "model_fields")}
    assert groups == set(GROUPS)


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_the_first_line_of_an_experiment_is_its_command(
    path: Path, command: Callable[..., int], cheap_pipeline: Any
) -> None:
    first, second = path.read_text().splitlines()[:2]
    assert first == "# @package _global_"
    assert second.startswith(COMMAND)
    words = shlex.split(second.removeprefix(COMMAND))
    assert f"experiment={path.stem}" in words
    without_files = ["task.source=digits"] * path.stem.startswith("mnist")
    assert command(*words, *first_values(path), *without_files) == 0
    assert sum(len(seeds) for _, seeds, _, _ in cheap_pipeline.calls) > 0


def first_values(path: Path) -> list[str]:
    """Overrides that leave one job of what an experiment sweeps; ``test_experiments.py`` checks the others."""
    params = yaml.safe_load(path.read_text()).get("hydra", {}).get("sweeper", {}).get("params", {})
    overrides = OverridesParser.create().parse_overrides([f"{key}={value}" for key, value in params.items()])
    return [f"{each.key_or_group}={next(each.sweep_string_iterator())}" for each in overrides]


def test_an_experiment_may_set_what_the_primary_file_sets(
    tmp_path: Path, command: Callable[..., int], cheap_pipeline: Any
) -> None:
    folder = tmp_path / "mine" / "experiment"
    folder.mkdir(parents=True)
    (folder / "other.yaml").write_text("# @package _global_\nseed: 5\npictures: none\n")
    assert command("--config-dir", "mine", "experiment=other") == 0
    assert [(config.seed, config.pictures) for config, *_ in cheap_pipeline.calls] == [(5, "none")]


def test_the_help_names_keys_that_exist() -> None:
    template = yaml.safe_load((CONF / "hydra" / "help" / "neural_sculpting.yaml").read_text())["template"]
    section = template[template.index("Main keys") :]
    keys = re.findall(r"^  ([a-z_]+(?:\.[a-z_]+)+)", section, flags=re.MULTILINE)
    assert len(keys) > 10
    values = compose(["task=boolean_overlap"]).model_dump()
    assert {key for key in keys if not key.startswith("hydra.")} <= {*flat(values)}
