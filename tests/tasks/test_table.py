import os
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from user_errors import message_of

from neural_sculpting.errors import UserError
from neural_sculpting.records.criteria import criteria_of
from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.table import check_consistent
from neural_sculpting.tasks.tables.splits import split_rows, strata_of

XOR = "a,b,y,z\n0,0,0,0\n0,1,1,0\n1,0,1,0\n1,1,0,1\n"
TEXT = {"separator": "auto", "decimal": "point", "encoding": "utf-8"}
TRUTH = {"inputs": [], "outputs": ["y"], "missing": "error", **TEXT}
MEASURED = {**TRUTH, "kind": "auto", "validation_share": 0.2, "test_share": 0.3, "split_seed": 0}
N = 20
FRAME = pd.DataFrame({"size": np.arange(N) / 4, "color": list("rgbr") * 5, "y": ["no", "yes"] * 10})
STRATA = strata_of(FRAME[["y"]], (0.2, 0.3))


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def truth(content=XOR, path="t.csv", **changes):
    if content is not None:
        with open(path, "w") as file:
            file.write(content)
    return build_task("truth_table", path=path, **{**TRUTH, **changes})


def measured(frame=FRAME, **changes):
    frame.to_parquet("t.parquet")
    return build_task("table", path="t.parquet", **{**MEASURED, **changes})


def test_a_truth_table_is_learned_as_it_is_without_a_known_hierarchy():
    task = truth(outputs=["z", "y"])
    assert task.training is task.validation
    assert task.test is None
    assert task.training.inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert task.training.targets.tolist() == [[0, 0], [0, 1], [0, 1], [1, 0]]
    assert (task.input_names, task.output_names) == (("a", "b"), ("z", "y"))
    assert (task.loss, task.one_hot, task.title) == ("cross_entropy", (), "t.csv")
    assert (task.graph, task.expected_hierarchy(1), criteria_of(task), task.min_width()) == (None, None, [], 1)


@pytest.mark.parametrize("outputs", ["y", ["y"], ("y",)])
@pytest.mark.parametrize("inputs", [None, [], ["a", "b", "z"]])
def test_names_may_be_one_or_none(inputs, outputs):
    task = truth(inputs=inputs, outputs=outputs)
    assert (task.input_names, task.output_names) == (("a", "b", "z"), ("y",))
    assert task.parameters["outputs"] == ("y",)


def test_names_may_be_numbers():
    task = truth("0,1,2\n0,0,1\n1,0,0\n", inputs=0, outputs=[2])
    assert (task.input_names, task.output_names) == (("0",), ("2",))


def test_a_truth_table_may_be_partial_with_repeated_rows():
    task = truth("a,b,y\nTRUE,false,1\nfalse,false,0\ntrue,false,1\n")
    assert task.training.inputs.tolist() == [[1, 0], [0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("content", "changes", "message"),
    [
        (XOR, {"outputs": ["w"]}, "task.outputs: no column w; there are a, b, y, z"),
        (
            "a,y\n0,1\n1,1\n-1,0\n",
            {},
            "t.csv: column a contains a third value, -1 in data row 3; must have two, such as 0 and 1 (task=table with "
            "task.kind=auto takes more)",
        ),
        (
            "a,y\n0,1\n1,1\n",
            {},
            "t.csv: column y is 1 in all rows that networks learn from; must have two values or more",
        ),
        (
            "a,y\n0,1\n,1\n1,0\n",
            {},
            "t.csv: values are missing in 1 of 3 rows (a: 1); task.missing=drop leaves these rows out",
        ),
        (
            "a,y\n0,0\n,1\n1,1\n0,1\n",
            {"missing": "drop"},
            "t.csv: data rows 1 and 4 have the same inputs and differ in y; a truth table has one answer "
            "(task=table learns from rows that contradict each other)",
        ),
    ],
)
def test_files_that_are_not_truth_tables(content, changes, message):
    assert message_of(truth, content, **changes) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"path": None},
            "task.path: missing; task table needs a CSV (.csv, .tsv, .csv.gz), Parquet (.parquet) or NumPy file (.npz)",
        ),
        ({"path": " "}, "task.path=' ': must be a CSV (.csv, .tsv, .csv.gz), Parquet (.parquet) or NumPy file (.npz)"),
        ({"outputs": [True]}, "task.outputs=[True]: must be a list of names of columns, such as [a, b]"),
        ({"inputs": ["a", ""]}, "task.inputs=['a', '']: must be a list of names of columns, such as [a, b]"),
        ({"kind": ["auto"]}, "task.kind=['auto']: must be auto, binary, classification or regression"),
        ({"missing": "mean"}, "task.missing='mean': must be error, drop, impute or indicator"),
        ({"validation_share": float("nan")}, "task.validation_share=nan: must be a number from 0.01 to 0.9"),
        ({"test_share": -0.1}, "task.test_share=-0.1: must be a number from 0 to 0.9"),
        ({"test_share": True}, "task.test_share=True: must be a number from 0 to 0.9"),
    ],
)
def test_parameters_are_checked_before_the_file_is_read(changes, message):
    assert message_of(build_task, "table", **{"path": "no.csv", **MEASURED, **changes}) == message


