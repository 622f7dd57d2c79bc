"""The folder of a sweep: groups appear complete, are never overwritten, and resume from the same sources."""

import re
import shutil
from contextlib import suppress
from dataclasses import replace

import pytest

from neural_sculpting.config.schemas import NetworkConfig, TaskConfig
from neural_sculpting.errors import UserError
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.store import (
    adopt_groups,
    check_same_examples,
    check_same_network,
    new_group,
    save_group,
    stored_group,
)
from neural_sculpting.tasks import build_task


def test_a_group_appears_when_it_is_complete(record, tmp_path):
    with new_group(tmp_path, 3) as group:
        (group.path / "metrics.csv").write_text("written on the way")
        assert list_groups(tmp_path) == []
        group.write(record)
        assert list_groups(tmp_path) == []
        group.finish()
        assert list_groups(tmp_path) == [tmp_path / "groups" / "0003"]
    assert (group.final / "metrics.csv").exists()
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
        save_group(record, tmp_path)
    assert not (tmp_path / "groups").exists()


def test_an_existing_group_is_kept(record, tmp_path):
    path = save_group(record, tmp_path)
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    with pytest.raises(UserError, match=f"^{re.escape(str(path))}: exists already"):
        save_group(replace(record, seconds=0.0), tmp_path)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "groups").write_text("a file instead of a folder")
    line = rf"^{re.escape(str(tmp_path / 'groups'))}: cannot be written"
    with pytest.raises(UserError, match=line), new_group(tmp_path, 0):
        pytest.fail("nothing may begin")


def test_leftovers_of_a_killed_process_are_removed(record, tmp_path):
    (tmp_path / "groups" / ".0003.77" / "metrics").mkdir(parents=True)
    (tmp_path / "groups" / ".0004.77").mkdir()
    path = save_group(record, tmp_path)
    assert sorted(each.name for each in path.parent.iterdir()) == [".0004.77", "0003"]


def test_a_group_that_lacks_only_its_name_is_adopted(record, tmp_path):
    jobs, seeds = record.selected_trials["job"].tolist(), record.selected_trials["seed"].tolist()
    with suppress(KeyboardInterrupt), new_group(tmp_path, min(jobs)) as group:
        group.write(record)
        shutil.copytree(group.path, group.path.with_name(f".{group.final.name}.7"))
        raise KeyboardInterrupt
    complete = group.path.with_name(f".{group.final.name}.7")
    for name in (file.name for file in complete.iterdir()):
        partial = group.path.with_name(f".{group.final.name}.8")
        shutil.copytree(complete, partial)
        (partial / name).unlink()
        shutil.move(complete, tmp_path / "kept")
        assert stored_group(tmp_path, record.config, seeds, jobs) is None, name
        shutil.move(tmp_path / "kept", complete)
        shutil.rmtree(partial)
    shutil.copytree(complete, tmp_path / "kept")
    assert stored_group(tmp_path, record.config, seeds, jobs) is not None
    assert group.final.is_dir()
    assert not complete.exists()
    shutil.rmtree(group.final)
    shutil.move(tmp_path / "kept", complete)
    adopt_groups(tmp_path)  # whatever jobs are asked for later
    assert [path.name for path in group.final.parent.iterdir()] == [group.final.name]


def saved_with(record, folder, job, **changes):
    """Store the record as the group of this job, with other settings."""
    digest = changes.pop("examples_sha256", None)
    config = record.config.model_copy(update=changes)
    trials = record.trials.assign(job=job)
    return config, save_group(replace(record, config=config, trials=trials, examples_sha256=digest), folder)


def test_a_sweep_resumes_from_the_same_weights(record, tmp_path):
    other, _ = saved_with(record, tmp_path, 0, network=NetworkConfig(file="b.pt", sha256="2"))
    same, path = saved_with(record, tmp_path, 1, network=NetworkConfig(file="a.pt", sha256="1"))
    for config in (same, other, record.config):
        check_same_network(tmp_path, config)
    changed = record.config.model_copy(update={"network": NetworkConfig(file="a.pt", sha256="2")})
    line = f"^network=a.pt: {re.escape(str(path))} started from other weights in this file"
    with pytest.raises(UserError, match=line):
        check_same_network(tmp_path, changed)
    (path / "group.json").write_text("{")
    check_same_network(tmp_path, changed)  # load_group names it


def test_a_sweep_resumes_with_the_same_examples(record, tmp_path):
    table = tmp_path / "bits.csv"
    table.write_text("a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    text = {"separator": "auto", "decimal": "point", "encoding": "utf-8"}
    task = TaskConfig(name="truth_table", path=str(table), inputs=[], outputs=["y"], missing="error", **text)
    digest = build_task(task.name, **task.parameters).sha256
    config, path = saved_with(record, tmp_path, 1, task=task, examples_sha256=digest)
    check_same_examples(tmp_path, config)
    table.write_text("a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n")
    with pytest.raises(UserError, match=f"^task=truth_table: its examples have changed since {re.escape(str(path))}"):
        check_same_examples(tmp_path, config)
    check_same_examples(tmp_path, record.config)  # a family of this package
