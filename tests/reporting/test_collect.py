import json
from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.reporting.collect import collect
from neural_sculpting.reporting.storage import new_group

MADE = {"networks.parquet", "trials.csv", "success_rates.csv", "sweep.json", "pictures", "groups"}


@pytest.fixture
def sweep(record, tmp_path):
    """Two groups of three trials, the second with another learning rate; the jobs alternate."""
    for lr, jobs in ((0.05, [0, 2, 4]), (0.1, [1, 3, 5])):
        config = record.config.model_copy(update={"training": record.config.training.model_copy(update={"lr": lr})})
        networks = record.networks.assign(job=[job for job in jobs for _ in range(4)])
        group = replace(record, config=config, networks=networks, trials=record.answers.assign(job=jobs))
        with new_group(tmp_path, jobs[0]) as new:
            new.save(group)
    return tmp_path


def test_the_tables_of_a_sweep(sweep, record):
    assert collect(sweep, jobs=6)
    assert {path.name for path in sweep.iterdir()} == MADE
    trials = pd.read_csv(sweep / "trials.csv")
    assert trials["job"].tolist() == list(range(6))
    assert trials["training.lr"].tolist() == [0.05, 0.1] * 3
    assert trials["exact"].tolist() == [bool(exact) for exact in record.answers["exact"] for _ in range(2)]
    networks = pd.read_parquet(sweep / "networks.parquet")
    assert len(networks) == 24
    assert networks["exact"].dtype == "boolean"
    rates = pd.read_csv(sweep / "success_rates.csv")
    exact = rates[(rates["criterion"] == "exact") & (rates["ties"] == "strict")]
    assert exact[["training.lr", "trials"]].to_numpy().tolist() == [[0.05, 3], [0.1, 3]]
    assert exact["successes"].tolist() == [record.answers["exact"].sum()] * 2


def test_the_configuration_of_every_group_stands_in_one_file(sweep):
    collect(sweep)
    about = json.loads((sweep / "sweep.json").read_text())
    assert [group["config"]["training"]["lr"] for group in about["groups"]] == [0.05, 0.1]
    assert {"git_commit", "libraries", "neural_sculpting"} <= set(about["groups"][0])
    assert about["format_version"] == 1


def test_the_tables_can_be_made_again(sweep):
    collect(sweep)
    before = {path.name: path.read_bytes() for path in sweep.iterdir() if path.is_file()}
    collect(sweep)
    assert {path.name: path.read_bytes() for path in sweep.iterdir() if path.is_file()} == before
    assert {path.name for path in sweep.iterdir()} == MADE  # nothing half-written is left


def test_jobs_without_a_row_are_missing(sweep, capsys):
    assert not collect(sweep, jobs=9)
    assert "3 trials missing" in capsys.readouterr().out


def test_the_table_and_the_path_close_the_output(sweep, capsys, monkeypatch):
    monkeypatch.chdir(sweep.parent)
    collect(sweep, jobs=6)
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert "success  95 % interval" in lines[0]
    assert lines[-2:] == [f"Results  {sweep.name}", f"Picture  {sweep.name}/{picture_of(sweep)} and 1 more"]


def picture_of(sweep):
    return sorted(path.relative_to(sweep) for path in (sweep / "pictures").iterdir())[0]


def test_where_no_group_is_finished_there_is_nothing_to_collect(tmp_path):
    with pytest.raises(UserError, match="holds no finished group of a sweep"):
        collect(tmp_path)
    assert list(tmp_path.iterdir()) == []
