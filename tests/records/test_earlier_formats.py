import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.records.earlier_formats import known_truth, were_bits
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.store import new_group
from neural_sculpting.tasks import build_task

LATER = ("test_", "dense_", "middle_layer_separability", "input_agreement", "hierarchy_size")


@pytest.fixture
def path(record, tmp_path):
    """The group of the fixture ``record`` in format 1: parameters with zeros, no column or key that came later."""
    with new_group(tmp_path, 0) as group:
        group.save(record)
    file = group.final / "arrays.safetensors"
    masks, selected = (load_file(file)[name] for name in ("masks", "selected"))
    parameters = np.stack([record.packed.parameters_of(network) for network in selected])
    save_file({"masks": masks, "selected": selected, "parameters": parameters}, file)
    for name in ("networks", "trials", "history"):
        table = getattr(record, name)
        later = [column for column in table if column.startswith(LATER)]
        assert later
        table.drop(columns=later).to_parquet(group.final / f"{name}.parquet", index=False)
    about = json.loads((group.final / "group.json").read_text())
    config = about["config"]
    del about["image_shape"], config["network"], config["simplest_window"], config["trainer"]["precision"]
    del config["pruning"]["accuracy_by"], config["pruning"]["accuracy_drop"]
    for name in ("expected", "inputs_may_go", "input_names", "output_names", "inputs_are_bits", "outputs_are_bits"):
        del about[name]
    (group.final / "group.json").write_text(json.dumps({**about, "format_version": 1}))
    return group.final


def test_the_arrays_are_those_of_today(record, path):
    loaded = load_group(path).packed
    for name in ("masks", "values", "counts"):
        mine, theirs = getattr(loaded, name), getattr(record.packed, name)
        assert np.array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype


@pytest.mark.parametrize("name", ["networks", "trials", "history"])
def test_the_rows_have_the_columns_of_today(record, path, name):
    loaded, expected = getattr(load_group(path), name), getattr(record, name)
    if name != "history":  # it is not known of networks that were scored before
        expected = expected.assign(input_agreement=np.nan)
    if name == "trials":
        expected = expected.drop(columns="hierarchy_size")
    pd.testing.assert_frame_equal(loaded[[*expected]], expected)
    assert set(loaded) == set(expected)


def test_the_keys_of_today_say_how_it_was_computed(record, path):
    loaded = load_group(path)
    pruning = record.config.pruning.model_copy(update={"accuracy_by": "bits"})
    assert loaded.config == record.config.model_copy(update={"simplest_window": 3, "pruning": pruning})
    assert (loaded.config.pruning.accuracy_by, loaded.config.pruning.accuracy_drop) == ("bits", None)
    assert loaded.config.trainer.precision == "fp32"
    assert loaded.image_shape is None


def test_it_can_be_saved_as_a_group_of_today(path, tmp_path):
    loaded = load_group(path)
    with new_group(tmp_path / "again", 0) as group:
        group.save(replace(loaded, image_shape=(2, 1)))
    again = load_group(group.final)
    assert again.image_shape == (2, 1)
    pd.testing.assert_frame_equal(again.trials, loaded.trials)
    assert np.array_equal(again.packed.values, loaded.packed.values)


def truth_of_task(record, name, parameters=None, hidden=(24,), networks=None, image_shape=None):
    task = record.config.task.model_validate({"name": name, **(parameters or {})})
    arch = record.config.arch.model_copy(update={"hidden": hidden})
    config = record.config.model_copy(update={"task": task, "arch": arch})
    return known_truth(config, record.networks if networks is None else networks, record.graphs, image_shape)


def test_the_truth_of_a_group_that_does_not_tell_it(record, path):
    assert same_hierarchy(load_group(path).expected, record.expected)


@pytest.mark.parametrize(("hidden", "modules"), [((24,), 3), ((24, 24, 24), 5)])
def test_the_truth_of_a_task_of_the_package(record, hidden, modules):
    expected, inputs_may_go = truth_of_task(record, "boolean_hierarchy", {"uses": 2}, hidden)
    assert len(expected) == modules  # the module between shows in three layers or more
    assert not inputs_may_go


@pytest.mark.parametrize("name", ["digits_pair", "digits_xor"])
def test_images_are_not_loaded_for_the_truth(record, name, monkeypatch):
    sets = {"per_pair": 1, "validation_per_pair": 1, "test_per_pair": 1, "data_seed": 0}
    wanted = build_task(name, source="digits", **sets).expected_hierarchy(2)
    monkeypatch.setattr("neural_sculpting.tasks.vision._images_of", None)
    expected, inputs_may_go = truth_of_task(record, name, {"source": "not here", **sets}, (4, 4), image_shape=(8, 8))
    assert same_hierarchy(expected, wanted)
    assert inputs_may_go


def test_the_module_of_a_task_is_not_imported_for_the_truth(record):
    name = "module_of_somebody.task"
    assert record.networks["exact"].any()
    assert same_hierarchy(truth_of_task(record, name)[0], record.expected)  # that of a trial that succeeded
    none_exact = record.networks.assign(exact=False)
    assert truth_of_task(record, name, networks=none_exact) == (None, False)
    assert truth_of_task(record, name, image_shape=(1, 2)) == (None, False)


def test_inputs_were_bits_unless_they_were_pixels_or_measured(record, path):
    assert load_group(path).inputs_are_bits
    assert load_group(path).outputs_are_bits
    config = record.config
    table = config.model_copy(update={"task": config.task.model_copy(update={"name": "table"})})
    assert (were_bits(config, None), were_bits(config, (1, 2)), were_bits(table, None)) == (True, False, False)
