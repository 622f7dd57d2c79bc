"""Tables in memory: frames and arrays are the task ``table``, with the same encoding, split and checks."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_matrix
from shipped_configuration import overridden

import neural_sculpting as ns
from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import load
from neural_sculpting.errors import UserError
from neural_sculpting.task_arguments import task_settings
from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.tables.codebook import encode_rows
from neural_sculpting.tasks.tables.encoding import encode_inputs
from neural_sculpting.tasks.tables.missing import known_values

N = 20
X = pd.DataFrame({"size": np.arange(N) / 4, "color": list("rgbr") * 5})
Y = pd.Series(["no", "yes"] * (N // 2), name="answer")
NUMBERS = np.random.default_rng(0).normal(size=(N, 3))


def config_of(lines):
    """The configuration with these settings; settings of text that Hydra would have to read are composed."""
    return compose(lines) if any("\\" in line for line in lines) else load(overridden(lines))


def task_of(task, y=None, **parameters):
    config = config_of([*task_settings(task, y, parameters), "arch.hidden=[8]"])
    assert config.pruning.accuracy_threshold is None or "truth" in config.task.name
    json.dumps(config.model_dump(mode="json"))
    return build_task(config.task.name, **config.task.parameters)


@pytest.fixture(scope="module")
def from_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "t.csv"
    X.assign(answer=Y).to_csv(path, index=False)
    return task_of("table", path=path, outputs=["answer"])


@pytest.mark.parametrize(
    ("table", "y", "parameters"),
    [
        (X.assign(answer=Y), None, {"outputs": ["answer"]}),
        (X.assign(answer=Y, other=1), None, {"inputs": ["size", "color"], "outputs": "answer"}),
        (X.assign(answer=Y), None, {"inputs": X.columns, "outputs": (name for name in ["answer"])}),
        (X.to_dict("records"), Y, {}),
        (X.to_records(index=False), Y, {}),
        (X, Y, {}),
        (X, Y.to_frame(), {}),
        (X, Y.astype("category"), {}),
        (X.set_index(Y.index + 7), Y, {}),  # rows go by their order
        ({"size": X["size"], "color": X["color"]}, {"answer": Y}, {}),
        ("table", None, {"path": X.assign(answer=Y), "outputs": ["answer"]}),
    ],
)
def test_a_table_in_memory_is_that_of_a_file(table, y, parameters, from_file):
    task = task_of(table, y, **parameters)
    assert task.sha256 == from_file.sha256
    assert (task.input_names, task.output_names) == (from_file.input_names, from_file.output_names)
    assert task.title == "own_table"


@pytest.mark.parametrize("convert", [np.asarray, torch.tensor, lambda array: array.tolist()])
def test_arrays_have_numbered_columns(convert):
    task = task_of(convert(NUMBERS), convert(NUMBERS[:, 0] * 2))
    assert (task.input_names, task.output_names, task.loss) == (("x0", "x1", "x2"), ("y",), "squared_error")


def test_sparse_matrices_and_lists_of_mixed_rows():
    assert task_of(csr_matrix(NUMBERS), Y).sha256 == task_of(NUMBERS, Y).sha256
    rows = [["a", 1.5], ["b", float("nan")], *[["c", 3]] * 18]
    with pytest.raises(UserError, match=r"the table: values are missing in 1 of 20 rows \(x1: 1\)"):
        task_of(rows, Y)


def test_text_with_decimal_commas():
    texts = pd.DataFrame(NUMBERS.round(3), columns=["a", "b", "c"]).map(lambda number: f"{number}".replace(".", ","))
    texts = texts.assign(d="r, s", e=texts["a"].astype("category"), f=NUMBERS[:, 0])
    task = task_of(texts, Y, decimal="comma")
    assert task.input_names == ("a", "b", "c", "d=r, s", "e", "f")
    assert (task.training.inputs[:, 0] == task.training.inputs[:, 4]).all()
    with pytest.raises(
        UserError, match=r"column a contains '.*' in data row 1, with a decimal comma; task.decimal=comma reads it"
    ):
        task_of(texts, Y)


def test_names_of_columns_of_several_levels():
    table = pd.DataFrame(NUMBERS, columns=pd.MultiIndex.from_product([["size"], ["low", "high", "mean"]]))
    assert task_of(table, outputs=[("size", "mean")]).output_names == ("('size', 'mean')",)


def test_arrays_of_several_outputs_and_of_a_given_kind():
    several = task_of(NUMBERS, (NUMBERS[:, :2] > 0).astype(int))
    assert (several.output_names, several.loss) == (("y0", "y1"), "cross_entropy")
    assert task_of(NUMBERS, NUMBERS[:, 0], kind="regression").loss == "squared_error"


def test_a_truth_table_in_memory():
    bits = pd.DataFrame(list(np.ndindex(2, 2)), columns=["a", "b"])
    task = task_of("truth_table", path=bits.assign(y=bits["a"] & bits["b"]), outputs=["y"])
    assert task.training is task.validation
    assert (task.training.targets[:, 0].tolist(), task.title) == ([0, 0, 0, 1], "own_truth_table")


def test_names_of_columns_are_any_text():
    names = ["it's", 'a "b"', "${seed}", r"back\slash", "a,b", "[c]", "k=v", " two  words ", "ä", "4"]
    task = task_of(pd.DataFrame(np.tile(NUMBERS, 4), columns=["a", "b", *names]), outputs=names)
    assert task.output_names == tuple(" ".join(name.split()) for name in names)


@pytest.mark.parametrize(
    ("table", "y", "parameters", "message"),
    [
        (X, Y[:-1], {}, "y: has 19 rows; must have the 20 of X"),
        (X, Y[::-1], {}, "y: its index is that of X in another order; must be the same, as after y.loc[X.index]"),
        (X.assign(answer=Y), Y, {}, "y: column answer is in X too; must be in one of them"),
        (X, Y, {"outputs": ["a"]}, "outputs=['a']: cannot be given beside y, whose columns they are"),
        (NUMBERS[:, 0], NUMBERS[:, 0], {}, "X: has the shape [20]; must have rows and columns"),
        (NUMBERS[:, :0], NUMBERS[:, 0], {}, "X: has the shape [20, 0]; must have rows and columns"),
        (
            (row for row in NUMBERS),
            Y,
            {},
            "X: is generator; must be a frame, an array, columns by name or a list of rows",
        ),
        ("t.csv", Y, {}, "X: is str; must be a frame, an array, columns by name or a list of rows"),
        (X, 1, {}, "y: is int; must be a frame, an array, columns by name or a list of rows"),
        (X, "size", {}, "y='size': is the name of a column (did you mean outputs=['size']?)"),
        (X, ["size", "color"], {}, "y=['size', 'color']: is the name of a column (did you mean outputs=['size', 'colo"),
        (
            X[:4].set_axis([0, 1, 1, 1]),
            Y[:4].set_axis([1, 1, 1, 0]),
            {},
            "y: its index is that of X in another order; ca",
        ),
        (
            Path("t.csv"),
            None,
            {},
            "task=PosixPath('t.csv'): must be a name, a table, a Graph, a TaskContent or a functi",
        ),
        (X, None, {"outputs": 1.5}, "outputs: is float; must be a list of names of columns"),
        (X, None, {"outputs": slice(1)}, "outputs: is slice; must be a list of names of columns"),
        ({"a": [1], "b": [1, 2]}, None, {}, "X: cannot be read as a table ("),
        (X, None, {}, "task.outputs: missing; must be names of columns: size, color"),
        (
            X,
            None,
            {"outputs": ["colour"]},
            "task.outputs: no column colour (did you mean color?); there are size, color",
        ),
        (
            X,
            None,
            {"target": "size"},
            "target: unknown argument (did you mean outputs?); task table takes path, inputs",
        ),
        (X.mask(X["size"] > 4), Y, {}, "the table: values are missing in 3 of 20 rows (size: 3, color: 3); task."),
        (X[:0], Y[:0], {}, "the table: has no rows; must have rows, and columns with names"),
    ],
)
def test_mistakes_are_reported(table, y, parameters, message):
    with pytest.raises(UserError, match=f"^{re.escape(message)}"):
        task_of(table, y, **parameters)


@pytest.mark.slow
def test_results_can_be_saved_and_loaded(tmp_path):
    result = ns.sculpt(X, Y, seeds=1, hidden=[8], overrides={"training.epochs": 3}, split_seed=1)
    loaded = ns.load(result.save(tmp_path / "kept"))
    assert loaded.trials.equals(result.trials)
    assert loaded.groups[0].config.task.parameters["split_seed"] == 1
    assert loaded.groups[0].config.task.name == "own_table"
    other = ns.sculpt(X, Y, seeds=1, hidden=[8], overrides=["training.epochs=3"], split_seed=2)
    assert other.groups[0].examples_sha256 != loaded.groups[0].examples_sha256


@pytest.fixture(scope="module")
def measured():
    """Inputs of every kind; the outputs are a class of words, one of two words, and a bit."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(3, 2, 90), "color": list("rgb") * 30, "on": ["n", "y"] * 45, "same": 0.1})
    frame["kind"] = np.select([frame["size"] > 4, frame["color"] == "r"], ["large", "red"], "other")
    return frame.assign(wide=np.where(frame["size"] > 3, "wide", "narrow"), bit=(frame["on"] == "y").astype(int))


