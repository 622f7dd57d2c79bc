import re
import shutil
from contextlib import suppress
from dataclasses import replace

import pytest

from neural_sculpting.config.schemas import NetworkConfig, TaskConfig
from neural_sculpting.errors import UserError
from neural_sculpting.records.same_sources import check_same_examples, check_same_network
from neural_sculpting.records.store import new_group, stored_group
from neural_sculpting.tasks import build_task

DEFAULTS = {"inputs": [], "outputs": ["y"], "missing": "error"}


def saved(record, folder, first_job):
    with new_group(folder, first_job) as group:
        group.save(record)
    return group.final


def test_a_run_goes_on_with_the_weights_that_it_began_with(record, tmp_path):
    network = NetworkConfig(file="a.pt", sha256="1")
    of = {
        name: record.config.model_copy(update={"network": start})
        for name, start in {
            "same": network,
            "changed": NetworkConfig(file="a.pt", sha256="2"),
            "other file": NetworkConfig(file="b.pt", sha256="2"),
            "none": None,
        }.items()
    }
    saved(replace(record, config=of["other file"]), tmp_path, 0)
    path = saved(replace(record, config=of["same"]), tmp_path, 1)
    for name in ("same", "other file", "none"):
        check_same_network(tmp_path, of[name])
    with pytest.raises(
        UserError, match=f"^network=a.pt: {re.escape(str(path))} started from other weights in this file"
    ):
        check_same_network(tmp_path, of["changed"])
    (path / "group.json").write_text("{")
    check_same_network(tmp_path, of["changed"])  # load_group names it


def test_a_run_goes_on_with_the_examples_that_it_began_with(record, tmp_path):
    table = tmp_path / "bits.csv"
    table.write_text("a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    task = {"name": "truth_table", "path": str(table), **DEFAULTS}
    config = record.config.model_copy(update={"task": TaskConfig(**task)})
    digest = build_task(config.task.name, **config.task.parameters).sha256
    path = saved(replace(record, config=config, examples_sha256=digest), tmp_path, 1)
    check_same_examples(tmp_path, config)
    table.write_text("a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n")
    with pytest.raises(UserError, match=f"^task=truth_table: its examples have changed since {re.escape(str(path))}"):
        check_same_examples(tmp_path, config)
    check_same_examples(tmp_path, record.config)  # a family of this package


def test_what_a_killed_process_has_left_of_a_group_goes(record, tmp_path):
    (tmp_path / "groups" / ".0003.77" / "metrics").mkdir(parents=True)
    other = tmp_path / "groups" / ".0004.77"
    other.mkdir()
    with new_group(tmp_path, 3) as group:
        group.save(record)
    assert sorted(path.name for path in group.final.parent.iterdir()) == [".0004.77", "0003"]


def test_a_group_that_lacks_nothing_but_its_name_is_adopted(record, tmp_path):
    jobs, seeds = record.selected_trials["job"].tolist(), record.selected_trials["seed"].tolist()
    with suppress(KeyboardInterrupt), new_group(tmp_path, min(jobs)) as group:
        group.write(record)
        shutil.copytree(group.path, group.path.with_name(f".{group.final.name}.7"))
        raise KeyboardInterrupt
    whole = group.path.with_name(f".{group.final.name}.7")
    for name in (file.name for file in whole.iterdir()):
        part = group.path.with_name(f".{group.final.name}.8")
        shutil.copytree(whole, part)
        (part / name).unlink()
        shutil.move(whole, tmp_path / "kept")
        assert stored_group(tmp_path, record.config, seeds, jobs) is None, name
        shutil.move(tmp_path / "kept", whole)
        shutil.rmtree(part)
    assert stored_group(tmp_path, record.config, seeds, jobs) is not None
    assert group.final.is_dir()
    assert not whole.exists()
