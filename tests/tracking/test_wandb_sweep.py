import json

import pandas as pd
import pytest
from wandb_files import check_rows, runs_of

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.pipeline import SeedGroup, run_batch
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.tracking import begin_sweep, finish_sweep
from neural_sculpting.views.closing import close_sweep

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_wandb_variables")]

WANDB = {"logger.kind": "wandb", "logger.mode": "offline"}


@pytest.fixture(scope="module")
def folder(make_config, tmp_path_factory):
    """A sweep of two batches, ended by this process."""
    folder = tmp_path_factory.mktemp("sweeps") / "two shapes"
    begin_sweep(folder)
    configs = [make_config({**WANDB, "arch.hidden": hidden}) for hidden in ([24], [12, 12])]
    run_batch([SeedGroup(configs[0], (3, 0, 5), (0, 1, 2))], folder)
    run_batch([SeedGroup(configs[1], (3, 0), (3, 4))], folder)
    finish_sweep(configs[0].logger, folder, close_sweep(folder))
    return folder


@pytest.fixture(scope="module")
def run(folder):
    [run] = runs_of(folder)
    return run


@pytest.fixture(scope="module")
def records(folder):
    return [load_group(path) for path in require_groups(folder)]


def test_one_run_stays_open_for_all_batches(run):
    assert (run.name, run.group, run.job_type, run.project) == ("two shapes", "two shapes", "sweep", "neural-sculpting")
    assert run.tags == ["boolean_sep", "hidden 24", "hidden 12-12"]
    assert run.exit_code == 0


def test_its_configuration_has_all_values_of_the_batches(run):
    assert run.config["arch"] == {"name": "mlp", "hidden": [[24], [12, 12]]}
    assert run.config["training"]["lr"] == 0.05
    assert run.config["pruning"]["unit"].items() >= {"criterion": "loss_sensitivity", "step": [70]}.items()
    assert run.config["seed"] == [0, 3, 5]
    assert run.config["provenance"]["libraries"]["torch"]


@pytest.mark.parametrize(("group", "title"), [(0, "boolean_sep 4-24-4"), (1, "boolean_sep 4-12-12-4")])
def test_every_attempt_is_a_row_with_means_over_the_networks(group, title, run, records):
    check_rows(run, records[group].history, f"{title}/")


def test_its_tables_are_those_of_the_sweep(run, folder, records):
    rates = pd.read_csv(folder / "success_rates.csv")
    logged = pd.DataFrame(run.table("success_rates"))
    columns = ["layers", "criterion", "ties", "trials", "rate", "low", "high"]
    assert logged[columns].values.tolist() == rates[columns].values.tolist()
    assert logged["uses"].tolist() == [None] * len(rates)  # the task has no such parameter
    assert [row["reader"] for row in run.table("answers")] == ["paper"]
    trials = run.table("trials_table")
    trials_found = pd.concat([record.selected_trials for record in records])
    assert [row["job"] for row in trials] == [0, 1, 2, 3, 4]
    assert [row["exact"] for row in trials] == trials_found["exact"].tolist()
    assert [row["density"] for row in trials] == pytest.approx(trials_found["density"].tolist())
    graphs = [record.graphs[network] for record in records for network in record.selected_trials["network"]]
    expected = json.loads(json.dumps([graph_to_json(graph) for graph in graphs]))
    assert [json.loads(row["found"]) for row in trials] == expected


def test_its_chart_and_pictures_can_be_read(run, folder):
    exact = pd.read_csv(folder / "success_rates.csv").query("criterion == 'exact' and ties == 'strict'")
    chart = run.media("success_chart")
    for _, rate in exact.iterrows():
        assert f"{rate['rate']:.3f} ({rate['low']:.3f} – {rate['high']:.3f})" in chart
    [pictures] = [row["pictures"] for row in run.rows if "pictures" in row]
    logged = {(run.folder / "files" / file["path"]).read_text() for file in pictures["html"]}
    assert logged == {path.read_text() for path in folder.glob("pictures/*.svg")}
    assert len(logged) == 2  # the best trial of each shape