@pytest.mark.slow
def test_a_trial_predicts_further_rows_as_it_learned_them(measured, tmp_path):
    result = ns.sculpt(measured, outputs=["kind", "wide"], seeds=1, hidden=[16], overrides={"training.epochs": 40})
    trial = ns.load(result.save(tmp_path / "kept"))[0]
    task = task_of(measured, outputs=["kind", "wide"])
    found = trial.predict(measured.sample(frac=1, random_state=1))
    assert set(found["kind"]) <= {"large", "red", "other"}
    assert set(found["wide"]) <= {"wide", "narrow"}
    right = (found.sort_index()[["kind", "wide"]] == measured[["kind", "wide"]]).mean().min()
    assert right > 0.8
    shares = trial.predict_proba(measured)
    assert list(shares) == list(task.output_names)
    assert np.allclose(shares.iloc[:, :3].sum(axis=1), 1)
    assert (shares.iloc[:, :3].idxmax(axis=1).str.removeprefix("kind=") == trial.predict(measured)["kind"]).all()


@pytest.mark.slow
def test_predicted_numbers_have_the_unit_of_the_examples():
    target = 1000 + 50 * NUMBERS[:, 0]
    trial = ns.sculpt(NUMBERS, target, seeds=1, hidden=[8], overrides={"training.epochs": 60})[0]
    assert isinstance(trial.predict(NUMBERS), pd.Series)
    assert abs(trial.predict(NUMBERS) - target).mean() < 40
    with pytest.raises(UserError, match="no probabilities: the outputs of own_table are numbers"):
        trial.predict_proba(NUMBERS)


