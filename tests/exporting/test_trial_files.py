"""All files of one trial."""

import json
import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from user_errors import message_of

from neural_sculpting.exporting.models import compact_model
from neural_sculpting.exporting.trial_files import export_trial, formulas_of_trial, formulas_page
from neural_sculpting.tasks import build_task
from neural_sculpting.tasks.tables.codebook import ColumnCode

FILES = [
    *("model.safetensors", "model.json", "model.onnx"),
    *("hierarchy.json", "hierarchy.graphml", "hierarchy.dot", "hierarchy.svg", "formulas.txt"),
]


@pytest.fixture
def trial(record):
    """A trial whose hierarchy is the expected one."""
    return record.selected_trials[record.selected_trials["exact"]].iloc[0].copy()


def test_everything_is_written(record, trial, tmp_path):
    done = export_trial(record, trial, tmp_path / "new" / "folder")
    assert [path.name for path in done.files] == FILES
    assert done.notes == []
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(FILES)
    assert nx.read_graphml(done.files[4]).number_of_nodes() == len(record.graphs[trial["network"]])
    model = compact_model(record.packed, trial["network"])
    model.load_state_dict(load_file(done.files[0]))
    task = build_task("boolean_sep").training
    with torch.no_grad():
        bits = model(torch.from_numpy(task.inputs)).numpy() > 0
    np.testing.assert_array_equal(bits, task.targets > 0.5)


def test_formulas_are_those_of_the_task(record, trial):
    formulas = formulas_of_trial(record, trial)
    lines = formulas_page(record, trial, formulas).splitlines()
    assert lines[0] == f"# boolean_sep, 4-24-4, seed {trial['seed']}: what each module of the sculpted network computes"
    assert lines[2].startswith("# Checked on all 16 values of the inputs that it reads: put together, these formulas")
    task = build_task("boolean_sep").training
    found = formulas.evaluate({name: task.inputs[:, int(name[1:])] > 0.5 for name in formulas.inputs})
    for number, column in enumerate(task.targets.T):
        assert found[f"y{number}"].tolist() == (column > 0.5).tolist()


def test_names_of_the_task_are_used(record, trial, tmp_path):
    named = replace(record, input_names=("a", "b", "c", "d"), output_names=("p", "q", "r", "s"))
    export_trial(named, trial, tmp_path)
    assert "a ^ b" in (tmp_path / "formulas.txt").read_text()
    assert '"inputs": [\n    "a"' in (tmp_path / "model.json").read_text()
    assert "p, q" in (tmp_path / "hierarchy.dot").read_text()


def test_names_with_values_are_explained(record, trial):
    names = {"input_names": ("c=r", "c=g", "c=b", "d"), "one_hot_inputs": (3, 1)}
    named = replace(record, **names)
    formulas = formulas_of_trial(named, trial)
    lines = formulas_page(named, trial, formulas).splitlines()
    assert lines[2].startswith("# Checked on all 6 values of the inputs")
    assert lines[3] == "# c=r is 1 where c is r, and 0 elsewhere. Of several inputs from one column, exactly one is 1."
    assert not any(line.startswith("#") for line in lines[4:])


def test_an_exported_model_describes_the_columns_and_formulas_name_both_values(record, trial, tmp_path):
    """The first input, of a column of two words, is exclusive or with the second one."""
    words = [ColumnCode(name=name, units=(f"{name}=y",), codes=(("n", None), ("y", 0))) for name in "abcd"]
    bits = [ColumnCode(name=name, units=(name,), codes=((0, None), (1, 0)), fill=1) for name in "pqrs"]
    named = replace(record, input_names=tuple(f"{name}=y" for name in "abcd"), output_names=tuple("pqrs"))
    named = replace(named, input_encoding=tuple(words), output_encoding=tuple(bits))
    export_trial(named, trial, tmp_path)
    about = json.loads((tmp_path / "model.json").read_text())
    assert about["input_columns"][0] == {"name": "a", "units": ["a=y"], "codes": [["n", None], ["y", 0]]}
    assert about["output_columns"][3] == {"name": "s", "units": ["s"], "codes": [[0, None], [1, 0]], "fill": 1}
    negations = "a=n is ~a=y, b=n is ~b=y, c=n is ~c=y, d=n is ~d=y"
    note = f"# a=y is 1 where a is y, and 0 elsewhere. Of the other value: {negations}."
    assert (tmp_path / "formulas.txt").read_text().splitlines()[3] == note


def test_formulas_that_are_missing_are_reported(record, trial):
    formulas = formulas_of_trial(record, trial)
    without = replace(formulas.modules[0], signals=(), outputs=(), problem="it reads 13 bits, more than 12")
    page = formulas_page(record, trial, replace(formulas, modules=(without, *formulas.modules[1:])))
    assert "put together, the formulas give those of the network's outputs that have one.\n" in page
    assert "A: it reads 13 bits, more than 12" in page


def test_missing_files_are_noted(record, trial, tmp_path, monkeypatch):
    export_trial(record, trial, tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    pixels = replace(record, image_shape=(1, 2), inputs_are_bits=False)
    done = export_trial(pixels, trial, tmp_path)
    no_onnx, no_formulas = done.notes
    assert "pip install 'neural-sculpting[onnx]'" in no_onnx
    assert no_formulas == "no formulas: they are made for inputs of 0 and 1, and those of boolean_sep are pixels"
    kept = [name for name in FILES if name not in ("model.onnx", "formulas.txt")]
    assert [path.name for path in done.files] == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)  # nothing of the export before


def test_the_network_is_exported_where_its_analysis_failed(record, trial, tmp_path):
    trial["status"], trial["reason"] = "failed", "ValueError: no"
    graphs = [None if network == trial["network"] else graph for network, graph in enumerate(record.graphs)]
    done = export_trial(replace(record, graphs=graphs), trial, tmp_path)
    assert [path.name for path in done.files] == FILES[:3]
    assert done.notes == ["hierarchy, formulas: none, as the trial failed (ValueError: no)"]


def test_a_trial_that_failed_before_it_learned_has_no_network(record, trial, tmp_path):
    trial["status"], trial["reason"], trial["accuracy"] = "failed", "no numbers", float("nan")
    line = f"seed {trial['seed']}: has no trained network, as the trial failed (no numbers)"
    assert message_of(export_trial, record, trial, tmp_path / "export") == line
    assert not (tmp_path / "export").exists()


@pytest.mark.parametrize("ends", ["inputs", "outputs"])
def test_measured_numbers_have_no_formulas(record, trial, ends):
    measured = replace(record, **{f"{ends}_are_bits": False})
    line = f"no formulas: they are made for {ends} of 0 and 1, and those of boolean_sep are other numbers"
    assert message_of(formulas_of_trial, measured, trial) == line
