"""Every value that a key or a parameter does not take is refused before any work, on one line that names the key."""

from pathlib import Path

import pytest
from exact_messages import VALUES
from mistakes_in_keys import GIVEN, OUT_OF_RANGE, leaves, values_of_keys, values_of_parameters
from shipped_configuration import overridden

from neural_sculpting.config.loading import load
from neural_sculpting.config.schemas import ARCHITECTURES
from neural_sculpting.errors import UserError
from neural_sculpting.tasks import task_names


def complaint(*words: str) -> str:
    """The message for a shipped configuration with these overrides; or ``nothing``."""
    try:
        load(overridden(words))
    except UserError as error:
        return str(error)
    return "nothing"


@pytest.mark.parametrize("words", VALUES)
def test_the_exact_message_for_a_value(words: str) -> None:
    assert complaint(*words.split(" ")) == VALUES[words].replace("{folder}", str(Path.cwd()))


def test_the_table_has_every_key_of_the_schema() -> None:
    assert [key for key, _ in leaves()] == list(OUT_OF_RANGE)


def test_missing_and_unknown_keys_are_named() -> None:
    of_others = {f"arch.{key}" for keys in ARCHITECTURES.values() for key in keys} | {"arch.name", "arch.own"}
    always = [key for key, _ in leaves() if key not in of_others - {"arch.hidden"}]
    expected = {(f"~{key}",): f"{key}: missing key; it must be " for key in always}
    for group in {group for _, group in leaves()} - {""}:
        expected[f"{group}.no_such=1",] = f"{group}.no_such: unknown key; {group} allows "
    for task in task_names():
        expected[f"task={task}", "task.no_such=1"] = f"task.no_such: unknown key; task {task} "
    del expected["task.no_such=1",]
    found = {words: complaint(*words) for words in expected}
    assert {words: text for words, text in found.items() if not text.startswith(expected[words])} == {}


REPORTED_TOGETHER = ("pruning.accuracy_threshold", "pruning.accuracy_drop")
"""One of them must be null."""


def is_one_line(text: str, key: str) -> bool:
    keys = REPORTED_TOGETHER if key in REPORTED_TOGETHER else (key,)
    return text.startswith(tuple(f"{each}{end}" for each in keys for end in "=.:")) and text.isprintable()


@pytest.mark.parametrize("key", OUT_OF_RANGE)
def test_values_that_a_key_does_not_take(key: str) -> None:
    found = {value: complaint(f"{key}={value}") for each, value in values_of_keys() if each == key}
    assert {value: text for value, text in found.items() if not is_one_line(text, key)} == {}


@pytest.mark.parametrize(("task", "key"), sorted({(task, key) for task, key, _ in values_of_parameters()}))
def test_values_that_a_parameter_does_not_take(task: str, key: str) -> None:
    values = [value for *which, value in values_of_parameters() if which == [task, key]]
    given = [word for word in GIVEN.get(task, ()) if not word.startswith(f"{key}=")]
    found = {value: complaint(f"task={task}", *given, f"{key}={value}") for value in values}
    assert {value: text for value, text in found.items() if not is_one_line(text, key)} == {}
