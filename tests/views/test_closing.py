import json
from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.records.group_files import FORMAT_VERSION
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.store import save_group
from neural_sculpting.views.closing import close_sweep

pytestmark = pytest.mark.slow

MADE = {
    "networks.parquet",
    "trials.csv",
    "success_rates.csv",
    "answers.csv",
    "sweep.json",
    "pictures",
    "groups",
    "plan.json",
}


def close(folder, jobs=None, experiment=None):
    Plan(True, jobs, (), experiment).write(folder)
    return close_sweep(folder)


@pytest.fixture(scope="module")
def record(record):
    """Without a page, which other tests are about."""
    return replace(record, config=record.config.model_copy(update={"report": "never"}))


@pytest.fixture
def sweep(record, tmp_path):
    """Two groups of three trials, the second with another learning rate; the jobs alternate."""
    for lr, jobs in ((0.05, [0, 2, 4]), (0.1, [1, 3, 5])):
        config = record.config.model_copy(update={"training": record.config.training.model_copy(update={"lr": lr})})
        networks = record.networks.assign(job=[job for job in jobs for _ in range(4)])
        group = replace(record, config=config, networks=networks, trials=record.selected_trials.assign(job=jobs))
        save_group(group, tmp_path)
    return tmp_path


def test_the_tables_of_a_sweep(sweep, record):
    assert not close(sweep, jobs=6).missing
    assert {path.name for path in sweep.iterdir()} == MADE
    trials = pd.read_csv(sweep / "trials.csv")
    assert trials["job"].tolist() == list(range(6))
    assert trials["training.lr"].tolist() == [0.05, 0.1] * 3
    assert trials["exact"].tolist() == [bool(exact) for exact in record.selected_trials["exact"] for _ in range(2)]
    networks = pd.read_parquet(sweep / "networks.parquet")
    assert len(networks) == 24
    assert networks["exact"].dtype == "boolean"
    rates = pd.read_csv(sweep / "success_rates.csv")
    exact = rates[(rates["criterion"] == "exact") & (rates["ties"] == "strict")]
    assert exact[["training.lr", "trials"]].to_numpy().tolist() == [[0.05, 3], [0.1, 3]]
    assert exact["successes"].tolist() == [record.selected_trials["exact"].sum()] * 2


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_tables_can_be_made_again(sweep):
    close(sweep)
    about = json.loads((sweep / "sweep.json").read_text())
    assert [group["config"]["training"]["lr"] for group in about["groups"]] == [0.05, 0.1]
    assert {"git_commit", "libraries", "neural_sculpting"} <= set(about["groups"][0])
    assert about["format_version"] == FORMAT_VERSION
    before = files_of(sweep)
    close(sweep)
    assert files_of(sweep) == before
    assert {path.name for path in sweep.iterdir()} == MADE  # nothing half-written remains


def test_jobs_without_a_row_are_missing(sweep, capsys):
    assert close(sweep, jobs=9).missing == 3
    assert "3 trials missing" in capsys.readouterr().out


def test_the_table_and_the_path_close_the_output(sweep, capsys, monkeypatch):
    monkeypatch.chdir(sweep.parent)
    close(sweep, jobs=6)
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert "success  95 % interval" in lines[0]
    picture = min(path.relative_to(sweep) for path in (sweep / "pictures").iterdir())
    assert lines[-2:] == [f"Results  {sweep.name}", f"Picture  {sweep.name}/{picture} and 1 more"]


