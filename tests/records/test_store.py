import json
import os
import pickle
import platform
import re
from dataclasses import fields, replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.errors import UserError
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import FORMAT_VERSION, load_group
from neural_sculpting.records.provenance import provenance
from neural_sculpting.records.store import new_group
from neural_sculpting.sculpting import Batch, sculpt_networks
from neural_sculpting.tasks import build_task

FILES = [
    "arrays.safetensors",
    "group.json",
    "hierarchies.json",
    "history.parquet",
    "networks.parquet",
    "trials.parquet",
]


def saved(record, folder: Path, first_job: int = 0) -> Path:
    with new_group(folder, first_job) as group:
        group.save(record)
    return group.final


@pytest.fixture
def path(record, tmp_path) -> Path:
    return saved(record, tmp_path)


def check_equal(loaded, record):
    assert loaded.config == record.config
    assert loaded.layout == record.layout
    assert loaded.seconds == record.seconds
    for name in ("networks", "trials", "history"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(record, name))
    assert loaded.image_shape == record.image_shape
    for name in ("masks", "values", "counts"):
        mine, theirs = getattr(loaded.packed, name), getattr(record.packed, name)
        assert np.array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    for graph, original in zip(loaded.graphs, record.graphs, strict=True):
        assert (graph is None) is (original is None)
        if graph is not None:
            assert dict(graph.nodes) == dict(original.nodes)
            assert set(graph.edges) == set(original.edges)
    assert loaded.details == record.details
    assert (loaded.expected is None) is (record.expected is None)
    assert record.expected is None or same_hierarchy(loaded.expected, record.expected)
    names = (
        "ignore_pruned_inputs",
        "input_names",
        "output_names",
        "inputs_are_bits",
        "outputs_are_bits",
        "examples_sha256",
    )
    for name in names:
        assert getattr(loaded, name) == getattr(record, name)
    assert loaded.about["layers"] == list(record.layout.layers)
    assert len(fields(record)) == 17  # a new field needs a line here


def test_what_is_loaded_is_what_was_saved(record, path):
    check_equal(load_group(path), record)


def test_a_group_of_failures_is_loaded_as_well(make_config, tmp_path, monkeypatch):
    """Missing steps, no edge phase, no hierarchy; and 45 edges a network, which do not fill whole bytes."""
    monkeypatch.setattr("neural_sculpting.records.verdicts.analyze", lambda *_, **__: 1 / 0)
    changes = {"task": {"name": "boolean_sep_reused"}, "arch.hidden": [5], "training.epochs": 1, "training.lr": 1e-6}
    record = sculpt_group(make_config(changes), [1, 2])
    assert record.packed.masks.shape == (2, 6)
    assert record.graphs == [None, None]
    check_equal(load_group(saved(record, tmp_path)), record)


def test_masks_survive_bit_by_bit(record, tmp_path):
    edges = np.random.default_rng(0).random((12, 192)) < 0.5
    masks = np.packbits(edges, axis=1)
    packed = PackedNetworks(record.layout, masks, np.zeros(0, np.float32), np.zeros(12, np.int64))
    loaded = load_group(saved(replace(record, packed=packed), tmp_path))
    assert [loaded.packed.edges_of(network).tolist() for network in range(12)] == edges.tolist()


def test_the_shape_of_images_is_kept(record, tmp_path):
    loaded = load_group(saved(replace(record, image_shape=(28, 14), details=("data_seed",)), tmp_path))
    assert loaded.image_shape == (28, 14)
    assert loaded.details == ("data_seed",)


def test_what_is_known_of_the_task_is_kept(record, tmp_path):
    names = {"input_names": ("a", "b=ü", "c", "d"), "output_names": ("one", "two", "three", "four")}
    names |= {"inputs_are_bits": False, "outputs_are_bits": False}
    kept = replace(record, ignore_pruned_inputs=True, **names)
    check_equal(load_group(saved(kept, tmp_path / "known")), kept)
    unknown = replace(record, expected=None)
    check_equal(load_group(saved(unknown, tmp_path / "unknown")), unknown)


def test_values_of_selected_networks_alone_are_stored(record, tmp_path, make_config):
    """Though a record may hold those of all."""
    task, config = build_task("boolean_sep"), make_config()
    every = sculpt_networks(task, config, Batch.of(config, [4, 0, 2])).networks
    trials = record.selected_trials.iloc[:1].assign(network=1)
    networks, graphs = record.networks[:3], record.graphs[:3]
    small = replace(record, packed=every, trials=trials, networks=networks, graphs=graphs)
    loaded = load_group(saved(small, tmp_path)).packed
    assert (loaded.counts > 0).tolist() == [False, True, False]
    assert np.array_equal(loaded.parameters_of(1), every.parameters_of(1))


