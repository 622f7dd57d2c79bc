"""The page docs/adding_a_task.md is true."""

import re
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from neural_sculpting.tasks import build_task

PAGE = Path(__file__).parents[2] / "docs" / "adding_a_task.md"


@pytest.fixture
def snippets(own_module) -> dict[str, list[str]]:
    """Return the snippets of the page by language; the first of Python is importable as my_tasks."""
    found: dict[str, list[str]] = {}
    for language, text in re.findall(
        r'^```(\w+)(?: title="[^"]+")?\n(.*?)^```', PAGE.read_text(), re.DOTALL | re.MULTILINE
    ):
        found.setdefault(language, []).append(text)
    own_module("my_tasks", found["python"][0])
    return found


def test_the_task_of_the_page_computes_majority_and_parity(snippets):
    task = build_task("my_tasks.majority_and_parity", uses=1)
    for row, (majority, parity) in zip(task.training.inputs, task.training.targets, strict=True):
        assert majority == (row[:3].sum() >= 2)
        assert parity == row[3:].sum() % 2
    hierarchy = task.expected_hierarchy(1)
    assert dict(hierarchy.nodes(data="inputs")) == {"M": (0, 1, 2), "P": (3, 4)}


def test_the_python_lines_print_the_output_on_the_page(snippets, capsys):
    exec(snippets["python"][1], {})
    assert capsys.readouterr().out == snippets["text"][0]


def test_the_task_with_examples_reads_them(snippets, own_module, tmp_path):
    rows = "0,1,0,1,1,0\n" * 3 + "1,1,1,1,0,1\n"
    (tmp_path / "rows.csv").write_text(rows)
    own_module("my_measurements", snippets["python"][2])
    task = build_task("my_measurements.measured", file=str(tmp_path / "rows.csv"), held_back=1)
    assert task.training.inputs.tolist() == [[0, 1, 0, 1]] * 3
    assert task.training.targets.tolist() == [[1, 0]] * 3
    assert task.validation.inputs.tolist() == [[1, 1, 1, 1]]
    assert task.test is None
    assert dict(task.expected_hierarchy(2).nodes(data="outputs")) == {"A": (0,), "B": (1,)}


def test_the_configuration_of_the_page_is_valid(snippets):
    values = dict(OmegaConf.create(snippets["yaml"][0]))
    name = values.pop("name")
    assert build_task(name, **values).n_outputs == 4
    command = snippets["bash"][0]
    assert f"task={name.rpartition('.')[2]} " in command
    assert f"mine/task/{name.rpartition('.')[2]}.yaml" in PAGE.read_text()
