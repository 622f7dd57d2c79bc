import logging

import pandas as pd
import pytest
from user_errors import message_of

from neural_sculpting.tasks.tables.columns import choose_columns, without_missing

COLUMNS = ["a", "b", "X0", "X1", "X2", "first name", "y"]


@pytest.mark.parametrize(
    ("columns", "inputs", "outputs", "chosen"),
    [
        (COLUMNS, ["b", "a"], ["y", "X1"], (["b", "a"], ["y", "X1"])),  # in the order in which they are named
        (COLUMNS, [], ["b"], (["a", "X0", "X1", "X2", "first name", "y"], ["b"])),  # all others are inputs
        # the name of an array stands for its columns
        (COLUMNS, ["X"], ["y"], (["X0", "X1", "X2"], ["y"])),
        (COLUMNS, [], ["X"], (["a", "b", "first name", "y"], ["X0", "X1", "X2"])),
        ([name for name in COLUMNS if name != "X1"], ["X"], ["y"], (["X0"], ["y"])),
        ([*COLUMNS, "X"], ["X"], ["y"], (["X"], ["y"])),  # a column of that name goes first
    ],
)
def test_the_columns_that_are_named(columns, inputs, outputs, chosen):
    assert choose_columns(columns, inputs, outputs) == chosen


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        ([], [], "task.outputs: missing; must be names of columns: a, b, X0, X1, X2, first name, y"),
        ([], ["z"], "task.outputs: no column z; there are a, b, X0, X1, X2, first name, y"),
        (["q"], ["y"], "task.inputs: no column q; there are a, b, X0, X1, X2, first name, y"),
        (["a", "b", "a"], ["y"], "task.inputs: column a is named twice"),
        (["X", "X1"], ["y"], "task.inputs: column X1 is named twice"),
        ([], ["y", "y"], "task.outputs: column y is named twice"),
        (["a", "y"], ["y"], "task.inputs: column y is an output too; must be one or the other"),
        (["X1"], ["X"], "task.inputs: column X1 is an output too; must be one or the other"),
        ([], COLUMNS, "task.outputs: all 7 columns; some must remain as inputs"),
    ],
)
def test_names_that_cannot_be_followed(inputs, outputs, said):
    assert message_of(choose_columns, COLUMNS, inputs, outputs) == said


@pytest.mark.parametrize(("name", "meant"), [("Y", "y"), ("first_name", "first name"), ("x0", "X0"), ("A", "a")])
def test_what_was_meant(name, meant):
    assert f"no column {name} (did you mean {meant}?); there are" in message_of(choose_columns, COLUMNS, [], [name])


def test_of_many_columns_a_few_are_listed():
    columns = [f"c{number:02}" for number in range(14)]
    listed = ", ".join(columns[:12])
    said = message_of(choose_columns, columns, [], ["z"])
    assert said == f"task.outputs: no column z; there are {listed} and 2 more"


HOLES = pd.DataFrame({"a": [1, None, None, 4], "b": ["u", "v", "w", "x"], "y": ["no", "yes", None, "yes"]})


def test_nothing_is_missing():
    whole = HOLES[["b"]]
    assert without_missing(whole, "error", "t.csv") is whole


@pytest.mark.parametrize(
    ("frame", "rule", "said"),
    [
        (
            HOLES,
            "error",
            "t.csv: values are missing in 2 of 4 rows (most in column a: 2); task.missing=drop leaves these rows out",
        ),
        (HOLES[1:3], "drop", "t.csv: values are missing in all 2 rows; none can be used"),
    ],
)
def test_missing_values_that_are_an_error(frame, rule, said):
    assert message_of(without_missing, frame, rule, "t.csv") == said


def test_rows_with_missing_values_may_be_left_out(caplog):
    caplog.set_level(logging.INFO)
    left = without_missing(HOLES, "drop", "t.csv")
    assert left.to_dict("list") == {"a": [1, 4], "b": ["u", "x"], "y": ["no", "yes"]}
    assert left.index.tolist() == [0, 3], "the indices in the file"
    assert caplog.messages == ["t.csv: 2 of 4 rows left out, values are missing"]
