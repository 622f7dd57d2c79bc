"""The files of a group: loaded as they were saved, without running code, and named where they are damaged."""

import json
import pickle
import re
import shutil
from dataclasses import fields, replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.readers import Reading
from neural_sculpting.errors import UserError
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.ceilings import ceiling_to_json
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.records.group_files import ENCODINGS, EXAMPLES, FORMAT_VERSION, PLAIN, load_group
from neural_sculpting.records.record import select_trials
from neural_sculpting.records.store import save_group
from neural_sculpting.tasks.tables.codebook import ColumnCode

FILES = [
    *("arrays.safetensors", "group.json", "hierarchies.json"),
    *("history.parquet", "networks.parquet", "trials.parquet"),
]
KNOWN = {
    **{"input_names": ("a", "b=ü", "c", "d"), "output_names": ("one", "two", "three", "four")},
    **{"inputs_are_bits": False, "outputs_are_bits": False, "ignore_pruned_inputs": True},
    **{"one_hot_inputs": (1, 3)},
    "input_encoding": (
        ColumnCode(name="size", units=("a",), mean=0.1, std=2.5, fill=3, indicator="b=ü"),
        ColumnCode(name="c", units=("c", "d"), codes=(("x", 0), (1, 1), (True, None), (0.5, None)), fill="x"),
    ),
    "output_encoding": tuple(
        ColumnCode(name=name, units=(name,), codes=((False, None), (True, 0))) for name in ("one", "two", "three", "4")
    ),
}


@pytest.fixture
def path(saved_record, tmp_path) -> Path:
    return next((shutil.copytree(saved_record, tmp_path / "sweep") / "groups").iterdir())


@pytest.fixture
def about(path):
    """The content of ``group.json``, and a function that changes it."""
    content = json.loads((path / "group.json").read_text())
    return content, lambda: (path / "group.json").write_text(json.dumps(content))


def check_equal(loaded, record):
    assert loaded.config == record.config
    assert loaded.layout == record.layout
    for name in ("networks", "trials", "history"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(record, name))
    for name in ("masks", "values", "counts"):
        mine, theirs = getattr(loaded.packed, name), getattr(record.packed, name)
        assert np.array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    for graph, original in zip(loaded.graphs, record.graphs, strict=True):
        assert (graph is None) is (original is None)
        if graph is not None:
            assert dict(graph.nodes) == dict(original.nodes)
            assert set(graph.edges) == set(original.edges)
    assert (loaded.expected is None) is (record.expected is None)
    assert record.expected is None or same_hierarchy(loaded.expected, record.expected)
    for name in (*PLAIN, *ENCODINGS, "ignore_pruned_inputs"):
        assert getattr(loaded, name) == getattr(record, name)
    assert loaded.about["layers"] == list(record.layout.layers)
    for reading, original in zip(loaded.readings, record.readings, strict=True):
        assert (reading is None) is (original is None)
        if reading is not None:
            assert (reading.evidence, reading.undetermined) == (original.evidence, original.undetermined)
            assert all(map(nx.utils.graphs_equal, reading.alternatives, original.alternatives))
    for mine, theirs in ((getattr(loaded, name), getattr(record, name)) for name in EXAMPLES):
        assert (mine is None) is (theirs is None)
        assert theirs is None or np.array_equal(mine, theirs)
    assert ceiling_to_json(loaded.ceiling) == ceiling_to_json(record.ceiling)
    pd.testing.assert_frame_equal(loaded.nulls, record.nulls)
    assert (loaded.start is None) is (record.start is None)
    assert record.start is None or nx.utils.graphs_equal(loaded.start, record.start)
    assert len(fields(record)) == 29  # a new field needs a line here


@pytest.mark.parametrize(
    "changes", [{}, {"image_shape": (28, 14), "details": ("data_seed",)}, KNOWN, {"expected": None}]
)
def test_a_loaded_group_is_the_saved_one(record, tmp_path, changes):
    changed = replace(record, **changes)
    check_equal(load_group(save_group(changed, tmp_path)), changed)


