import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from user_errors import message_of

from neural_sculpting.tasks.tables import codebook, encoding
from neural_sculpting.tasks.tables.codebook import check_size, encode
from neural_sculpting.tasks.tables.encoding import encode_bits
from neural_sculpting.tasks.tables.missing import known_values
from neural_sculpting.tasks.tables.outputs import encode_outputs, kind_of
from neural_sculpting.tasks.tables.values import plain

FRAME = pd.DataFrame(
    {"bit": [0, 1, 1, 0], "truth": [True, False, True, True], "size": [1.0, 3.0, 2.0, 4.0], "kind": list("vuwv")}
)
FIRST_TWO = np.array([0, 1])
ALL = np.arange(4)
TWO = "must have two, such as 0 and 1 (task=table with task.kind=auto takes more)"


def outputs(**columns) -> pd.DataFrame:
    return plain(pd.DataFrame(columns), "t.csv")


def plain_column(values) -> pd.Series:
    return plain(pd.DataFrame({"c": values}), "t.csv")["c"]


def encode_inputs(frame, training, path, rule="error"):
    return encoding.encode_inputs(frame, known_values(frame, path), training, rule, path)


def standardized(column, training, path):
    return encode(column.to_frame(), [encoding.standardized(column, training, path)], path).values[:, 0]


def test_each_column_by_its_values():
    """Size has mean 2 and deviation 1 in the training rows; none of these is of the kind w."""
    encoded = encode_inputs(FRAME, FIRST_TWO, "t.csv")
    assert encoded.names == ("bit", "truth", "size", "kind=u", "kind=v", "kind=w")
    assert encoded.values.dtype == np.float32
    assert encoded.values.tolist() == [
        [0, 1, -1, 0, 1, 0],
        [1, 0, 1, 1, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [0, 1, 2, 0, 1, 0],
    ]


@pytest.mark.parametrize("rows", [[0, 1], [2, 3], [0, 1, 2, 3]])
def test_categories_are_in_alphabetical_order_whatever_the_split(rows):
    frame = pd.DataFrame({"c": ["b", "B", "é", "a a"]})
    assert encode_inputs(frame, np.array(rows), "t.csv").names == ("c=B", "c=a a", "c=b", "c=é")


def test_a_column_of_text_has_at_most_64_categories():
    allowed = pd.DataFrame({"c": [f"n{row:03}" for row in range(64)]})
    assert encode_inputs(allowed, FIRST_TWO, "t.csv").values.sum() == 2
    words = [f"n{row:03}" for row in range(1065)]
    most = "t.csv: an input column of text may have at most 64 different values, and"
    for others, message in (
        ({}, "c has 1,065; must be fewer"),
        ({"a": 1, "b": range(1065)}, "c has 1,065; task.inputs=[a,b] leaves it out"),
        ({"d": [*words[:1064], "n000"], "e": 2}, "c has 1,065, d has 1,064; task.inputs=[e] leaves them out"),
        (
            {f"b{number}": 1 for number in range(13)},
            "c has 1,065; task.inputs=[…], with the names of the others, leaves it out",
        ),
    ):
        too_many = pd.DataFrame({"c": words, **others})
        assert message_of(encode_inputs, too_many, FIRST_TWO, "t.csv") == f"{most} {message}"


def test_a_table_that_is_too_large_is_refused_before_it_is_encoded():
    """All numbers of the frame share one byte of memory."""
    check_size(100_000, 10_000, "t.csv")
    expected = "t.csv: 100,000 rows of 10,001 inputs take 4.0 GB as numbers; at most 4 GB can be learned from"
    bits = pd.DataFrame(np.broadcast_to(np.int8(0), (100_000, 10_001)), copy=False)
    assert message_of(encode_bits, bits, "t.csv") == expected


def test_the_size_of_a_table_counts_its_categories(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(codebook, "LARGEST", 4 * 3 * 4)  # bytes: 3 rows of 4 units
    with_text = pd.DataFrame({"bit": [0, 1, 1], "kind": ["u", "v", "w"]})
    assert encode_inputs(with_text, FIRST_TWO, "t.csv").values.shape == (3, 4)
    message = message_of(encode_inputs, with_text.assign(more=[1, 0, 1]), FIRST_TWO, "t.csv")
    assert message.startswith("t.csv: 3 rows of 5 inputs take ")


def test_the_inputs_of_a_truth_table_are_bits():
    encoded = encode_bits(FRAME[["bit", "truth"]], "t.csv")
    assert (encoded.names, encoded.values.tolist()) == (("bit", "truth"), [[0, 1], [1, 0], [1, 1], [0, 1]])
    assert (
        message_of(encode_bits, FRAME, "t.csv")
        == f"t.csv: column size contains a third value, 2.0 in data row 3; {TWO}"
    )


def test_numbers_are_standardized_by_the_training_rows():
    """Those are 1 and 5: mean 3, standard deviation 2."""
    values = standardized(plain_column([1, 9, 5, 3]), np.array([0, 2]), "t.csv")
    assert (values.tolist(), values.dtype) == ([-1, 3, 1, 0], np.float32)


@pytest.mark.parametrize("number", [0.1, 7, 1e300])
def test_a_number_that_is_constant_in_training_is_zero(number):
    assert standardized(plain_column([number, 5.0, number, number]), np.array([0, 2, 3]), "t.csv").tolist() == [0] * 4


@given(arrays(np.float64, st.integers(3, 30), elements=st.floats(-1e6, 1e6, width=32)))
def test_the_training_rows_have_mean_0_and_deviation_1(numbers):
    """The results of stored seeds depend on the last bit."""
    learned = numbers[:-1]
    values = standardized(plain_column(numbers), np.arange(len(learned)), "t.csv")
    spread = learned.std() if np.ptp(learned) > 0 else np.inf
    assert values.tolist() == ((numbers - learned.mean()) / spread).astype(np.float32).tolist()
    assert abs(values[:-1].astype(np.float64).std() - (np.ptp(learned) > 0)) < 1e-5


@pytest.mark.parametrize("numbers", [[1e308, -1e308, 0.0], [0.0, 1e-300, 1e300]])
def test_numbers_that_are_too_far_apart(numbers):
    expected = f"t.csv: column c contains numbers from {min(numbers):g} to {max(numbers):g}; these are too far apart"
    assert message_of(standardized, plain_column(numbers), np.array([0, 1]), "t.csv") == expected


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"y": [0, 1]}, "binary"),
        ({"y": [0.0, 1.0], "z": [True, False]}, "binary"),
        ({"y": ["a", "b"], "z": [-1, 1], "x": [1.0, 2.0]}, "binary"),
        ({"y": ["a", "b", "c"]}, "classification"),
        ({"y": [-1, 1, 1], "z": [1, 2, 3]}, "classification"),
        ({"y": range(20)}, "classification"),
        ({"y": range(21)}, "regression"),
        ({"y": [0.5, 1]}, "binary"),
        ({"y": [0.5, 1, 2], "z": [0, 1, 0], "x": [1, 2, 3]}, "regression"),
    ],
)
def test_kinds_follow_from_the_values(columns, kind):
    assert kind_of(outputs(**columns), "t.csv") == kind


