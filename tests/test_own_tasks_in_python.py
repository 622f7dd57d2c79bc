"""Custom tasks through the Python interface: functions, graphs, examples, files."""

import importlib
import re
import sys

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import neural_sculpting as ns
from neural_sculpting.config.composing import override
from neural_sculpting.errors import UserError
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.tasks import Graph, SubFunction, Table, TaskContent, register_content

pytestmark = pytest.mark.slow

QUICK = ["training.epochs=8"]
QUICK_STEPS = ["training.epochs=20", "pruning.unit.step=60", "pruning.edge.step=20"]


def parities(a, b, c, d):
    return a ^ b, c ^ d


@pytest.fixture(scope="module")
def found():
    return ns.sculpt(parities, seeds=4, n_inputs=4)


def graph():
    functions = [
        SubFunction(name, (first, first + 1), function=np.logical_xor, outputs=(first // 2,))
        for name, first in (("A", 0), ("B", 2))
    ]
    return Graph(tuple(functions))


def test_the_hierarchy_of_a_function_is_found(found):
    assert found.expected is None
    assert found.success_rates.empty
    assert found.trials["task"].unique().tolist() == ["parities"]
    assert sorted(inputs for _, inputs in found.consensus.nodes(data="inputs")) == [(0, 1), (2, 3)]
    assert found.groups[0].config.pruning.phases == ("edge",)  # pruning=fast
    share, low, high = found.agreement
    assert 0.5 < found.confidence < 1
    assert share == found.hierarchies[0].trials / 4
    assert 0 < low < share <= high <= 1
    assert "trials found it on their own (95 % interval" in str(found)


def test_the_first_line_says_how_many_trials_agree():
    """Of two inputs that are always equal, trials keep either or both."""
    settings = [*QUICK_STEPS, "analysis.reader=paper"]
    rows = {"path": pd.DataFrame({"a": [0, 1], "b": [0, 1], "y": [0, 1]}), "outputs": "y"}
    result = ns.sculpt("truth_table", **rows, seeds=8, hidden=[8], overrides=settings)
    kept = {str(trial.hierarchy): trial for trial in result if trial.hierarchy is not None}
    assert len(kept) >= 2
    seeds = [trial.seed for trial in kept.values()][:2]

    def first_line(**arguments):
        return str(ns.sculpt("truth_table", **rows, hidden=[8], **arguments)).splitlines()[0]

    assert first_line(seeds=seeds, overrides=settings) == "2 trials, no two with the same hierarchy"
    assert first_line(seeds=seeds[:1], overrides=settings) == "1 trial"
    never = ns.sculpt(parities, n_inputs=4, seeds=2, hidden=[8], overrides=["training.epochs=1", "training.lr=1e-6"])
    first, advice = str(never).split("\n", maxsplit=1)
    assert first == "2 trials, none with a hierarchy"
    assert advice.startswith("next")
    assert "training.dense_rounds=5" in advice


def test_a_result_is_a_sequence_of_trials(found):
    assert [trial.seed for trial in found] == [0, 1, 2, 3]
    assert len(found) == 4
    assert all(trial.success is None and trial.failure is None for trial in found)
    assert str(found.trial(seed=2)).startswith("seed 2: hierarchy found, ")
    assert found.trial(seed=2)._repr_svg_() == found.picture(seed=2)


def test_a_hierarchy_has_a_picture_and_text(found):
    shown = found.trial(seed=1).hierarchy
    assert isinstance(shown, nx.DiGraph)
    assert shown._repr_svg_().startswith("<svg")
    assert str(shown) == repr(shown)
    assert set(nx.DiGraph(shown).nodes) == set(shown.nodes)
    assert len(shown.copy()) == len(shown)


def test_a_graph_has_an_expected_hierarchy():
    result = ns.sculpt(graph(), seeds=3)
    assert sorted(inputs for _, inputs in result.expected.nodes(data="inputs")) == [(0, 1), (2, 3)]
    always = {key for key, criterion in CRITERIA.items() if criterion.always}
    assert set(result.success_rates["criterion"]) == always
    words = {True: "as expected", False: "another hierarchy"}
    assert all(words[trial.success] in str(trial) for trial in result)


def test_with_separate_validation_examples_accuracy_may_drop():
    rows = np.random.default_rng(0).normal(size=(80, 3)).astype(np.float32)
    targets = (rows[:, :1] > 0).astype(np.float32)
    sets = (Table(rows[part], targets[part]) for part in (slice(60), slice(60, None)))
    content = TaskContent(None, *sets, input_names=("a", "b", "c"))
    result = ns.sculpt(content, seeds=2, hidden=[8], overrides=QUICK)
    assert result.groups[0].config.pruning.accuracy_drop == 0.02
    assert result.groups[0].config.pruning.accuracy_threshold is None
    assert result.groups[0].config.pruning.phases == ("edge",)
    assert result.groups[0].config.training.weight_decay == 5e-3
    assert "a" in str(result.consensus or result)


def test_columns_keep_their_names(tmp_path):
    lines = ["one,two,three,four,left,right"]
    lines += [",".join(map(str, (*bits, bits[0] ^ bits[1], bits[2] ^ bits[3]))) for bits in np.ndindex(2, 2, 2, 2)]
    path = tmp_path / "a table, of bits.csv"
    path.write_text("\n".join(lines))
    result = ns.sculpt("truth_table", seeds=2, path=path, outputs=["left", "right"])
    assert result.groups[0].input_names == ("one", "two", "three", "four")
    assert "one" in result.trial().hierarchy._repr_svg_()
    assert re.search(r"left +\S +one, two", str(result.trial().hierarchy)) or not result.agreement.share
    loaded = ns.load(result.save(tmp_path / "kept"))
    assert str(loaded) == str(result)


@pytest.mark.parametrize(
    ("task", "parameters", "message"),
    [
        (parities, {}, "n_inputs: missing; a function on bits needs its number of inputs"),
        (parities, {"n_inputs": "4"}, "n_inputs='4': must be an integer from 1 to 16"),
        (parities, {"n_inputs": 4, "uses": 2}, "uses: unknown argument; a function on bits takes n_inputs"),
        (graph(), {"uses": 2}, "uses: unknown argument; a task that is given as an object has no parameters"),
        (7, {}, "task=7: must be a name, a table, a Graph, a TaskContent or a function on bits"),
        ("boolean_sep", {"uses": 2}, "uses: unknown argument; task boolean_sep has no parameters"),
    ],
)
def test_mistakes_are_reported(task, parameters, message):
    with pytest.raises(UserError, match=re.escape(message)):
        ns.sculpt(task, seeds=1, **parameters)


def test_names_of_registered_content_are_checked():
    with pytest.raises(UserError, match="name is taken by a task of neural_sculpting"):
        register_content("boolean_sep", graph())
    with pytest.raises(UserError, match="must be a name of letters, digits and underscores"):
        register_content("two words", graph())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3, "3"),
        (0.5, "0.5"),
        (None, "null"),
        (True, "true"),
        ("a b", "'a b'"),
        ("it's", r"'it\'s'"),
        (["y 0", "y1"], "['y 0','y1']"),
        ("${seed}", r"'\${seed}'"),
    ],
)
def test_values_are_written_as_the_command_line_takes_them(value, written):
    assert override("task.key", value) == f"task.key={written}"