def test_a_group_of_failures_is_loaded_as_well(make_config, tmp_path, monkeypatch):
    """Missing steps, no edge phase, no hierarchy; and 45 edges a network, which do not fill whole bytes."""
    monkeypatch.setattr("neural_sculpting.records.readings.reader_named", lambda name: lambda graph: 1 / 0)
    changes = {"task": {"name": "boolean_sep_reused"}, "arch.hidden": [5], "training.epochs": 1, "training.lr": 1e-6}
    record = sculpt_group(make_config(changes), [1, 2])
    assert record.packed.masks.shape == (2, 6)
    assert record.graphs == [None, None]
    check_equal(load_group(save_group(record, tmp_path)), record)


def test_masks_survive_bit_by_bit(record, tmp_path):
    edges = np.random.default_rng(0).random((12, 192)) < 0.5
    masks = np.packbits(edges, axis=1)
    packed = PackedNetworks(record.layout, masks, np.zeros(0, np.float32), np.zeros(12, np.int64))
    loaded = load_group(save_group(replace(record, packed=packed), tmp_path))
    assert [loaded.packed.edges_of(network).tolist() for network in range(12)] == edges.tolist()


def test_only_values_of_selected_networks_are_stored_where_those_of_all_are_many(record, tmp_path, monkeypatch):
    monkeypatch.setattr("neural_sculpting.records.record.FEW_PARAMETERS", 0)
    loaded = load_group(save_group(record, tmp_path)).packed
    assert np.flatnonzero(loaded.has_values()).tolist() == record.selected.tolist()
    for network in record.selected:
        assert np.array_equal(loaded.parameters_of(network), record.packed.parameters_of(network))


def test_older_groups_have_the_values_of_the_selected_networks(path, record):
    kept = older(path, record)
    check_equal(load_group(path), replace(record, packed=kept))


def older(path, record):
    """Store the arrays as they were when only selected networks had parameters; return these."""
    kept = record.packed.with_values_of(record.selected)
    arrays = {"masks": kept.masks, "selected": record.selected, "values": kept.values}
    save_file({**arrays, "counts": kept.counts[record.selected]}, path / FILES[0])
    return kept


def test_a_group_is_six_files_that_run_no_code(path, record, monkeypatch):
    assert sorted(each.name for each in path.iterdir()) == FILES

    def refuse(*_, **__):
        raise AssertionError("a pickle was loaded")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(np, "load", refuse)
    check_equal(load_group(path), record)


