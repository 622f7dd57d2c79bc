import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from neural_sculpting.reporting.storage import load_group, new_group

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
    del about["image_shape"], config["simplest_window"], config["trainer"]["precision"]
    del config["pruning"]["accuracy_by"], config["pruning"]["accuracy_drop"]
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
    assert loaded.config == record.config.model_copy(update={"simplest_window": 3})
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