def test_text_beside_measurements_is_refused():
    assert message_of(kind_of, outputs(b=[0, 1, 1], y=[0.5, 1, 2], z=["u", "v", "v"]), "t.csv") == (
        "t.csv: output z is text and output y is numbers; the outputs of a task are all classes "
        "(task.kind=classification) or all numbers"
    )


CLASSES = ("y=b", "z=-1", "z=9", "z=10")


@pytest.mark.parametrize(
    ("kind", "y", "z", "training", "values", "names", "one_hot"),
    [
        # unchanged
        ("binary", [0, 1, 1], [True, True, False], [0, 1, 2], [[0, 1], [1, 1], [1, 0]], ("y", "z"), ()),
        # one output for two classes, else a group of outputs, one for each
        (
            *("classification", ["b", "a", "b"], [10, 9, -1], [0, 1, 2]),
            *([[1, 0, 0, 1], [0, 0, 1, 0], [1, 1, 0, 0]], CLASSES, (1, 3)),
        ),
        # standardized by the training rows, which are 1 and 5: mean 3, standard deviation 2
        ("regression", [1, 9, 5], [True, False, False], [0, 2], [[-1, 1], [3, -1], [1, -1]], ("y", "z"), ()),
    ],
)
def test_outputs_of_each_kind(kind, y, z, training, values, names, one_hot):
    found = encode_outputs(outputs(y=y, z=z), kind, np.array(training), "t.csv")
    assert (found.values.tolist(), found.values.dtype) == (values, np.float32)
    assert (found.names, found.one_hot) == (names, one_hot)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([0, 1], "y"),
        ([-1, 1], "y"),
        ([False, True], "y"),
        ([1.0, 2.0], "y=2"),
        ([1.0, 2.5], "y=2.5"),
        ([1.0, 1e300], "y=1e+300"),
        ([2**63, 2**63 + 1], f"y={2**63 + 1}"),
        (["a", "B"], "y=B"),
        (["n", "Y"], "y=Y"),
        (["No", "Yes"], "y=Yes"),
        (["-", "+"], "y=+"),
        (["nein", "ja"], "y=ja"),
        (["female", "male"], "y=male"),
    ],
)
def test_the_value_of_two_that_is_1_is_in_the_name(values, name):
    """In every role: an output of either kind, an input of a table and of a truth table."""
    both = outputs(y=[*values, values[1]])
    every = [encode_outputs(both, kind, np.arange(3), "t.csv") for kind in ("binary", "classification")]
    for found in (*every, encode_inputs(both, np.arange(3), "t.csv"), encode_bits(both, "t.csv")):
        assert (found.names, found.values.tolist(), found.one_hot) == ((name,), [[0], [1], [1]], ())


