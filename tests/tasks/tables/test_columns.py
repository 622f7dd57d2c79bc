import pytest
from user_errors import message_of

from neural_sculpting.tasks.tables.frames import choose_columns

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
def test_columns_are_chosen_by_name(columns, inputs, outputs, chosen):
    assert choose_columns(columns, inputs, outputs) == chosen


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        ([], [], "task.outputs: missing; must be names of columns: a, b, X0, X1, X2, first name, y"),
        ([], ["z"], "task.outputs: no column z; there are a, b, X0, X1, X2, first name, y"),
        (["q"], ["y"], "task.inputs: no column q; there are a, b, X0, X1, X2, first name, y"),
        (["X", "X1"], ["y"], "task.inputs: column X1 is named twice"),
        ([], ["y", "y"], "task.outputs: column y is named twice"),
        (["a", "y"], ["y"], "task.inputs: column y is an output too; must be one or the other"),
        (["X1"], ["X"], "task.inputs: column X1 is an output too; must be one or the other"),
        ([], COLUMNS, "task.outputs: all 7 columns; some must remain as inputs"),
    ],
)
def test_names_that_do_not_fit(inputs, outputs, message):
    assert message_of(choose_columns, COLUMNS, inputs, outputs) == message


@pytest.mark.parametrize(("name", "meant"), [("Y", "y"), ("first_name", "first name"), ("x0", "X0"), ("A", "a")])
def test_close_names_are_suggested(name, meant):
    assert f"no column {name} (did you mean {meant}?); there are" in message_of(choose_columns, COLUMNS, [], [name])


@pytest.mark.parametrize(
    "columns", [["5.1", "3.5", "0.2", "setosa"], ["2001", "2002", "y z"], ["0.1", "1", "w", "yes"]]
)
def test_names_that_are_numbers_may_be_data(columns):
    expected = "task.outputs: no column z; there are {}; are these data? The names of columns must come first"
    assert message_of(choose_columns, columns, [], ["z"]) == expected.format(", ".join(columns))


def test_only_a_few_of_many_columns_are_listed():
    columns = [f"c{number:02}" for number in range(14)]
    expected = f"task.outputs: no column z; there are {', '.join(columns[:12])} and 2 more"
    assert message_of(choose_columns, columns, [], ["z"]) == expected
