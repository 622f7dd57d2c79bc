import json
import os
from pathlib import Path

import pandas as pd
import pytest
from cheap_command import leave_group

from neural_sculpting.errors import UserError
from neural_sculpting.records.finished import (
    finished_jobs,
    list_groups,
    require_groups,
    stored_results,
    tables_are_current,
)


def test_groups_are_listed_in_the_order_of_their_jobs(tmp_path: Path) -> None:
    for name in ("10000", "0010", "0002", ".0001.123", "notes"):
        (tmp_path / "groups" / name).mkdir(parents=True)
    (tmp_path / "groups" / "0003").write_text("a file")
    assert [path.name for path in require_groups(tmp_path)] == ["0002", "0010", "10000"]


def test_a_folder_without_a_finished_group_is_refused(tmp_path: Path) -> None:
    assert list_groups(tmp_path) == []
    with pytest.raises(UserError, match=r": contains no finished group of a sweep$"):
        require_groups(tmp_path)
    for name in ("nowhere", "a" * 300):
        with pytest.raises(UserError, match=rf"{name}: no such folder$"):
            require_groups(tmp_path / name)


def test_a_folder_without_groups_has_nothing_finished(tmp_path: Path) -> None:
    assert finished_jobs(tmp_path) == set()
    assert stored_results(tmp_path / "not there") == {}


def test_the_jobs_of_all_groups_are_finished(tmp_path: Path) -> None:
    leave_group(tmp_path, [4, 2], [True, False])
    leave_group(tmp_path, [3], [True])
    (tmp_path / "groups" / ".0007.1234").mkdir()  # not finished
    assert finished_jobs(tmp_path) == {2, 3, 4}
    assert stored_results(tmp_path) == {2: 0.0, 3: 1.0, 4: 1.0}


def test_the_chosen_selection_is_the_result(tmp_path: Path) -> None:
    leave_group(tmp_path, [0, 1], [True, False])
    path = tmp_path / "groups" / "0000"
    rows = [(0, "sparsest", True), (0, "consensus", False), (1, "sparsest", False), (1, "consensus", True)]
    pd.DataFrame(rows, columns=["job", "selection", "exact"]).to_parquet(path / "trials.parquet")
    assert stored_results(tmp_path) == {0: 1.0, 1: 0.0}
    (path / "group.json").write_text(json.dumps({"jobs": [0, 1], "config": {"selection": "consensus"}}))
    assert stored_results(tmp_path) == {0: 0.0, 1: 1.0}


def test_a_group_that_does_not_name_its_jobs_is_reported(tmp_path: Path) -> None:
    leave_group(tmp_path, [0], [True])
    (tmp_path / "groups" / "0000" / "group.json").write_text("{}")
    with pytest.raises(UserError, match=r"0000/group\.json: names no jobs; it was written by an earlier version$"):
        finished_jobs(tmp_path)


def test_rows_that_cannot_be_read_are_reported(tmp_path: Path) -> None:
    leave_group(tmp_path, [0], [True])
    (tmp_path / "groups" / "0000" / "trials.parquet").write_text("")
    with pytest.raises(UserError, match=r"0000/trials\.parquet: cannot be read"):
        stored_results(tmp_path)


def test_tables_older_than_a_group_are_not_current(tmp_path: Path) -> None:
    leave_group(tmp_path, [0], [True])
    assert not tables_are_current(tmp_path)
    (tmp_path / "sweep.json").touch()
    os.utime(tmp_path / "sweep.json", ns=(0, (tmp_path / "groups" / "0000" / "group.json").stat().st_mtime_ns))
    assert tables_are_current(tmp_path)
    os.utime(tmp_path / "sweep.json", ns=(0, 1))
    assert not tables_are_current(tmp_path)