def test_measured_examples_are_split():
    task = measured()
    split = split_rows(N, 0.2, 0.3, 0, STRATA)
    assert (len(task.training), len(task.validation), len(task.test)) == (10, 4, 6)
    size = FRAME["size"].to_numpy()
    mean, deviation = size[split.training].mean(), size[split.training].std()
    for examples, rows in zip((task.training, task.validation, task.test), split, strict=True):
        assert examples.inputs[:, 0] == pytest.approx((size[rows] - mean) / deviation, abs=1e-6)
        assert examples.inputs[:, 1:].tolist() == [[FRAME["color"][row] == each for each in "bgr"] for row in rows]
        assert examples.targets.tolist() == [[row % 2] for row in rows]
    assert task.input_names == ("size", "color=b", "color=g", "color=r")
    assert (task.output_names, task.one_hot, task.loss) == (("y=yes",), (), "cross_entropy")
    assert task.one_hot_inputs == (1, 3)
    assert (task.title, task.expected_hierarchy(2)) == ("t.parquet", None)


def test_there_may_be_no_test_set():
    assert measured(test_share=0.0).test is None


def test_a_seed_fixes_the_split_and_another_changes_it():
    one, again, other = measured(), measured(FRAME.copy()), measured(split_seed=1)
    assert np.array_equal(one.training.inputs, again.training.inputs)
    assert not np.array_equal(one.training.inputs, other.training.inputs)


def test_kinds_are_found_or_given(caplog):
    caplog.set_level("INFO")
    assert measured(outputs=["size"]).loss == "squared_error"
    bits = FRAME.assign(y=[0, 1] * 10)
    assert measured(bits).one_hot == ()
    assert measured(bits, kind="classification").output_names == ("y",)
    assert measured(bits, kind="regression").loss == "squared_error"
    assert measured(FRAME, outputs=["y", "color"]).one_hot == (1, 3)
    assert measured(FRAME.assign(y=[3, 4, 5, 6] * 5)).one_hot == (4,)
    numbers = " (the 4 whole numbers of column y are taken for classes; task.kind=regression learns them as numbers)"
    found = ("regression", "binary", "classification", f"classification{numbers}")
    assert [message for message in caplog.messages if "kind" in message] == [
        f"t.parquet: taken for task.kind={kind}" for kind in found
    ]


def test_integers_and_bits_in_columns_with_missing_values():
    with open("t.csv", "w") as file:
        file.write("flag,size,y\n,1,1\n" + "true,2,7\nfalse,5,10\n" * 5 + "true,3,\n")
    task = build_task("table", path="t.csv", **{**MEASURED, "missing": "drop"})
    assert (task.input_names, task.output_names) == (("flag", "size=5"), ("y=10",))
    assert sum(map(len, (task.training, task.validation, task.test))) == 10
    for examples in (task.training, task.validation, task.test):
        assert examples.targets[:, 0].tolist() == (1 - examples.inputs[:, 0]).tolist()


