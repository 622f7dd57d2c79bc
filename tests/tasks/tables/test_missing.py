import logging

import numpy as np
import pandas as pd
import pytest
from user_errors import message_of

from neural_sculpting.tasks.tables.encoding import encode_inputs
from neural_sculpting.tasks.tables.missing import completed, known_values, report_filled, without_missing

RULES = ("error", "drop", "impute", "indicator")
HOLES = pd.DataFrame({"a": [1, None, None, 4], "b": ["u", "v", "w", "x"], "y": ["no", "yes", None, "yes"]})
CROSSED = pd.DataFrame({"a": [1, None], "y": [None, "no"]})


def dropped(frame, rule="drop", outputs=("y",), rules=RULES):
    return without_missing(frame, outputs, rule, rules, "t.csv")


def fitted(inputs, training, rule):
    return encode_inputs(inputs, known_values(inputs, "t.csv"), training, rule, "t.csv")


def test_a_table_without_missing_values_stays_as_it_is(caplog):
    caplog.set_level(logging.INFO)
    for rule in RULES:
        assert dropped(HOLES[["b"]], rule, ["b"]).equals(HOLES[["b"]])
        assert fitted(HOLES[["b"]], np.arange(4), rule).values.tolist() == np.eye(4).tolist()
        report_filled(HOLES[["b"]], "t.csv")
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("frame", "rule", "message"),
    [
        (HOLES, "error", "2 of 4 rows (a: 2, y: 1); task.missing=drop leaves these rows out{impute} fills inputs in"),
        (CROSSED, "drop", "all 2 rows (a: 1, y: 1); none can be used; name other task.inputs{impute}"),
    ],
)
def test_missing_values_that_are_an_error(frame, rule, message):
    comma = ", or task.missing=impute" if rule == "drop" else ", task.missing=impute"
    expected = f"t.csv: values are missing in {message.format(impute=comma)}"
    assert message_of(dropped, frame, rule) == expected
    expected = f"t.csv: values are missing in {message.format(impute='').removesuffix(' fills inputs in')}"
    if rule in RULES[:2]:
        assert message_of(dropped, frame, rule, rules=RULES[:2]) == expected


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("column", "remedy"), [("b", "name the other columns in task.inputs"), ("y", "must have values")]
)
def test_a_column_without_any_value(rule, column, remedy):
    expected = f"t.csv: column {column} has no value in any of 4 rows; {remedy}"
    assert message_of(dropped, HOLES.assign(**{column: None}), rule) == expected


def test_missing_outputs_cannot_be_filled_in():
    expected = "t.csv: values are missing in 1 of 4 rows (y: 1); task.missing=drop leaves these rows out"
    assert message_of(dropped, HOLES[["b", "y"]], "error") == expected


def test_rows_with_missing_values_may_be_left_out(caplog):
    caplog.set_level(logging.INFO)
    complete = dropped(HOLES)
    assert complete.to_dict("list") == {"a": [1, 4], "b": ["u", "x"], "y": ["no", "yes"]}
    assert complete.index.tolist() == [0, 3], "the indices in the file"
    assert caplog.messages == ["t.csv: values are missing in 2 of 4 rows (a: 2, y: 1), which are left out"]


def test_a_warning_names_the_columns_that_cost_most_rows(caplog):
    frame = pd.DataFrame({f"c{number}": [None] * number + [1] * (10 - number) for number in range(9)})
    assert len(dropped(frame)) == 2
    columns = "(c8: 8, c7: 7, c6: 6, c5: 5, c4: 4, c3: 3 and 2 more columns)"
    advice = "; fewer columns (task.inputs), or task.missing=impute would keep more"
    assert caplog.messages == [f"t.csv: values are missing in 8 of 10 rows {columns}, which are left out{advice}"]


@pytest.mark.parametrize("rule", ["impute", "indicator"])
def test_rows_without_an_output_are_left_out_where_inputs_are_filled_in(rule, caplog):
    caplog.set_level(logging.INFO)
    assert dropped(HOLES, rule).index.tolist() == [0, 1, 3]
    assert caplog.messages == ["t.csv: values are missing in 1 of 4 rows (y: 1), which are left out"]


INPUTS = pd.DataFrame(
    {
        "number": [1, 3, 9, None, 100, None],
        "bit": [0, 0, 1, None, 1, 1],
        "sign": [2, 4, 4, 2, None, 4],
        "truth": [False, True, True, None, False, False],
        "text": ["u", "w", "w", None, "v", "missing"],
        "late": [1, 2, 3, 4, 5, None],
        "whole": [1, 2, 3, 4, 5, 6],
    },
    index=[0, 2, 3, 5, 8, 9],
)


def test_inputs_are_filled_in_as_the_first_four_rows_suggest(caplog):
    """Median 3 for numbers; of two values and of text the most frequent one, and of those the first."""
    caplog.set_level(logging.INFO)
    known = known_values(INPUTS, "t.csv")
    fills = {column.name: column.fill for column in fitted(INPUTS, np.arange(4), "impute").columns}
    inputs = {name: completed(INPUTS[name], known[name], fill) for name, fill in fills.items()}
    assert {name: column.tolist() for name, column in inputs.items()} == {
        "number": [1, 3, 9, 3, 100, 3],
        "bit": [0, 0, 1, 0, 1, 1],
        "sign": [2, 4, 4, 2, 2, 4],
        "truth": [False, True, True, True, False, False],
        "text": ["u", "w", "w", "w", "v", "missing"],
        "late": [1, 2, 3, 4, 5, 2.5],
        "whole": [1, 2, 3, 4, 5, 6],
    }
    assert inputs["truth"].dtype == np.bool_
    report_filled(INPUTS, "t.csv")
    counts = "number: 2, bit: 1, sign: 1, truth: 1, text: 1, late: 1"
    assert caplog.messages == [f"t.csv: missing inputs are filled in ({counts})"]


def test_indicators_are_bits_of_columns_that_lack_values_in_training_rows():
    found = fitted(INPUTS, np.arange(4), "indicator")
    indicators = [column.indicator for column in found.columns]
    added = {name: found.values[:, found.names.index(name)].tolist() for name in indicators if name}
    fourth = [False, False, False, True, False, False]
    assert added == {
        "number=missing": [False, False, False, True, False, True],
        "bit=missing": fourth,
        "truth=missing": fourth,
        "text=missing'": fourth,  # one of the texts is missing
    }
    assert found.names[:3] == ("number", "number=missing", "bit")
    assert found.one_hot == (1, 1, 1, 1, 1, 1, 1, 4, 1, 1, 1)
    imputed = fitted(INPUTS, np.arange(4), "impute")
    others = [number for number, name in enumerate(found.names) if name not in indicators]
    assert np.array_equal(found.values[:, others], imputed.values)


def test_a_column_without_values_to_learn_from():
    expected = "t.csv: column number has no value in rows to learn from; leave it out of task.inputs"
    assert message_of(fitted, INPUTS, np.array([3, 5]), "impute") == expected
