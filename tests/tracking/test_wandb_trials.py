import json

import pytest
from wandb_files import check_rows, runs_of

from neural_sculpting.analysis import graph_from_json
from neural_sculpting.pipeline import SeedGroup, run_batch
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.tracking import begin_sweep, finish_sweep
from neural_sculpting.views.pictures.trial_pictures import picture_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_wandb_variables")]

WANDB = {"logger.kind": "wandb", "logger.mode": "offline", "logger.runs": "trial", "pictures": "all", "tags": ["pilot"]}


@pytest.fixture(scope="module")
def folder(make_config, tmp_path_factory):
    """A sweep of four trials, two of each part; edge steps are searched in each."""
    folder = tmp_path_factory.mktemp("sweeps") / "trials"
    begin_sweep(folder)
    configs = [
        make_config({**WANDB, "pruning.unit.step": unit, "pruning.edge.step": [5, 2.5]}) for unit in ([70], [35])
    ]
    run_batch([SeedGroup(configs[0], (3, 0), (0, 1)), SeedGroup(configs[1], (3, 0), (2, 3))], folder)
    finish_sweep(configs[0].logger, folder, Sweep.open(folder))
    return folder


@pytest.fixture(scope="module")
def runs(folder):
    """By the numbers of their jobs, without the closing one."""
    return {run.config["job"]: run for run in runs_of(folder) if run.job_type == "trial"}


@pytest.fixture(scope="module")
def records(folder):
    return [load_group(path) for path in require_groups(folder)]


def test_each_trial_has_a_run(runs, folder):
    assert sorted(runs) == [0, 1, 2, 3]
    assert [runs[job].config["seed"] for job in range(4)] == [3, 0, 3, 0]
    for job, run in runs.items():
        assert run.name == f"boolean_sep 4-24-4 seed {run.config['seed']} job {job}"
        assert (run.group, run.exit_code, run.tags) == (folder.name, 0, ["boolean_sep", "hidden 24", "pilot"])
        assert run.config["pruning"]["unit"]["step"] == ([70] if job < 2 else [35])
        assert run.config["pruning"]["edge"]["step"] == [5, 2.5]


def test_its_rows_are_means_over_its_networks(runs, records):
    for job, run in runs.items():
        history = records[job // 2].history
        own = history[history["seed"] == run.config["seed"]]
        check_rows(run, own)
        assert max(row["edge/networks"] for row in run.rows if "edge/networks" in row) == 2  # the searched steps


def test_its_summary_and_picture_are_those_of_its_selected_network(runs, records):
    for job, run in runs.items():
        record = records[job // 2]
        trial = record.selected_trials.set_index("job", drop=False).loc[job]
        assert run.summary["success/exact"] == int(trial["exact"])
        assert run.summary["status"] == trial["status"]
        assert "exact" not in run.summary  # it is success/exact
        for name in ("density", "edges", "units", "modules", "accuracy", "dense_accuracy", "edge_rounds"):
            assert run.summary[name] == pytest.approx(trial[name]), name
        graph = graph_from_json(json.loads(run.summary["hierarchy"]))
        expected = record.graphs[trial["network"]]
        assert graph.nodes(data="inputs") == expected.nodes(data="inputs")
        assert set(graph.edges) == set(expected.edges)
        assert run.media("picture") == picture_of(record, trial)


def test_the_sweep_has_a_closing_run(folder, runs):
    [closing] = [run for run in runs_of(folder) if run.job_type == "sweep"]
    assert (closing.name, closing.exit_code) == (folder.name, 0)
    assert closing.config["pruning"]["unit"]["step"] == [[70], [35]]
    assert [row["job"] for row in closing.table("trials_table")] == [0, 1, 2, 3]