def test_its_summary_has_rates_and_means(run, records):
    trials_found = pd.concat([record.selected_trials for record in records])
    assert run.summary["success/exact"] == trials_found["exact"].mean()
    assert run.summary["success/input_separability"] == trials_found["input_separability"].mean()
    assert "success/hidden_unit_separability" not in run.summary  # the task has no such criterion
    assert run.summary["density"] == pytest.approx(trials_found["density"].mean())
    assert (run.summary["trials"], run.summary["networks"]) == (5, 5)
    assert run.summary["boolean_sep 4-24-4/success/exact"] == records[0].selected_trials["exact"].mean()
    assert set(json.loads(run.summary["hierarchy"])) >= {"nodes", "edges"}
    assert 0 <= run.summary["null_rewired_rate"] <= 1 or "agreement" not in run.summary
    assert 0 <= run.summary["agreement_low"] <= run.summary["agreement"] <= 1 or "agreement" not in run.summary
    assert "success/exact_low" not in run.summary  # there are two rates


def test_all_that_is_uploaded_later_is_in_the_folder_of_the_sweep(folder):
    staged = [path for path in (folder / "wandb" / "artifacts").rglob("*") if path.is_file()]
    columns = [json.loads(path.read_text())["columns"] for path in staged]
    assert any("rate" in names for names in columns)
    assert any("found" in names for names in columns)


def test_a_process_that_does_not_end_the_sweep_has_separate_runs(make_config, tmp_path):
    config = make_config({**WANDB, "training.epochs": 2})
    for seed in (0, 7):
        run_batch([SeedGroup(config, (seed,), (seed,))], tmp_path)
    first, second = runs_of(tmp_path)
    assert [first.name, second.name] == [f"{tmp_path.name} boolean_sep 4-24-4 seed {seed}" for seed in (0, 7)]
    for run in (first, second):
        assert (run.job_type, run.group, run.exit_code) == ("batch", tmp_path.name, 0)
        assert run.step_metrics["unit/*"] == "attempt"
        assert run.rows[0]["unit/density"] == 1
        assert run.summary["trials"] == 1
    finish_sweep(config.logger, tmp_path)
    ending = runs_of(tmp_path)[0]
    assert (ending.name, ending.job_type, ending.exit_code) == (tmp_path.name, "sweep", 1)
    assert [row["job"] for row in ending.table("trials_table")] == [0, 7]
    assert ending.config["seed"] == [0, 7]


def test_a_sweep_that_fails_before_its_first_attempt_leaves_nothing(make_config, tmp_path, monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr("neural_sculpting.pipeline.sculpt_in_memory", fail)
    begin_sweep(tmp_path)
    config = make_config(WANDB)
    with pytest.raises(MemoryError):
        run_batch([SeedGroup(config, (0,), (0,))], tmp_path)
    finish_sweep(config.logger, tmp_path)
    assert not (tmp_path / "wandb").exists()


def test_batches_of_one_name_have_separate_curves(make_config, tmp_path):
    begin_sweep(tmp_path)
    config = make_config({**WANDB, "training.epochs": 2, "trainer.max_networks": 1})  # memory splits the batch
    run_batch([SeedGroup(config, (0, 7), (0, 1))], tmp_path)
    finish_sweep(config.logger, tmp_path, Sweep.open(tmp_path))
    [run] = runs_of(tmp_path)
    first = [row for row in run.rows if "boolean_sep 4-24-4/unit/density" in row]
    second = [row for row in run.rows if "boolean_sep 4-24-4 batch 2/unit/density" in row]
    assert [rows[0]["attempt"] for rows in (first, second)] == [0, 0]
    assert {row["boolean_sep 4-24-4/unit/networks"] for row in first} == {1}