def test_missing_inputs_are_filled_in_by_the_training_rows():
    holes = FRAME.assign(size=FRAME["size"].where(FRAME.index > 2), color=FRAME["color"].where(FRAME.index < 18))
    task, split = measured(holes, missing="indicator"), split_rows(N, 0.2, 0.3, 0, STRATA)
    assert task.input_names == ("size", "size=missing", "color=b", "color=g", "color=r", "color=missing")
    sizes = holes["size"].fillna(holes["size"].iloc[split.training].median()).to_numpy()
    learned = sizes[split.training]
    for examples, rows in zip((task.training, task.validation, task.test), split, strict=True):
        assert examples.inputs[:, 0] == pytest.approx((sizes[rows] - learned.mean()) / learned.std(), abs=1e-6)
        assert examples.inputs[:, 1].tolist() == [row <= 2 for row in rows]
        assert examples.inputs[:, 2:5].sum(axis=1).tolist() == [1] * len(rows)
    assert measured(holes, missing="impute").input_names == ("size", "color=b", "color=g", "color=r")


@pytest.mark.parametrize(
    ("columns", "inputs"),
    [
        ({"id": range(100, 100 + N)}, "id counts the rows"),
        ({"name": [f"n{row}" for row in range(N)]}, "name is text with 20 different values in 20 rows"),
        ({"name": [f"n{row // 2}" for row in range(N)]}, None),
        ({"size": [row + row % 2 for row in range(N)]}, None),
    ],
)
def test_inputs_that_identify_rows_are_reported(columns, inputs, caplog):
    caplog.set_level("WARNING")
    measured(FRAME.assign(**columns))
    few = "t.parquet: few rows, 10 to learn from, 4 to validate, 6 to test; accuracies depend on the split"
    advice = "; if it identifies them, leave it out with task.inputs"
    assert caplog.messages == [f"t.parquet: input {inputs}{advice}"] * bool(inputs) + [few]


def test_a_mistake_is_one_line_without_the_notes_before_it(caplog):
    """Such as a guessed separator; warnings remain, and notes of a task that can be built."""
    caplog.set_level("INFO")
    content = "#made by hand\n" + XOR.replace(",", ";")
    assert message_of(truth, content, outputs=["w"]) == "task.outputs: no column w; there are a, b, y, z"
    assert caplog.messages == []
    truth(content)
    assert caplog.messages == [
        "t.csv: taken for task.separator=semicolon",
        "t.csv: lines above the names of columns, which are skipped: 1",
    ]
    caplog.clear()
    message_of(truth, "1,1\n1,0\n".replace("1,1", "3,4"), outputs=["w"])
    assert caplog.messages == ["t.csv: its first line is all numbers (3, 4), which are taken for names of columns"]


def test_twenty_rows_to_validate_are_not_few(caplog):
    caplog.set_level("WARNING")
    measured(pd.concat([FRAME] * 5, ignore_index=True))
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("frame", "changes", "message"),
    [
        (FRAME.assign(y="no"), {}, "t.parquet: column y is no in all rows that networks learn from; "),
        (
            FRAME,
            {"outputs": "color", "kind": "binary"},
            "t.parquet: column color contains a third value, 'b' in data r",
        ),
        (FRAME.assign(size=np.inf), {}, "t.parquet: column size contains inf in data row 1; must be finite numbers"),
        (FRAME.assign(size=pd.Timestamp("2024-01-31")), {}, "t.parquet: column size contains 2024-01-31 00:00:00 in "),
        (
            FRAME.assign(size=[None] * N),
            {"missing": "drop"},
            "t.parquet: column size has no value in any of 20 rows; name the other columns in task.inputs",
        ),
        (FRAME[:3], {"test_share": 0.1}, "task.test_share=0.1: of 3 rows that is none"),
    ],
)
def test_tables_that_cannot_be_learned_from(frame, changes, message):
    assert message_of(measured, frame, **changes).startswith(message)


def test_a_column_that_is_not_used_does_not_matter():
    frame = FRAME.assign(when=pd.Timestamp("2024-01-31"), empty=None)
    assert measured(frame, inputs=["size"]).n_inputs == 1