@pytest.fixture(scope="module")
def trained_network():
    """Train an ordinary network on the two parities."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    bits = torch.tensor(list(np.ndindex(2, 2, 2, 2)), dtype=torch.float32)
    wanted = torch.stack([bits[:, 0] != bits[:, 1], bits[:, 2] != bits[:, 3]], dim=1).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(300):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(bits), wanted).backward()
        optimizer.step()
    return model


def test_a_trained_network_is_sculpted_from_its_weights(trained_network):
    result = ns.sculpt(parities, seeds=2, n_inputs=4, network=trained_network)
    assert [group.layout.layers for group in result.groups] == [(4, 16, 2)]
    assert sorted(inputs for _, inputs in result.consensus.nodes(data="inputs")) == [(0, 1), (2, 3)]


def test_a_network_is_analyzed_as_it_is(trained_network):
    dense = ns.analyze(trained_network)
    assert [mask.all() for mask in dense.masks] == [True, True]
    assert dense._repr_svg_().startswith("<svg")
    masks = [np.array([[1, 0], [0, 1]], dtype=bool), np.eye(2, dtype=bool)]
    assert str(ns.analyze(masks).hierarchy) == "y0  A  x0\ny1  B  x1"
    with pytest.raises(UserError, match="analysis"):
        ns.analyze(masks, overrides=["analysis.merging_threshold=2"])


def test_a_trial_can_be_exported(found, tmp_path):
    trial = found.trial()
    bits = torch.tensor(list(np.ndindex(2, 2, 2, 2)), dtype=torch.float32)
    outputs = (trial.model()(bits) > 0).numpy()
    assert np.array_equal(outputs, np.stack(parities(*(bits.numpy() > 0.5).T), axis=1))
    text = str(trial.formulas())
    assert "y0" in text
    written = {path.name for path in trial.export(tmp_path / "taken")}
    assert {"model.safetensors", "hierarchy.graphml", "hierarchy.svg", "formulas.txt"} <= written


def outputs_of(result):
    """Return the only output for 00, 10, 01 and 11."""
    rows = {"x0": np.array([0, 1, 0, 1]), "x1": np.array([0, 0, 1, 1])}
    return result.trial().formulas().evaluate(rows)["y0"].tolist()


def test_a_helper_that_is_reloaded_between_two_calls_is_noticed(tmp_path, monkeypatch):
    """Only the other module, which the function of the task calls, is reloaded."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)
    caller = "import own_helper\n\ndef gate(a, b):\n    return own_helper.helper(a, b)\n"
    (tmp_path / "own_caller.py").write_text(caller)
    outcomes = []
    for body in ("a & b", "a | b  # longer"):
        (tmp_path / "own_helper.py").write_text(f"def helper(a, b):\n    return {body}\n")
        if "own_helper" in sys.modules:
            importlib.reload(sys.modules["own_helper"])
        found = ns.sculpt("function", seeds=1, hidden=[8], function="own_caller.gate", n_inputs=2)
        outcomes.append(outputs_of(found))
    assert outcomes == [[False, False, False, True], [False, True, True, True]]
    for name in ("own_helper", "own_caller"):
        del sys.modules[name]


