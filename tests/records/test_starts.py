"""``network=<sweep folder>@<seed>``: which trial it names, and what it is refused for."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import neural_sculpting as ns
from neural_sculpting.config.loading import load
from neural_sculpting.errors import UserError
from neural_sculpting.pretrained import read_network
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.starts import start_named
from neural_sculpting.records.store import save_group


@pytest.fixture
def folder(record: GroupRecord, tmp_path: Path) -> Path:
    save_group(record, tmp_path / "old")
    return tmp_path / "old"


def seed_of(record: GroupRecord) -> int:
    """The seed of a trial that learned its task."""
    return int(record.selected_trials.query("status == 'sculpted'")["seed"].iloc[0])


def test_it_is_the_selected_network(record, folder):
    seed = seed_of(record)
    network = start_named(f"{folder}@{seed}")
    trial = ns.load(folder).trial(seed=seed)
    assert network is not None
    assert network.file == f"{folder}@{seed}"
    for one, other in zip(network.masks, trial.masks, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(network.row, trial.group.packed.parameters_of(trial.row["network"]))
    assert network.hierarchy is not None
    assert set(network.hierarchy) == set(trial.hierarchy)
    assert network.accuracy == trial.row["accuracy"]
    job = int(trial.row["job"])
    by_job = start_named(f"{folder}@job{job}")
    assert by_job is not None
    assert by_job.sha256 == network.sha256


@pytest.mark.parametrize("name", [None, 3, "model.pt", "model@2.pt", "a@b", "@3", "a@3/model.pt", "a@-3", "a@3.0"])
def test_other_names_are_those_of_files(name):
    assert start_named(name) is None


def test_a_file_may_have_an_at_sign_in_its_name(tmp_path, monkeypatch):
    import torch
    from torch import nn

    monkeypatch.chdir(tmp_path)
    torch.save(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 4)).state_dict(), "net@3.pt")
    assert start_named("net@3.pt") is None
    assert read_network("net@3.pt").layers == (4, 3, 4)
    Path("net@3").touch()
    assert start_named("net@3") is None  # and reading it says which files are allowed


def test_no_such_folder_or_no_sweep(tmp_path):
    with pytest.raises(UserError, match=r"^network=no/where@3: no/where: no such folder; must be"):
        start_named("no/where@3")
    with pytest.raises(UserError, match=f"^network={tmp_path}@3: {tmp_path}: contains no finished group of a sweep"):
        start_named(f"{tmp_path}@3")


def test_no_such_seed_and_a_sweep_that_is_not_finished(record, folder):
    seeds = sorted(record.selected_trials["seed"])
    with pytest.raises(UserError) as error:
        start_named(f"{folder}@77")
    listed = ", ".join(map(str, seeds[:8]))
    assert str(error.value).startswith(f"network={folder}@77: no trial with seed 77; must be one of {listed}")
    Plan(True, len(seeds) + 2, (), None).write(folder)
    later = folder.with_name("later")
    shutil.copytree(folder, later)
    with pytest.raises(UserError, match="no trial with seed 77; 2 of its jobs are not finished; must be one of"):
        start_named(f"{later}@77")


def test_several_trials_with_the_seed_are_named_by_their_jobs(record, folder):
    config = record.config.model_copy(update={"training": record.config.training.model_copy(update={"lr": 0.3})})
    tables = {
        name: getattr(record, name).assign(job=getattr(record, name)["job"] + 100) for name in ("networks", "trials")
    }
    save_group(replace(record, config=config, **tables), folder)
    seed = seed_of(record)
    job = int(record.selected_trials.query(f"seed == {seed}")["job"].iloc[0])
    with pytest.raises(UserError) as error:
        start_named(f"{folder}@{seed}")
    assert f"2 trials have seed {seed}; must be one of @job{job} (" in str(error.value)
    assert f"@job{job + 100} (" in str(error.value)
    assert "training.lr=0.3)" in str(error.value)
    assert start_named(f"{folder}@job{job + 100}") is not None


@pytest.mark.parametrize(
    ("status", "reason", "why"),
    [
        ("failed", "training gave no finite numbers", "training gave no finite numbers"),
        ("never_learned", "", "it never learned the task"),
        ("lost", "", "it lost the task while edges were pruned"),
    ],
)
def test_a_trial_that_failed(record, tmp_path, status, reason, why):
    seed = seed_of(record)
    changed = {
        name: table.assign(
            status=table["status"].mask(table["seed"] == seed, status),
            reason=table["reason"].mask(table["seed"] == seed, reason),
        )
        for name, table in (("networks", record.networks), ("trials", record.trials))
    }
    save_group(replace(record, **changed), tmp_path / "bad")
    with pytest.raises(UserError) as error:
        start_named(f"{tmp_path / 'bad'}@{seed}")
    expected = f"network={tmp_path / 'bad'}@{seed}: its trial has no network that performs its task ({why})"
    assert str(error.value) == expected


def test_the_hierarchy_it_started_from_is_stored(record, tmp_path):
    [start] = [graph for graph in record.graphs if graph is not None][:1]
    save_group(replace(record, start=start), tmp_path)
    [path] = (tmp_path / "groups").iterdir()
    stored = load_group(path)
    assert stored.start is not None
    assert set(stored.start) == set(start)
    about = json.loads((path / "group.json").read_text())
    del about["start"]
    (path / "group.json").write_text(json.dumps(about))
    assert load_group(path).start is None


def test_what_reopens_is_part_of_the_configuration(record, folder, config, make_config):
    network = start_named(f"{folder}@{seed_of(record)}")
    values = config.model_dump(mode="json") | {"arch": {"name": None, "hidden": None}}
    if network is not None and network.layers[0] == 4 and network.layers[-1] == 4:
        assert load(values, network).pruning.reopen == "fallen"
    with pytest.raises(UserError, match=r"pruning\.reopen=all: there is no network to start from; must be null"):
        make_config({"pruning.reopen": "all"})
