"""Every value that a key or a parameter does not take is refused before any work, on one line that names the key."""

import copy
from functools import reduce
from operator import getitem
from typing import Any

import hydra
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from mistakes_in_keys import ANY, GIVEN, OUT_OF_RANGE, leaves, values_of_keys, values_of_parameters
from omegaconf import OmegaConf

from neural_sculpting.config.loading import configuration_folder, load
from neural_sculpting.errors import UserError
from neural_sculpting.tasks import task_names


def complaint(config: dict[str, Any], words: tuple[str, ...]) -> str:
    """What is said of the shipped configuration with these overrides, or that nothing is."""
    values = copy.deepcopy(config)
    for override in OverridesParser.create().parse_overrides(list(words)):
        *groups, key = override.key_or_group.split(".")
        reduce(getitem, groups, values)[key] = override.value()
    try:
        load(values)
    except UserError as error:
        return str(error)
    return "nothing"


TOLD_TOGETHER = ("pruning.accuracy_threshold", "pruning.accuracy_drop")
"""One of them must be null."""


def is_one_line(text: str, key: str) -> bool:
    keys = TOLD_TOGETHER if key in TOLD_TOGETHER else (key,)
    return text.startswith(tuple(f"{each}{end}" for each in keys for end in "=.:")) and text.isprintable()


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    """The configuration of every task."""
    with hydra.initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        return {name: OmegaConf.to_container(hydra.compose("config", [f"task={name}"])) for name in task_names()}


def test_every_key_of_the_schema_stands_in_the_table() -> None:
    assert [key for key, _ in leaves()] == list(OUT_OF_RANGE)


@pytest.mark.parametrize("key", OUT_OF_RANGE)
def test_values_that_a_key_does_not_take(key: str, shipped: dict[str, Any]) -> None:
    values = [value for each, value in values_of_keys() if each == key]
    assert len(values) > len(ANY)
    said = {value: complaint(shipped["boolean_sep"], (f"{key}={value}",)) for value in values}
    assert {value: text for value, text in said.items() if not is_one_line(text, key)} == {}


@pytest.mark.parametrize(("task", "key"), sorted({(task, key) for task, key, _ in values_of_parameters()}))
def test_values_that_a_parameter_does_not_take(task: str, key: str, shipped: dict[str, Any]) -> None:
    values = [value for *which, value in values_of_parameters() if which == [task, key]]
    given = tuple(word for word in GIVEN.get(task, ()) if not word.startswith(f"{key}="))
    said = {value: complaint(shipped[task], (*given, f"{key}={value}")) for value in values}
    assert {value: text for value, text in said.items() if not is_one_line(text, key)} == {}
