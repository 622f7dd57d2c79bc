import numpy as np
import pandas as pd
import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables import encode_inputs, inputs
from neural_sculpting.tasks.tables.inputs import encode_bits

FRAME = pd.DataFrame(
    {"bit": [0, 1, 1, 0], "truth": [True, False, True, True], "size": [1.0, 3.0, 2.0, 4.0], "kind": list("vuwv")}
)
FIRST_TWO = np.array([0, 1])


def message_of(function, *arguments) -> str:
    with pytest.raises(UserError) as caught:
        function(*arguments)
    return str(caught.value)


def test_each_column_as_it_is():
    """Size has the mean 2 and the deviation 1 in the training rows; none of these is of the kind w."""
    encoded = encode_inputs(FRAME, FIRST_TWO, "t.csv")
    assert encoded.names == ("bit", "truth", "size", "kind=u", "kind=v", "kind=w")
    assert encoded.values.dtype == np.float32
    assert encoded.values.tolist() == [
        [0, 1, -1, 0, 1, 0],
        [1, 0, 1, 1, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [0, 1, 2, 0, 1, 0],
    ]


def test_which_inputs_there_are_does_not_depend_on_the_split():
    names = {encode_inputs(FRAME, np.array(rows), "t.csv").names for rows in ([0, 1], [2, 3], [0, 1, 2, 3])}
    assert len(names) == 1


def test_categories_are_in_alphabetical_order():
    frame = pd.DataFrame({"c": ["b", "B", "é", "a a"]})
    assert encode_inputs(frame, FIRST_TWO, "t.csv").names == ("c=B", "c=a a", "c=b", "c=é")


def test_a_column_of_text_has_few_categories():
    allowed = pd.DataFrame({"c": [f"n{row:03}" for row in range(64)]})
    assert encode_inputs(allowed, FIRST_TWO, "t.csv").values.sum() == 2
    too_many = pd.DataFrame({"c": [f"n{row:03}" for row in range(1065)]})
    assert message_of(encode_inputs, too_many, FIRST_TWO, "t.csv") == (
        "t.csv: column c is text with 1,065 different values, such as 'n000'; an input column of text has at most 64"
    )


def test_infinite_numbers_are_refused():
    frame = FRAME.assign(size=[1.0, 3.0, np.inf, 4.0])
    assert message_of(encode_inputs, frame, FIRST_TWO, "t.csv") == (
        "t.csv: column size holds inf in data row 3; must be finite numbers"
    )


def test_a_table_that_is_too_large_once_its_categories_are_inputs(monkeypatch):
    monkeypatch.setattr(inputs, "LARGEST_INPUTS", 4 * 4 * 6)
    assert encode_inputs(FRAME, FIRST_TWO, "t.csv").values.nbytes == 96
    monkeypatch.setattr(inputs, "LARGEST_INPUTS", 4 * 4 * 6 - 1)
    assert message_of(encode_inputs, FRAME, FIRST_TWO, "t.csv") == (
        "t.csv: 4 rows of 6 inputs take 0.0 GB as numbers; at most 0 GB can be learned from"
    )


def test_sizes_are_told_in_gigabytes():
    assert message_of(inputs.check_size, 2_000_000, 1000, "t.csv") == (
        "t.csv: 2,000,000 rows of 1,000 inputs take 8.0 GB as numbers; at most 4 GB can be learned from"
    )


def test_the_inputs_of_a_truth_table_are_bits():
    encoded = encode_bits(FRAME[["bit", "truth"]], "t.csv")
    assert (encoded.names, encoded.values.tolist()) == (("bit", "truth"), [[0, 1], [1, 0], [1, 1], [0, 1]])
    assert message_of(encode_bits, FRAME, "t.csv") == "t.csv: column size holds 3.0 in data row 2; must be 0 or 1"


def test_a_truth_table_may_be_too_large_as_well(monkeypatch):
    monkeypatch.setattr(inputs, "LARGEST_INPUTS", 31)
    assert message_of(encode_bits, FRAME[["bit", "truth"]], "t.csv").startswith("t.csv: 4 rows of 2 inputs take ")
