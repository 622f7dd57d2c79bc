import numpy as np
import pandas as pd
import pytest
from user_errors import message_of

from neural_sculpting.config.composing import compose
from neural_sculpting.records.criteria import criteria_of
from neural_sculpting.tasks import (
    Graph,
    SubFunction,
    Table,
    TaskContent,
    build_task,
    register_content,
    truth_table_of,
)

pytestmark = pytest.mark.usefixtures("own_module")  # it unregisters the tasks of each test

ROW = 2 ** np.arange(3, -1, -1)
"""The number of a row of boolean_sep is its bits times these."""


def sep(**options):
    return build_task("boolean_sep", **options)


def numbers(table):
    return (table.inputs[:, :4] @ ROW).astype(int).tolist()


def test_nothing_changes_by_default():
    whole = sep()
    for options in (
        {},
        {"rows": None, "samples": None, "idle_inputs": 0, "wrong_labels": 0.0, "rows_seed": 0},
        {"rows_seed": 3},
    ):
        task = sep(**options)
        assert (task.sha256, task.title, task.parameters, task.details) == (whole.sha256, "boolean_sep", {}, ())
        assert task.training is task.validation
        assert task.test is None
    assert sep(rows=1.0).sha256 == whole.sha256


def test_the_rows_that_are_not_seen_are_the_test_set():
    task, whole = sep(rows=0.5), sep()
    seen, unseen = numbers(task.training), numbers(task.test)
    assert (len(seen), sorted(seen + unseen)) == (8, list(range(16)))
    assert task.training is task.validation
    for table in (task.training, task.test):
        assert np.array_equal(table.targets, whole.training.targets[numbers(table)])
    assert (task.title, task.parameters) == ("boolean_sep rows=0.5", {"rows": 0.5, "rows_seed": 0})
    assert set(numbers(sep(rows=0.25).training)) < set(seen)
    assert numbers(sep(rows=0.5, rows_seed=1).training) != seen
    assert len({sep(rows=0.5, rows_seed=seed).sha256 for seed in range(3)} | {whole.sha256}) == 4
    assert task.expected_hierarchy(1).nodes(data=True) == whole.expected_hierarchy(1).nodes(data=True)
    assert criteria_of(task) == criteria_of(whole)


def test_idle_inputs_are_random_bits_that_no_module_has():
    task = sep(idle_inputs=20)
    assert (task.n_inputs, task.min_width(), task.inputs_are_bits) == (24, 2, True)
    assert numbers(task.training) == numbers(task.test) == list(range(16))
    assert np.array_equal(task.training.targets, sep().training.targets)
    assert abs(task.training.inputs[:, 4:].mean() - 0.5) < 0.1
    assert not np.array_equal(task.training.inputs, task.test.inputs)
    assert {i for _, inputs in task.expected_hierarchy(1).nodes(data="inputs") for i in inputs} == {0, 1, 2, 3}


def test_samples_are_drawn_with_replacement():
    task = sep(samples=400, rows=0.5, idle_inputs=2)
    assert task.sizes == (400, 400, 400)
    assert set(numbers(task.training)) == set(numbers(sep(rows=0.5).training))
    assert set(numbers(task.test)) == set(numbers(sep(rows=0.5).test))
    assert numbers(sep(samples=30).training) == numbers(sep(samples=50).training)[:30]


def test_no_test_example_is_learned():
    few, many = sep(samples=10, rows_seed=2), sep(samples=1000)
    assert not set(numbers(few.test)) & set(numbers(few.training))
    assert (len(few.test) > 0, many.test) == (True, None)
    idle = sep(samples=100, idle_inputs=4)
    examples = [{tuple(row) for row in table.inputs} for table in (idle.training, idle.test)]
    assert not set.intersection(*examples)


@pytest.mark.parametrize(("share", "flipped"), [(0.05, 2), (0.25, 8), (0.5, 16)])
def test_wrong_labels(share, flipped):
    task, right = sep(rows=0.5, wrong_labels=share), sep(rows=0.5)
    assert np.array_equal(task.training.inputs, right.training.inputs)
    assert np.array_equal(task.test.targets, right.test.targets)
    wrong = task.training.targets != right.training.targets
    assert wrong.sum() == flipped
    more = sep(rows=0.5, wrong_labels=0.5).training.targets != right.training.targets
    assert (more >= wrong).all()