def test_a_redefined_function_is_noticed():
    outcomes = []
    for body in ("a & b", "a | b"):
        defined = {}
        exec(f"def gate(a, b):\n    return {body}\n", defined)
        outcomes.append(outputs_of(ns.sculpt(defined["gate"], seeds=1, hidden=[8], n_inputs=2)))
    assert outcomes == [[False, False, False, True], [False, True, True, True]]


def test_formulas_are_offered_where_inputs_and_outputs_are_bits():
    measured = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    for inputs, are_bits in ((measured, False), ((measured > 0).astype(np.float32), True)):
        rows = Table(inputs, (inputs[:, :1] > 0).astype(np.float32))
        result = ns.sculpt(TaskContent(None, rows, rows), seeds=1, hidden=[4], overrides=QUICK)
        assert result.groups[0].inputs_are_bits is are_bits
        if are_bits:
            assert str(result.trial().formulas())
        else:
            with pytest.raises(UserError, match=r"^no formulas: they are made for inputs of 0 and 1"):
                result.trial().formulas()


def test_rows_of_any_truth_table_can_be_left_for_a_test():
    result = ns.sculpt(parities, seeds=2, n_inputs=4, rows=0.75, idle_inputs=2, overrides=QUICK)
    [group] = result.groups
    assert group.set_sizes == (12, 12, 4)
    assert group.config.task.parameters == {"rows": 0.75, "idle_inputs": 2, "rows_seed": 0}
    assert result.trials["layers"].tolist() == ["6-24-2"] * 2
    assert result.trials[["rows", "idle_inputs", "rows_seed"]].drop_duplicates().values.tolist() == [[0.75, 2, 0]]
    assert result.trials["test_bit_accuracy"].between(0, 1).all()
    with pytest.raises(UserError, match=r"^row: unknown argument \(did you mean rows\?\)"):
        ns.sculpt(parities, n_inputs=4, row=0.5)
    with pytest.raises(UserError, match=r"^task.rows=2: must be a number from 0 to 1, or null$"):
        ns.sculpt(graph(), rows=2)