def test_every_encoding_is_described(measured):
    for outputs in (["kind", "wide"], ["bit"], ["size"], ["bit", "wide"]):
        task = task_of(measured, outputs=outputs)
        assert [column.name for column in task.input_encoding] == [name for name in measured if name not in outputs]
        assert [column.name for column in task.output_encoding] == outputs
        read, _ = encode_rows(measured, task.input_encoding)
        assert {tuple(row) for row in task.training.inputs} <= {tuple(row) for row in read}
        json.dumps([column.to_json() for column in task.input_encoding])


@pytest.fixture(scope="module")
def with_bit(measured):
    """The inputs beside the output ``bit``, and what encodes them."""
    inputs = measured[["size", "color", "on", "same", "bit"]]
    return inputs, task_of(inputs, outputs=["bit"]).input_encoding


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="color"), "X: no column color; must have size, color, on, same"),
        (lambda frame: frame.assign(color="x"), "X: column color contains 'x' in data row 1; must be one of b, g, r"),
        (lambda frame: frame.assign(size="x"), "X: column size contains 'x' in data row 1; must be numbers"),
        (
            lambda frame: frame.assign(size=None),
            "X: values are missing in column size; must have none (task.missing=impute learns what to fill in)",
        ),
        (lambda frame: frame.assign(size=np.inf), "X: column size contains inf in data row 1; must be finite numbers"),
        (lambda frame: frame.assign(size=1e300), "X: column size contains numbers from 1e+300 to 1e+300; these are "),
        (lambda frame: frame.assign(color=[["r"]] * 90), "X: column color contains neither numbers nor text"),
        (lambda frame: frame[["size", *frame]], "X: column size appears more than once; names must differ"),
        (lambda frame: frame.to_numpy()[:, :3], "X: has 3 columns; must have 4: size, color, on, same"),
    ],
)
def test_rows_that_cannot_be_encoded(with_bit, change, message):
    inputs, columns = with_bit
    with pytest.raises(UserError, match=re.escape(message)):
        encode_rows(change(inputs), columns)