def test_a_file_that_has_changed_is_another_task():
    first = truth()
    assert truth(None) is first
    os.utime("t.csv", ns=(1, 1))
    same = truth(None)
    assert same is not first
    assert same.training.targets.tolist() == first.training.targets.tolist()
    changed = truth(XOR.replace("1,1,0,1", "1,1,1,1"))
    assert changed.training.targets[:, 0].tolist() == [0, 1, 1, 1]


def test_a_deleted_file_is_reported():
    truth()
    os.remove("t.csv")
    assert message_of(truth, None).startswith("task.path=t.csv: no such file in ")
    assert message_of(truth, None, path="~nobody_is_called_this/t.csv").endswith("no such home folder")


def test_numpy_arrays():
    bits = np.array(list(product([0, 1], repeat=3)))
    np.savez("t.npz", X=bits, Y=np.stack([bits.all(axis=1), bits.any(axis=1)], axis=1))
    task = truth(None, "t.npz", inputs="X", outputs="Y")
    assert (task.input_names, task.output_names) == (("X0", "X1", "X2"), ("Y0", "Y1"))
    assert task.training.targets.sum(axis=0).tolist() == [1, 7]


@given(st.integers(1, 300), st.floats(0.01, 0.9), st.floats(0, 0.9), st.integers(0, 2**32 - 1))
def test_the_sets_are_disjoint_complete_and_of_the_right_sizes(rows, validation_share, test_share, seed):
    sizes = round(rows * validation_share), round(rows * test_share)
    assume(sizes[0] > 0 and (sizes[1] > 0 or test_share == 0) and sum(sizes) < rows)
    split = split_rows(rows, validation_share, test_share, seed)
    assert sorted(np.concatenate(split)) == list(range(rows))
    assert (len(split.validation), len(split.test)) == sizes
    assert all((np.diff(each) > 0).all() for each in split), "in ascending order"


@pytest.mark.parametrize(
    ("rows", "validation_share", "test_share", "message"),
    [
        (2, 0.2, 0.5, "task.validation_share=0.2: {none}"),
        (10, 0.2, 0.01, "task.test_share=0.01: {none}"),
        (3, 0.5, 0.3, "task.validation_share=0.5 and task.test_share=0.3: {all}"),
    ],
)
def test_shares_that_leave_a_set_empty(rows, validation_share, test_share, message):
    problems = {
        "none": f"of {rows} rows that is none; must be larger, or the table longer",
        "all": f"take all rows, of which there are {rows}; must leave some to learn from",
    }
    assert message_of(split_rows, rows, validation_share, test_share, 0) == message.format(**problems)


def check(inputs, targets, rows=None):
    inputs, targets = np.array(inputs, dtype=np.float32), np.array(targets, dtype=np.float32)
    names = [f"y{output}" for output in range(targets.shape[1])]
    check_consistent(inputs, targets, names, range(len(inputs)) if rows is None else rows, "t.csv")


def test_rows_may_be_repeated_and_left_out():
    check([[0, 1], [1, 1], [0, 1]], [[1], [0], [1]])


def test_the_first_contradiction_is_reported():
    contradicted = "; a truth table has one answer (task=table learns from rows that contradict each other)"
    inputs, targets = [[0, 1], [1, 1], [0, 1], [1, 1]], [[1, 0], [0, 0], [1, 1], [1, 0]]
    for rows, last in ((None, 3), ([0, 5, 8, 9], 9)):  # rows in between were left out
        message = f"t.csv: data rows 1 and {last} have the same inputs and differ in y1{contradicted}"
        assert message_of(check, inputs, targets, rows) == message


@given(st.lists(st.tuples(st.integers(0, 2**10 - 1), st.integers(0, 3)), min_size=1, max_size=40))
def test_a_truth_table_is_consistent_if_it_is_a_function(rows):
    inputs = [[number >> bit & 1 for bit in range(10)] for number, _ in rows]
    targets = [[bits & 1, bits >> 1] for _, bits in rows]
    if len(set(rows)) == len({number for number, _ in rows}):
        check(inputs, targets)
    else:
        with pytest.raises(UserError):
            check(inputs, targets)
