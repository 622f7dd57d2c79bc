import numpy as np
import pandas as pd
import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables import encode_targets, kind_of, plain, targets

ALL = np.arange(4)


def outputs(**columns) -> pd.DataFrame:
    return plain(pd.DataFrame(columns), "t.csv")


def message_of(kind, training=ALL, **columns) -> str:
    with pytest.raises(UserError) as caught:
        encode_targets(outputs(**columns), kind, training, "t.csv")
    return str(caught.value)


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"y": [0, 1]}, "binary"),
        ({"y": [0.0, 1.0], "z": [True, False]}, "binary"),
        ({"y": ["a", "b"]}, "classification"),
        ({"y": [-1, 1]}, "classification"),
        ({"y": [1.0, 2.0]}, "classification"),
        ({"y": ["a", "b"], "z": [True, False]}, "classification"),
        ({"y": range(20)}, "classification"),
        ({"y": range(21)}, "regression"),
        ({"y": [0.5, 1]}, "regression"),
        ({"y": [0.5, 1], "z": [0, 1], "x": [1, 2]}, "regression"),
    ],
)
def test_kinds_are_told_by_the_values(columns, kind):
    assert kind_of(outputs(**columns), "t.csv") == kind


def test_text_beside_measurements_is_no_kind():
    with pytest.raises(UserError) as caught:
        kind_of(outputs(b=[0, 1], y=[0.5, 1], z=["u", "v"]), "t.csv")
    assert str(caught.value) == (
        "t.csv: output z is text and output y is numbers; the outputs of a task are all classes "
        "(task.kind=classification) or all numbers"
    )


def test_binary_outputs_are_taken_as_they_are():
    found = encode_targets(outputs(y=[0, 1, 1, 0], z=[True, True, False, True]), "binary", ALL, "t.csv")
    assert found.values.tolist() == [[0, 1], [1, 1], [1, 0], [0, 1]]
    assert (found.names, found.one_hot, found.loss) == (("y", "z"), (), "cross_entropy")
    assert found.values.dtype == np.float32


def test_classes_are_groups_of_outputs():
    found = encode_targets(outputs(y=["b", "a", "b", "a"], z=[10, 9, -1, 9]), "classification", np.arange(4), "t.csv")
    assert found.names == ("y=a", "y=b", "z=-1", "z=9", "z=10")
    assert found.one_hot == (2, 3)
    assert found.values.tolist() == [[0, 1, 0, 0, 1], [1, 0, 0, 1, 0], [0, 1, 1, 0, 0], [1, 0, 0, 1, 0]]
    assert (found.loss, found.values.dtype) == ("cross_entropy", np.float32)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([2.0, 1.0], ("y=1", "y=2")),
        ([2.5, 1.0], ("y=1", "y=2.5")),
        ([1e300, 1.0], ("y=1", "y=1e+300")),
        ([2**63, 2**63 + 1], (f"y={2**63}", f"y={2**63 + 1}")),
        ([True, False], ("y=False", "y=True")),
        (["B", "a"], ("y=B", "y=a")),
    ],
)
def test_names_of_classes(values, names):
    found = encode_targets(outputs(y=values), "classification", np.arange(2), "t.csv")
    assert (found.names, found.values.sum(axis=1).tolist()) == (names, [1, 1])


def test_a_regression_is_standardized_by_the_training_rows():
    """Those are 1 and 5: mean 3, standard deviation 2."""
    found = encode_targets(outputs(y=[1, 9, 5], z=[True, False, False]), "regression", np.array([0, 2]), "t.csv")
    assert found.values.tolist() == [[-1, 1], [3, -1], [1, -1]]
    assert (found.names, found.one_hot, found.loss) == (("y", "z"), (), "squared_error")
    assert found.values.dtype == np.float32


LEARNED = "in all rows that networks learn from; must have two values or more"


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("binary", [0, 1, 2, 1], "holds 2 in data row 3; must be 0 or 1"),
        ("binary", ["no", "yes", "no", "no"], "holds 'no' in data row 1; must be 0 or 1"),
        ("binary", [1, 1, 1, 1], f"is 1 {LEARNED}"),
        ("binary", [False] * 4, f"is False {LEARNED}"),
        ("classification", ["no"] * 4, f"is no {LEARNED}"),
        ("classification", [3.0] * 4, f"is 3 {LEARNED}"),
        ("classification", [1, 2, np.inf, 1], "holds inf in data row 3; must be finite numbers"),
        ("regression", ["u", "v", "w", "v"], "holds 'u' in data row 1; must be numbers for task.kind=regression"),
        ("regression", [0.1] * 4, f"is 0.1 {LEARNED}"),
        ("regression", [1, np.inf, 2, 1], "holds inf in data row 2; must be finite numbers"),
    ],
)
def test_columns_that_do_not_fit_the_kind(kind, values, said):
    assert message_of(kind, y=values) == f"t.csv: column y {said}"


@pytest.mark.parametrize("kind", ["binary", "classification", "regression"])
def test_training_rows_must_differ(kind):
    assert message_of(kind, np.array([1, 2]), y=[0, 1, 1, 0]) == f"t.csv: column y is 1 {LEARNED}"


def test_a_class_that_is_not_learned():
    assert message_of("classification", np.array([0, 1, 2]), y=["b", "a", "b", "rare"]) == (
        "t.csv: column y is rare in so few rows that none of them is for training; leave these rows out, or try "
        "another task.split_seed"
    )


def test_too_many_classes(monkeypatch):
    monkeypatch.setattr(targets, "MOST_CLASSES", 3)
    assert message_of("classification", y=list("abcd")) == "t.csv: column y has 4 classes; must be at most 3"
    assert encode_targets(outputs(y=list("abca")), "classification", ALL, "t.csv").one_hot == (3,)
