"""The page of all configuration keys agrees with the program."""

import sys
from pathlib import Path

import pytest

from neural_sculpting.config.schemas import Config

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook():
    sys.path.insert(0, str(ROOT / "docs" / "hooks"))
    try:
        import configuration_keys

        yield configuration_keys
    finally:
        sys.path.pop(0)


def keys(model, prefix=""):
    """All keys but those of a task, by another way than the hook's: from the JSON schema."""
    schema = model.model_json_schema()
    definitions = schema["$defs"]

    def below(properties, prefix):
        for key, value in properties.items():
            name = value.get("$ref", "").rpartition("/")[2]
            if name:
                yield from below(definitions[name]["properties"], f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}"

    return [key for key in below(schema["properties"], prefix) if not key.startswith("task.")]


def test_every_key_has_a_row_with_its_allowed_values(hook):
    rows = [line.split(" | ") for line in "\n".join(hook.sections()).splitlines() if line.startswith("| `")]
    described = {row[0].strip("| `"): row[2] for row in rows if not row[0].startswith("| `task.")}
    assert sorted(described) == sorted(keys(Config))
    assert len(described) > 30
    assert all(described.values())


def test_rows_of_known_keys(hook):
    page = "\n".join(hook.sections())
    assert (
        "| `pruning.edge.step` | `2.5` | a percentage above 0 and below 100, or a list of different ones | "
        "percent of all edges that one attempt adds; a list is searched |"
    ) in page
    assert "| `task.overlap` | `2` | an integer from 0 to 4 |" in page
    assert "| `logger.entity` | `null` |" in page
    assert "null: your default" in page  # from conf/logger/wandb.yaml


def test_every_task_and_its_parameters_are_there(hook):
    page = "\n".join(hook.sections())
    for path in (ROOT / "conf" / "task").glob("*.yaml"):
        assert f"### `task={path.stem}`" in page
    suggested = "`arch=measured`, `training=measured`, `pruning=fast`, `pruning/accuracy=noisy`, `analysis=confirmed`"
    assert f"It suggests {suggested}." in page
    assert "`pruning/accuracy=measured`: For measured data" in page
    assert "| `pruning.accuracy_threshold` | `1.0` | a number from 0 to 1, or null" in page


def test_comments_of_a_file(hook, tmp_path):
    path = tmp_path / "file.yaml"
    path.write_text(
        "# @package _global_\n# What the file\n# is for.\nfirst: 1\ninner:\n  second: [2]   # behind it\n"
        "                # and below\n  third: 3\n\n# Above two.\nfourth: 4\nfifth: null\n\nsixth: 6\n"
    )
    assert hook.introduction(path) == "What the file is for."
    assert hook.commented(path) == {
        "first": ("1", ""),
        "inner": ("", ""),
        "inner.second": ("[2]", "behind it and below"),
        "inner.third": ("3", ""),
        "fourth": ("4", "Above two."),
        "fifth": ("null", "Above two."),
        "sixth": ("6", ""),
    }


def test_the_page_is_filled_in(hook):
    page = (ROOT / "docs" / "reference" / "configuration.md").read_text()
    assert page.count(hook.MARKER) == 1
    filled = hook.on_page_markdown(page)
    assert hook.MARKER not in filled
    assert "`seed`" in filled
    assert hook.on_page_markdown("# Another page") == "# Another page"


def test_text_cannot_break_out_of_its_cell(hook):
    [_, _, row, _] = hook.rows_as_markdown(iter([("key", "1", "a | b", "<this> `<that>`")]))
    assert row == "| `key` | `1` | a \\| b | &lt;this> `<that>` |"