def test_evidence_is_stored_beside_the_hierarchies(tmp_path, record):
    """Of each network what speaks for its hierarchy, and what is as good; nothing of one that failed."""
    nothing = [None] * (len(record.graphs) - 1)
    reading = Reading(record.graphs[0], {"columns": [2, 2]}, (record.graphs[1],), ("the middle",))
    changed = replace(record, graphs=[record.graphs[0], *nothing], readings=[reading, *nothing])
    path = save_group(changed, tmp_path)
    check_equal(load_group(path), changed)
    stored = json.loads((path / "evidence.json").read_text(encoding="utf-8"))
    assert stored[0]["evidence"] == {"columns": [2, 2]}
    assert stored[1:] == nothing


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda found: found.pop(), "shorter|longer"),
        (lambda found: found.insert(0, found.pop()), "0: does not fit hierarchies.json"),
        (lambda found: found[0].pop("alternatives"), "KeyError: 'alternatives'"),
        (lambda found: found[0].update(alternatives=[{}]), "0: alternatives: directed: Field required"),
    ],
)
def test_evidence_that_does_not_fit_is_named(record, tmp_path, change, problem):
    nothing = [None] * (len(record.graphs) - 1)
    readings = [Reading(record.graphs[0], {"columns": [2]}), *nothing]
    path = save_group(replace(record, readings=readings, graphs=[record.graphs[0], *nothing]), tmp_path)
    content = json.loads((path / "evidence.json").read_text())
    change(content)
    (path / "evidence.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=f"not a complete group of a sweep .*({problem})"):
        load_group(path)


def test_groups_from_before_there_were_readers_have_the_paper_s(path, about):
    content, write = about
    del content["config"]["analysis"]["reader"]
    write()
    for name in ("networks", "trials"):
        pd.read_parquet(path / f"{name}.parquet").drop(columns="reader").to_parquet(path / f"{name}.parquet")
    loaded = load_group(path)
    assert loaded.config.analysis.reader == "paper"
    assert {*loaded.networks["reader"], *loaded.trials["reader"]} == {"paper"}


def test_groups_from_before_a_key_of_pruning_have_it_in_their_variants_too(path, about):
    content, write = about
    pruning = content["config"]["pruning"]
    phases = {
        name: {key: value for key, value in pruning[name].items() if key != "halvings"} for name in ("unit", "edge")
    }
    del phases["edge"]["groups"], pruning["standard_errors"]
    pruning["variants"] = [{"name": "edges", "phases": ["edge"], **phases}]
    write()
    loaded = load_group(path).config.pruning
    assert loaded.standard_errors == 0
    [variant] = loaded.variants
    assert (variant.edge.groups, variant.edge.halvings, variant.unit.halvings) == (False, None, None)


@pytest.mark.parametrize("changes", [{}, {"expected": None}])
def test_groups_from_before_there_was_the_relation_or_window_share_have_them_all_the_same(record, tmp_path, changes):
    """From their hierarchies, for all networks and selections; and it is missing where none is expected."""
    newer = {f"{name}{ending}" for name in ("relation", "refines") for ending in ("", "_any_tie")}
    if changes:
        unknown = {name: pd.array([pd.NA] * 12, dtype="boolean") for name in CRITERIA}
        networks = record.networks.assign(**unknown)
        record = replace(record, networks=networks, trials=select_trials(networks, record.config), **changes)
    path = save_group(record, tmp_path)
    for name in ("networks", "trials"):
        rows = pd.read_parquet(path / f"{name}.parquet")
        rows = rows.drop(columns=newer & {*rows}).rename(columns={"window_share": "confidence"})
        rows.to_parquet(path / f"{name}.parquet", index=False)
    check_equal(load_group(path), record)


def test_networkx_reads_the_hierarchies(path, record):
    stored = json.loads((path / "hierarchies.json").read_text(encoding="utf-8"))
    for description, original in zip(stored, record.graphs, strict=True):
        graph = nx.node_link_graph(description, edges="edges")
        assert graph.is_directed()
        inputs = [tuple(inputs) for _, inputs in graph.nodes(data="inputs")]
        assert inputs == [inputs for _, inputs in original.nodes(data="inputs")]


def test_group_json_records_how_the_results_were_made(about, record):
    content, _ = about
    assert content["format_version"] == FORMAT_VERSION
    assert content["layers"] == [4, 24, 4]
    assert content["config"]["pruning"]["unit"]["step"] == [70, 35]
    assert content["seconds"] == record.seconds
    assert {"torch", "lightning", "numpy"} <= set(content["libraries"])
    assert content["neural_sculpting"]
    assert pd.Timestamp(content["created"]).tzinfo is not None


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "foreign"])
def test_damaged_files_are_named(path, name, damage):
    file = path / name
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes({"empty": b"", "truncated": content[: len(content) // 2], "foreign": b"[1, 2]\n"}[damage])
    with pytest.raises(UserError) as caught:
        load_group(path)
    assert str(caught.value).startswith(f"{path}: not a complete group of a sweep (")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", ["null", "{}", '"text"', '{"format_version": 3}', '{"format_version": 3, "layers": 4}']
)
def test_foreign_json_is_not_a_group(path, content):
    (path / "group.json").write_text(content)
    with pytest.raises(UserError, match="not a complete group"):
        load_group(path)


def test_another_version_is_named(path, about):
    content, write = about
    content["format_version"] = 99
    write()
    with pytest.raises(UserError, match=rf"^{re.escape(str(path))}: has format 99; this version reads 3$"):
        load_group(path)


def test_groups_from_before_there_were_tags_and_one_hot_inputs_have_none(path, about):
    content, write = about
    del content["config"]["tags"], content["config"]["picture_weights"], content["one_hot_inputs"]
    write()
    loaded = load_group(path)
    assert (loaded.config.tags, loaded.one_hot_inputs) == ((), ())


def test_an_invalid_configuration_is_named_on_one_line(path, about):
    content, write = about
    content["config"]["training"]["lr"] = -1
    write()
    line = r"not a complete group of a sweep \(ValidationError: 1 validation error.*lr[^\n]*$"
    with pytest.raises(UserError, match=line):
        load_group(path)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("masks", lambda masks: np.vstack([masks, masks[:1]]), "cannot have the shapes"),
        ("masks", lambda masks: masks[:, :-1], "cannot have the shapes"),
        ("masks", lambda masks: ~masks, "other numbers of values"),
        ("counts", lambda counts: counts[:-1], "cannot have the shapes"),
        ("counts", lambda counts: counts[::-1] - [1, *[0] * (len(counts) - 2), -1], "other numbers of values"),
        ("values", lambda values: values[:-1], "cannot have the shapes"),
        ("values", lambda values: values.astype(np.float64), "float32 values"),
    ],
)
def test_arrays_of_another_group_do_not_fit(path, name, change, problem):
    arrays = load_file(path / FILES[0])
    save_file({**arrays, name: np.ascontiguousarray(change(arrays[name]))}, path / FILES[0])
    with pytest.raises(UserError, match=rf"not a complete group of a sweep \(.*({problem})"):
        load_group(path)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("masks", lambda masks: np.vstack([masks, masks[:1]]), "its arrays do not fit its rows"),
        ("selected", lambda selected: (selected + 1) % 12, "other numbers of values|do not fit its rows"),
        ("selected", lambda selected: selected + 12, "IndexError"),
        ("counts", lambda counts: counts[:-1], "ValueError"),
    ],
)
def test_arrays_of_another_older_group_do_not_fit(path, record, name, change, problem):
    older(path, record)
    arrays = load_file(path / FILES[0])
    save_file({**arrays, name: np.ascontiguousarray(change(arrays[name]))}, path / FILES[0])
    with pytest.raises(UserError, match=rf"not a complete group of a sweep \(.*({problem})"):
        load_group(path)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("input_names", ["a"], "input_names: 1 for 4 inputs"),
        ("output_names", [None] * 4, "output_names.0: Input should be a valid string"),
        ("seconds", None, "seconds: Input should be a valid number"),
        ("image_shape", 28, "image_shape: Input should be a valid array"),
        ("jobs", [-1], "jobs.0: Input should be greater than or equal to 0"),
        ("libraries", None, "libraries: Input should be an object"),
        ("input_encoding", [{"name": "a"}], "input_encoding.0.units: Field required"),
        ("output_encoding", [{"name": "a", "units": ["a"]}], "output_encoding: 1 units for 4 outputs"),
    ],
)
def test_values_that_do_not_fit_are_named_by_their_key(path, about, key, value, problem):
    content, write = about
    content[key] = value
    write()
    with pytest.raises(UserError, match=re.escape(f"group.json: {problem}")):
        load_group(path)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda graph: graph.update(nodes=[], edges=[]), "expected: has no nodes"),
        (lambda graph: graph.update(directed=False), "expected: directed: Input should be True"),
        (lambda graph: graph["nodes"][0].pop("inputs"), "expected: nodes.0.inputs: Field required"),
        (lambda graph: graph["nodes"][0].update(inputs=[0, 9]), "expected: inputs of module"),
        (lambda graph: graph["edges"].append({"source": "A", "target": "no"}), "expected: edges: A to no"),
    ],
)
def test_a_graph_that_does_not_fit_is_named_by_its_key(path, about, change, problem):
    content, write = about
    change(content["expected"])
    write()
    with pytest.raises(UserError, match=re.escape(f"group.json: {problem}")):
        load_group(path)


def test_a_negative_seed_in_a_table_is_named(path):
    rows = pd.read_parquet(path / "trials.parquet")
    rows["seed"] = -3
    rows.to_parquet(path / "trials.parquet", index=False)
    with pytest.raises(UserError, match="has -3 in column seed, which must be 0 or more"):
        load_group(path)
