import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.paper import PaperSettings, _table, nearest_settings, paper_settings
from neural_sculpting.tasks import build_task

SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.mark.parametrize(
    ("task", "parameters", "layers", "wanted"),
    [
        ("boolean_sep", {}, [4, 24, 4], PaperSettings(0.05, 8, 15)),
        ("boolean_sep", {}, (4, 36, 36, 36, 4), PaperSettings(0.05, 8, 20)),
        ("boolean_single", {}, [4, 24, 4], PaperSettings(0.1, 8, 40)),
        ("boolean_reused", {"uses": 8}, [4, 8, 8, 16], PaperSettings(0.1, 16, 120)),
        ("boolean_overlap", {"uses": 8, "overlap": 2}, [6, 24, 24, 24, 16], PaperSettings(0.05, 32, 120)),
        ("boolean_overlap", {"overlap": 0, "uses": 1}, [8, 24, 2], PaperSettings(0.1, 32, 20)),
        ("boolean_hierarchy", {"uses": 4}, [8, 36, 36, 36, 8], PaperSettings(0.1, 128, 80)),
        ("mnist_pair", {}, [1568, 392, 392, 20], PaperSettings(0.001, 512, 40)),
    ],
)
def test_settings_of_the_paper(task, parameters, layers, wanted):
    assert paper_settings(task, parameters, layers) == wanted


@pytest.mark.parametrize(
    ("task", "parameters", "layers"),
    [
        ("boolean_sep", {}, [4, 20, 4]),
        ("boolean_sep", {"uses": 8}, [4, 24, 4]),
        ("boolean_reused", {}, [4, 24, 16]),
        ("boolean_overlap", {"overlap": 2, "uses": 3}, [6, 24, 6]),
        ("majority", {}, [4, 24, 4]),
    ],
)
def test_combinations_that_the_paper_does_not_have(task, parameters, layers):
    assert paper_settings(task, parameters, layers) is None


def nearest(task: str, parameters: dict[str, int], layers: list[int]) -> str:
    chosen, sentence = nearest_settings(task, parameters, layers)
    assert sentence.endswith(f"({chosen})")
    return sentence.partition(": using ")[2]


def test_the_sentence_names_what_is_used():
    chosen, sentence = nearest_settings("boolean_sep", {}, [4, 20, 4])
    assert chosen == PaperSettings(0.05, 8, 15)
    assert sentence == (
        "the paper has no settings for boolean_sep 4-20-4: "
        "using those of boolean_sep 4-24-4 (lr 0.05, batch_size 8, epochs 15)"
    )


@pytest.mark.parametrize(
    ("task", "parameters", "layers", "used"),
    [
        # the mean width, 30, is as far from 24 as from 36: the narrower
        ("boolean_sep", {}, [4, 20, 40, 4], "boolean_sep 4-24-24-4 (lr 0.05, batch_size 8, epochs 10)"),
        # depth counts before width: three hidden layers are the nearest to five
        ("boolean_sep", {}, [4, 30, 30, 50, 50, 70, 4], "boolean_sep 4-48-48-48-4 (lr 0.05, batch_size 8, epochs 20)"),
        # parameters count before width; 7 is as far from 6 as from 8: the smaller
        ("boolean_reused", {"uses": 7}, [4, 24, 14], "boolean_reused uses=6 4-24-12 (lr 0.1, batch_size 8, epochs 40)"),
        (
            "boolean_overlap",
            {"overlap": 3, "uses": 64},
            [5, 48, 128],
            "boolean_overlap overlap=3 uses=8 5-48-16 (lr 0.1, batch_size 8, epochs 20)",
        ),
        ("mnist_pair", {}, [1568, 400, 400, 20], "mnist_pair 1568-392-392-20 (lr 0.001, batch_size 512, epochs 40)"),
    ],
)  # fmt: skip
def test_a_known_task_takes_its_nearest_combination(task, parameters, layers, used):
    assert nearest(task, parameters, layers) == f"those of {used}"


def test_an_unknown_task_takes_the_medians():
    # lower medians of the 36 rows with 4 inputs and one hidden layer, counted in the table
    medians = "the medians of the paper's networks with 4 inputs and 1 hidden layer (lr 0.1, batch_size 8, epochs 20)"
    assert nearest("majority", {"uses": 2}, [4, 20, 4]) == medians
    medians = (
        "the medians of the paper's networks with 8 inputs and 4 hidden layers (lr 0.05, batch_size 32, epochs 30)"
    )
    assert nearest("wide_majority", {}, [12, 9, 9, 9, 9, 9, 9, 1]) == medians
    assert "with 1568 inputs and 2 hidden layers" in nearest("pictures", {}, [784, 100, 10])


@given(st.data())
def test_what_is_in_the_table_is_its_own_nearest(data):
    row = data.draw(st.sampled_from(_table()))
    chosen, sentence = nearest_settings(row.task, row.parameters, row.layers)
    assert chosen == row.settings == paper_settings(row.task, row.parameters, row.layers)
    assert "-".join(map(str, row.layers)) in sentence.partition("using")[2]


def test_the_table_is_complete_and_fits_the_tasks():
    assert len(_table()) == 382
    boolean = [row for row in _table() if row.task.startswith("boolean_")]
    assert len(boolean) == 361
    sizes = {(row.task, *row.parameters.items()): row for row in boolean}
    for row in sizes.values():
        task = build_task(row.task, **row.parameters)
        assert (row.layers[0], row.layers[-1]) == (task.n_inputs, task.n_outputs)
        assert min(row.layers[1:-1]) >= task.min_width()
    keys = {(row.task, *row.parameters.items(), row.layers) for row in _table()}
    assert len(keys) == 382


@pytest.mark.parametrize("name", ["hyperparameters.csv", "success_rates.csv"])
def test_the_stored_tables_are_the_papers(name):
    original = SHARED / "paper" / name
    if not original.exists():
        pytest.skip("the paper's tables are beside the checkout only where the project is developed")
    assert files("neural_sculpting.paper").joinpath(name).read_bytes() == original.read_bytes()


def test_only_the_standard_library_is_loaded():
    program = (
        "import sys; before = {name.partition('.')[0] for name in sys.modules}; import neural_sculpting.paper; "
        "after = {name.partition('.')[0] for name in sys.modules}; "
        "print(sorted(after - before - sys.stdlib_module_names))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['neural_sculpting']"