@pytest.mark.parametrize(
    "convert",
    [
        lambda frame: frame.iloc[0],
        lambda frame: frame.iloc[0].to_dict(),
        lambda frame: frame[:1].to_dict("records"),
        lambda frame: frame[:1].to_records(index=False),
        lambda frame: frame[:1].to_numpy().tolist(),
    ],
)
def test_a_single_row(with_bit, convert):
    inputs, columns = with_bit[0].drop(columns="bit"), with_bit[1]
    assert (encode_rows(convert(inputs), columns)[0] == encode_rows(inputs[:1], columns)[0]).all()


@pytest.fixture(scope="module")
def holes(measured):
    return measured.mask(np.random.default_rng(1).random(measured.shape) < 0.1).assign(kind=measured["kind"])


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["impute", "indicator"])
def test_missing_values_of_further_rows_are_filled_in_as_in_training(holes, missing, tmp_path):
    result = ns.sculpt(holes, outputs=["kind"], missing=missing, seeds=1, hidden=[8], overrides={"training.epochs": 3})
    trial = ns.load(result.save(tmp_path / "kept"))[0]
    task = task_of(holes, outputs=["kind"], missing=missing)
    assert trial.group.input_encoding == task.input_encoding
    read, _ = encode_rows(holes, trial.group.input_encoding)
    assert {tuple(row) for row in task.training.inputs} <= {tuple(row) for row in read}
    assert sum(name.endswith("=missing") for name in task.input_names) == 6 * (missing == "indicator")
    together = trial.predict(holes)
    assert together[:5].tolist() == [trial.predict(holes[row : row + 1]).item() for row in range(5)]
    assert len(trial.predict(holes.assign(size=None, color=None, on=None))) == len(holes)


@pytest.mark.parametrize(
    ("values", "further", "units"),
    [
        # a category that the training rows may lack, numbers spelled as text, and values of another type
        (["01", "1", "a", "b"], ["b", 1, "1", "01"], [[0, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]),
        (["1", "a", "b"], [1, 1.0, "1.0", "b"], [[1, 0, 0]] * 3 + [[0, 0, 1]]),
        ([0, 1], [1, True, "true", "0", 0.0], [[1], [1], [1], [0], [0]]),
        ([True, False], ["TRUE", 0, False], [[1], [0], [0]]),
        ([2.5, 9], ["9", 2.5, 9.0], [[1], [0], [1]]),
        ([-1, 1], ["-1", 1], [[0], [1]]),
        (["no", "yes"], ["yes", "no"], [[1], [0]]),
        ([0.0, 2.0, 4.0], ["2", 4], [[0], [2 / np.sqrt(8 / 3)]]),
        ([7, 7, 7], [7, 1000], [[0], [0]]),
    ],
)
def test_further_values_may_be_spelled_otherwise(values, further, units):
    frame = pd.DataFrame({"c": values})
    rows = np.arange(len(values))
    columns = encode_inputs(frame, known_values(frame, "t.csv"), rows, "error", "t.csv").columns
    given = pd.DataFrame({"d": 0, "c": pd.Series(further, dtype=object)}).set_index("d")
    read, index = encode_rows(given, columns)
    assert (read == np.float32(units)).all()
    assert index.equals(given.index)


def test_tasks_without_a_table_take_arrays():
    trial = ns.sculpt(lambda a, b: a ^ b, n_inputs=2, seeds=[0], hidden=[12])[0]
    assert set(trial.predict(list(np.ndindex(2, 2)))) <= {0, 1}
    with pytest.raises(UserError, match="X: has 3 columns; must have 2, one for each input"):
        trial.predict(NUMBERS)