def test_bits_that_do_not_vary():
    """In a table, what is constant in the training rows is 0; a truth table has it as it is."""
    constant = outputs(a=[1, 1, 0], b=[-1, -1, -1], c=["no", "no", "yes"], d=["x", "x", "x"])
    assert encode_inputs(constant, FIRST_TWO, "t.csv").values.tolist() == [[0, 0, 0, 0]] * 3
    assert encode_bits(constant, "t.csv").values.tolist() == [[1, 0, 0, 1], [1, 0, 0, 1], [0, 0, 1, 1]]


@pytest.mark.parametrize(
    ("columns", "names", "sizes"),
    [
        # the codes of c, a column that has the name of one of them, and a column that starts like it
        (
            {"c": list("xyz"), "c=x": [5, 7, 9], "cc": list("xyz")},
            ("c=x'", "c=y", "c=z", "c=x", "cc=x", "cc=y", "cc=z"),
            (3, 1, 3),
        ),
        (
            {"a": ["u", "b=v", "w"], "a=b": list("uvw")},
            ("a=b=v", "a=u", "a=w", "a=b=u", "a=b=v'", "a=b=w"),
            (3, 3),
        ),
        ({"c": ["01", "b", "a"]}, ("c=01", "c=a", "c=b"), (3,)),
    ],
)
def test_units_have_names_of_their_own(columns, names, sizes):
    found = encode_inputs(pd.DataFrame(columns), ALL[:3], "t.csv")
    assert (found.names, found.one_hot) == (names, sizes)
    groups = np.split(found.values, np.cumsum(sizes)[:-1], axis=1)
    assert all(group.sum(axis=1).tolist() == [1, 1, 1] for group in groups if group.shape[1] == 3)


def test_names_of_more_classes():
    found = encode_outputs(outputs(y=[10.0, 2.5, 9.0]), "classification", np.arange(3), "t.csv")
    assert (found.names, found.one_hot) == (("y=2.5", "y=9", "y=10"), (3,))


LEARNED = "in all rows that networks learn from; must have two values or more"


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("binary", [0, 1, 2, 1], f"contains a third value, 2 in data row 3; {TWO}"),
        ("binary", ["no", "yes", "no", "Yes"], f"contains a third value, 'Yes' in data row 4; {TWO}"),
        ("binary", [1, 1, np.inf, 1], "contains inf in data row 3; must be finite numbers"),
        ("binary", [1, 1, 1, 1], f"is 1 {LEARNED}"),
        ("binary", [False] * 4, f"is False {LEARNED}"),
        ("classification", ["no"] * 4, f"is no {LEARNED}"),
        ("classification", [3.0] * 4, f"is 3 {LEARNED}"),
        ("classification", [1, 2, np.inf, 1], "contains inf in data row 3; must be finite numbers"),
        ("regression", ["u", "v", "w", "v"], "contains 'u' in data row 1; must be numbers for task.kind=regression"),
        ("regression", [0.1] * 4, f"is 0.1 {LEARNED}"),
        ("regression", [1, -np.inf, 2, 1], "contains -inf in data row 2; must be finite numbers"),
    ],
)
def test_columns_that_do_not_fit_the_kind(kind, values, message):
    assert message_of(encode_outputs, outputs(y=values), kind, ALL, "t.csv") == f"t.csv: column y {message}"


@pytest.mark.parametrize("kind", ["binary", "classification", "regression"])
def test_training_rows_must_differ(kind):
    expected = f"t.csv: column y is 1 {LEARNED}"
    assert message_of(encode_outputs, outputs(y=[0, 1, 1, 0]), kind, np.array([1, 2]), "t.csv") == expected


@pytest.mark.parametrize(
    ("values", "rare", "advice"),
    [
        (["b", "a", "b", "rare"], "rare", "try another task.split_seed"),
        ([2, 1, 2, 7], "7", "try another task.split_seed, or learn y as numbers with task.kind=regression"),
    ],
)
def test_every_class_must_be_in_training(values, rare, advice):
    assert message_of(encode_outputs, outputs(y=values), "classification", np.array([0, 1, 2]), "t.csv") == (
        f"t.csv: column y is {rare} in so few rows that none of them is for training; leave these rows out, {advice}"
    )


def test_classes_that_identify_rows():
    values = [f"person {number}" for number in range(5)]
    assert message_of(encode_outputs, outputs(y=values), "classification", np.array([0, 1, 2]), "t.csv") == (
        "t.csv: column y has 5 classes in 5 rows, 2 of them, such as person 3, in no row for training; must have fewer"
    )


def test_too_many_classes():
    rows = np.arange(1001)
    expected = "t.csv: column y has 1,001 classes; must be at most 1,000"
    assert message_of(encode_outputs, outputs(y=rows), "classification", rows, "t.csv") == expected
    assert encode_outputs(outputs(y=rows[:1000]), "classification", rows[:1000], "t.csv").one_hot == (1000,)