def test_every_truth_table_can_be_sampled(tmp_path):
    file = tmp_path / "bits.csv"
    pd.DataFrame({"a": [0, 0, 1, 1] * 3, "b": [0, 1, 0, 1] * 3, "y": [0, 1, 1, 0] * 3}).to_csv(file, index=False)
    options = {"inputs": (), "outputs": ("y",), "missing": "error", "separator": "auto"}
    table = build_task(
        *("truth_table",), path=str(file), **options, decimal="point", encoding="utf-8", rows=0.5, idle_inputs=1
    )
    assert table.input_names == ("a", "b", "idle0")
    assert table.sizes == (6, 6, 6)  # the same inputs, three times each, are one row of the truth table
    register_content("gate", truth_table_of(lambda a, b, c: a & b | c, 3))
    assert build_task("gate", rows=0.5).sizes == (4, 4, 4)
    drawn = {"depth": 2, "fan_in": 2, "reuse": 2, "sub_functions": 3, "uses": 1, "graph_seed": 0}
    assert build_task("random_hierarchy", **drawn, rows=0.25).sizes == (16, 16, 48)


def parities(n_inputs):
    pairs = range(0, n_inputs, 2)
    return Graph(tuple(SubFunction(f"A{i}", (i, i + 1), (), np.logical_xor, (i // 2,)) for i in pairs))


def test_a_graph_with_more_inputs_than_a_truth_table():
    register_content("parities", parities(20))
    task = build_task("parities", samples=300, idle_inputs=4)
    assert (task.sizes, task.n_inputs, task.graph.n_inputs) == ((300, 300, 300), 24, 24)
    for table in (task.training, task.test):
        bits = table.inputs[:, :20].astype(bool)
        assert np.array_equal(table.targets, bits[:, ::2] ^ bits[:, 1::2])


TABLE = Table(np.array([[0.5], [1]], np.float32), np.array([[0], [1]], np.float32))
BITS = Table(np.array([[0], [1]], np.float32), np.array([[0, 1], [1, 0]], np.float32))
CONTENTS = {
    "boolean_sep": None,
    "measured": TaskContent(None, TABLE, TABLE),
    "divided": TaskContent(None, BITS, BITS, BITS),
    "classes": TaskContent(None, BITS, BITS, one_hot=(2,)),
    "parities": parities(18),
}
NO_TABLE = "must be null for a task that is no truth table"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("boolean_sep", {"rows": 1.5}, "task.rows=1.5: must be a number from 0 to 1, or null"),
        ("boolean_sep", {"rows": "half"}, "task.rows='half': must be a number from 0 to 1, or null"),
        ("boolean_sep", {"samples": 1}, "task.samples=1: must be an integer from 2 to 1000000, or null"),
        ("boolean_sep", {"wrong_labels": 0.6}, "task.wrong_labels=0.6: must be a number from 0 to 0.5, or null"),
        ("boolean_sep", {"rows": 0.05}, "task.rows=0.05: of 16 rows that is 1; must be at least 2 and leave one for "),
        (
            "boolean_sep",
            {"rows": 0.99},
            "task.rows=0.99: of 16 rows that is all; must be at least 2 and leave one for ",
        ),
        ("boolean_sep", {"row": 0.5}, "task.row: unknown key (did you mean rows?); task boolean_sep has no parameters"),
        ("measured", {"rows": 0.5}, f"task.rows=0.5: {NO_TABLE}"),
        ("divided", {"idle_inputs": 2}, f"task.idle_inputs=2: {NO_TABLE}"),
        ("classes", {"wrong_labels": 0.1}, "task.wrong_labels=0.1: must be 0 where outputs are classes"),
        ("parities", {}, "18 inputs: a whole truth table has at most 16; of a larger one task.samples rows are drawn"),
        ("parities", {"rows": 0.5, "samples": 9}, "task.rows=0.5: must be null with 18 inputs; of these task.samples "),
    ],
)
def test_what_cannot_be_drawn(name, options, message):
    if CONTENTS[name]:
        register_content(name, CONTENTS[name])
    assert message_of(build_task, name, **options).startswith(message)


def test_a_parameter_of_the_task_itself_is_no_option(own_module):
    own_module(
        "my_rows",
        "from typing import Annotated\n"
        "from neural_sculpting.tasks import Between, Graph, SubFunction, register\n"
        "@register\n"
        "def copies(rows: Annotated[int, Between(1, 9)]) -> Graph:\n"
        "    return Graph((SubFunction('A', (0, 1), (), lambda a, b: a & b, range(rows)),))\n",
    )
    task = build_task("my_rows.copies", rows=3, samples=8)
    assert (task.n_outputs, task.sizes[0], task.parameters) == (3, 8, {"rows": 3, "samples": 8, "rows_seed": 0})


def test_only_options_that_draw_are_part_of_the_configuration():
    assert compose(["task=boolean_reused"]).task.parameters == {"uses": 8}
    sampled = compose(["task=boolean_reused", "task.rows='0.5'", "task.rows_seed=7"])
    assert list(sampled.task.parameters.items()) == [("uses", 8), ("rows", 0.5), ("rows_seed", 7)]