def test_a_file_appears_when_it_is_complete(sweep, monkeypatch):
    """With a full disk the old files stay, and nothing half-written remains."""
    close(sweep)
    before = files_of(sweep)

    def fill_the_disk(self, path, **_):
        path.write_bytes(b"PAR1 and no more")
        raise OSError("no space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fill_the_disk)
    with pytest.raises(OSError, match="no space left"):
        close(sweep)
    assert files_of(sweep) == before


def test_the_last_file_means_that_all_are_written(sweep, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr("neural_sculpting.views.closing.draw_pictures", fail)
    with pytest.raises(RuntimeError):
        close(sweep)
    assert not (sweep / "sweep.json").exists()


@pytest.fixture
def one_by_one(record, tmp_path):
    """The trials of one group, each a group of its own; that of job 7 is the best."""
    trials = record.selected_trials.assign(exact=pd.array([False, True, True], dtype="boolean"), edges=[10, 20, 18])

    def save(*jobs, pictures="best"):
        for _, trial in trials[trials["job"].isin(jobs)].iterrows():
            config = record.config.model_copy(update={"seed": trial["seed"], "pictures": pictures})
            job = trials[trials["job"] == trial["job"]]
            networks = record.networks[record.networks["job"] == trial["job"]]
            rows = networks.index
            one = replace(
                record,
                config=config,
                networks=networks.reset_index(drop=True),
                trials=job.assign(network=job["network"] - rows[0]),
                packed=record.packed.take(rows.to_numpy()),
                graphs=[record.graphs[row] for row in rows],
            )
            save_group(one, tmp_path)
        return tmp_path

    return save


def drawn(folder):
    return sorted(path.name[:4] for path in (folder / "pictures").glob("*"))


@pytest.mark.parametrize(("pictures", "expected"), [("best", ["0007"]), ("all", ["0003", "0005", "0007"])])
def test_jobs_that_ran_one_by_one_have_the_pictures_of_a_group(one_by_one, pictures, expected):
    folder = one_by_one(3, 5, 7, pictures=pictures)
    close(folder)
    assert drawn(folder) == expected


def test_a_better_trial_replaces_the_best_so_far(one_by_one):
    folder = one_by_one(3, 5)
    close(folder)
    assert drawn(folder) == ["0005"]
    (folder / "pictures" / "mine.svg").touch()
    close(one_by_one(7))
    assert drawn(folder) == ["0007", "mine"]


def test_every_setting_has_its_best_trial(sweep):
    close(sweep)
    assert len(drawn(sweep)) == 2  # two learning rates


def test_an_experiment_of_the_paper_has_its_figure(one_by_one, capsys, monkeypatch):
    folder = one_by_one(3, 5, 7)
    monkeypatch.chdir(folder.parent)
    assert not close(folder, 3, "exemplar").missing
    assert capsys.readouterr().out.splitlines()[-1] == f"Figure   {folder.name}/exemplar.png"
    for name in ("exemplar.png", "exemplar.svg"):
        assert (folder / name).stat().st_size > 10_000
    table = pd.read_csv(folder / "exemplar.csv").set_index(["task", "hidden_layers"])
    assert table.loc[("boolean_sep", 1), ["sparsest_trials", "sparsest_successes"]].tolist() == [3, 2]
    assert table["sparsest_trials"].sum() == 3  # the other cells are empty


@pytest.mark.parametrize(
    ("experiment", "reason"),
    [
        (None, None),
        ("random_units", None),  # no experiment of the paper
        ("hierarchy", "No figure: none of the trials belongs to it"),
    ],
)
def test_other_trials_have_no_figure(one_by_one, capsys, experiment, reason):
    folder = one_by_one(3, 5, 7)
    close(folder, 3, experiment)
    lines = [line for line in capsys.readouterr().out.splitlines() if "igure" in line]
    assert lines == ([reason] if reason else [])
    assert {path.name for path in folder.iterdir()} == MADE


def test_repeated_trials_have_no_figure(sweep, capsys):
    close(sweep, 6, "exemplar")
    line = "No figure: boolean_sep 4-24-4 with seed 4 appears more than once (the sweep is over training.lr too)"
    assert capsys.readouterr().out.splitlines()[-1] == line
    assert {path.name for path in sweep.iterdir()} == MADE


def test_a_folder_without_a_finished_group_is_left_alone(tmp_path):
    with pytest.raises(UserError, match="contains no finished group of a sweep"):
        close_sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