def test_a_group_is_six_files_that_run_no_code(path, record, monkeypatch):
    assert sorted(each.name for each in path.iterdir()) == FILES

    def refuse(*_, **__):
        raise AssertionError("a pickle was loaded")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(np, "load", refuse)
    check_equal(load_group(path), record)


def test_networkx_reads_the_hierarchies(path, record):
    stored = json.loads((path / "hierarchies.json").read_text(encoding="utf-8"))
    for description, original in zip(stored, record.graphs, strict=True):
        graph = nx.node_link_graph(description, edges="edges")
        assert graph.is_directed()
        assert [tuple(held) for _, held in graph.nodes(data="inputs")] == [
            held for _, held in original.nodes(data="inputs")
        ]


def test_what_made_the_results_stands_beside_them(path, record):
    about = json.loads((path / "group.json").read_text(encoding="utf-8"))
    assert about["format_version"] == FORMAT_VERSION
    assert about["layers"] == [4, 24, 4]
    assert about["config"]["pruning"]["unit"]["step"] == [70, 35]
    assert about["seconds"] == record.seconds
    assert {"torch", "lightning", "numpy"} <= set(about["libraries"])
    assert about["neural_sculpting"]
    assert pd.Timestamp(about["created"]).tzinfo is not None


def test_the_commit_is_a_hash_or_absent():
    commit = provenance()["git_commit"]
    assert commit is None or re.fullmatch(r"[0-9a-f]{40}(\+changes)?", commit)


def test_the_processor_is_named_and_the_host_is_not():
    machine = provenance()["machine"]
    assert re.fullmatch(rf"\S.*, {os.cpu_count()} cores?", machine)
    assert platform.node() not in machine.split()


def test_a_group_appears_when_it_is_complete(record, tmp_path):
    with new_group(tmp_path, 3) as group:
        assert group.path.is_dir()
        (group.path / "metrics.csv").write_text("written on the way")
        with pytest.raises(UserError, match="contains no finished group"):
            require_groups(tmp_path)
        group.save(record)
        assert require_groups(tmp_path) == [tmp_path / "groups" / "0003"]
    assert (tmp_path / "groups" / "0003" / "metrics.csv").exists()
    assert [each.name for each in (tmp_path / "groups").iterdir()] == ["0003"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_group_that_fails_leaves_nothing(tmp_path, error):
    def begin_and_fail():
        with new_group(tmp_path, 3) as group:
            (group.path / "networks.parquet").write_text("begun")
            raise error

    with pytest.raises(error):
        begin_and_fail()
    assert not (tmp_path / "groups").exists()


def test_a_record_that_cannot_be_written_leaves_nothing(record, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr("neural_sculpting.records.group_files.save", full)
    with pytest.raises(OSError, match="no space left"):
        saved(record, tmp_path)
    assert not (tmp_path / "groups").exists()


def test_a_group_that_exists_is_kept(record, path, tmp_path):
    with pytest.raises(UserError, match=f"^{re.escape(str(path))}: exists already"), new_group(tmp_path, 0):
        pytest.fail("nothing may begin")
    check_equal(load_group(path), record)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "groups").write_text("a file where a folder should be")
    complaint = rf"^{re.escape(str(tmp_path / 'groups'))}: cannot be written"
    with pytest.raises(UserError, match=complaint), new_group(tmp_path, 0):
        pytest.fail("nothing may begin")


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
def test_other_peoples_json_is_no_group(path, content):
    (path / "group.json").write_text(content)
    with pytest.raises(UserError, match="not a complete group"):
        load_group(path)


def test_another_version_is_named(path):
    about = json.loads((path / "group.json").read_text())
    (path / "group.json").write_text(json.dumps({**about, "format_version": 99}))
    with pytest.raises(UserError, match=rf"^{re.escape(str(path))}: has format 99; this version reads 3$"):
        load_group(path)


def test_groups_from_before_there_were_tags_have_none(path):
    about = json.loads((path / "group.json").read_text())
    del about["config"]["tags"]
    (path / "group.json").write_text(json.dumps(about))
    assert load_group(path).config.tags == ()


def test_a_configuration_of_another_kind_is_named_on_one_line(path):
    about = json.loads((path / "group.json").read_text())
    about["config"]["training"]["lr"] = -1
    (path / "group.json").write_text(json.dumps(about))
    with pytest.raises(
        UserError, match=r"not a complete group of a sweep \(ValidationError: 1 validation error.*lr[^\n]*$"
    ):
        load_group(path)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("masks", lambda masks: np.vstack([masks, masks[:1]]), "its arrays do not fit its rows"),
        ("masks", lambda masks: masks[:, :-1], "cannot have the shapes"),
        ("masks", lambda masks: ~masks, "other numbers of values"),
        ("selected", lambda selected: (selected + 1) % 12, "other numbers of values|do not fit its rows"),
        ("selected", lambda selected: selected + 12, "IndexError"),
        ("counts", lambda counts: counts[:-1], "ValueError"),
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
