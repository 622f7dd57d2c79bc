"""Sweeps become stored rows; stored rows become tables, figures and a page, without training."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from trial_examples import trials
from user_errors import message_of

from experiments.figures import Figure, main
from experiments.study import NOTES, ROWS, RUN, Study, markdown_table
from experiments.study import main as study_main
from neural_sculpting.paper.figures.tables import PLANS
from neural_sculpting.records.columns import ACCURACIES
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.store import new_group

MULTIRUN = """\
hydra:
  overrides:
    hydra: [hydra/launcher=batch, hydra.sweep.dir=somewhere, hydra.mode=MULTIRUN]
    task: [experiment=exemplar, 'seed=range(4)', resume=true]
"""
ABOUT = {
    **{"command": "python", "began": "2026-11-21T10:00:00+00:00", "finished": "2026-11-21T10:00:09+00:00"},
    **{"seconds_of_sculpting": 8.0, "groups": 1, "trials": 2, "networks": 4, "made_with": []},
}
BOOLEAN_COLUMNS = [
    *("task", "overlap", "uses", "hidden_layers", "layers", "seed", "selection", "status", "unit_step", "edge_step"),
    *("edges", "density", "window_share", "among"),
    *("exact", "relation", "refines", "input_separability", "output_sub_functions", "hidden_unit_separability"),
    *("exact_any_tie", "relation_any_tie", "refines_any_tie"),
    *("input_separability_any_tie", "output_sub_functions_any_tie"),
    "hidden_unit_separability_any_tie",
]
"""Columns of the stored rows of the Boolean experiments, in this order."""


def save(sweep: Path, record, first_job: int, created: str, seconds: float, **columns) -> None:
    """Save a group in a sweep: the rows of the record with other values in some columns."""
    with new_group(sweep, first_job) as group:
        rows = {name: getattr(record, name).assign(**columns) for name in ("networks", "trials")}
        group.write(replace(record, **rows))
        group.finish()
    path = sweep / "groups" / f"{first_job:04d}" / "group.json"
    about = json.loads(path.read_text()) | {"created": created, "seconds": seconds}
    path.write_text(json.dumps(about))


@pytest.fixture(scope="module")
def written_sweep(record, tmp_path_factory) -> Path:
    """Two groups of three trials each, four networks a trial."""
    folder = tmp_path_factory.mktemp("study") / "sweep"
    save(folder, record, 0, "2026-11-21T10:05:00+00:00", 60.25, layers="4-36-4")
    save(folder, record, 4, "2026-11-21T10:00:30+00:00", 30.0)
    (folder / "multirun.yaml").write_text(MULTIRUN)
    return folder


@pytest.fixture
def sweep(written_sweep, tmp_path) -> Path:
    """The same; to copy it takes less than to write it."""
    return shutil.copytree(written_sweep, tmp_path / "sweep")


@pytest.fixture
def exemplar(tmp_path) -> Figure:
    return Figure("exemplar", tmp_path / "kept")


class Seeds(Study):
    """The smallest study: two sweeps, and how many trials they have."""

    name, title, how = "seeds", "Seeds", "`make seeds` runs them. Made with"
    sweeps = {"few": ["seed=0"], "many": ["seed=0,1", "pictures=none"]}
    key = columns = ("sweep", "seed")

    def rows_of(self, group, sweep):
        return group.selected_trials.assign(sweep=sweep)

    def tables(self, rows):
        return {"seeds": rows.groupby("sweep", as_index=False).size()}

    def sections(self, rows, tables):
        return ["", markdown_table(["sweep", "trials"], [[name, str(n)] for name, n in tables["seeds"].to_numpy()])]


@pytest.fixture
def seeds(record, tmp_path) -> Seeds:
    """The smallest study, with both sweeps in ``tmp_path``."""
    for name in Seeds.sweeps:
        save(tmp_path / name, record, 0, "2026-11-21T10:05:00+00:00", 60.25)
    return Seeds(tmp_path / "kept")


def leave_plans(sweeps: Path, finished: bool | None) -> None:
    """Write the plans of all sweeps, finished or not; None for no sweeps."""
    for name in Seeds.sweeps if finished is not None else ():
        (sweeps / name).mkdir(parents=True, exist_ok=True)
        Plan(multirun=True, jobs=0, overrides=()).write(sweeps / name)
        if finished:
            (sweeps / name / "sweep.json").touch()  # it is written after the last group


def test_rows_come_back_as_they_were(sweep, record, exemplar):
    exemplar.store(sweep)
    rows, _ = exemplar.read()
    assert list(rows) == list(exemplar.columns) == BOOLEAN_COLUMNS
    assert len(rows) == 2 * len(record.trials)
    assert rows["layers"].drop_duplicates().tolist() == ["4-24-4", "4-36-4"]
    order = record.trials.sort_values(["seed", "selection"], ignore_index=True)
    for layers in ("4-24-4", "4-36-4"):
        kept = rows[rows["layers"] == layers].reset_index(drop=True)
        for name in set(BOOLEAN_COLUMNS) - {"layers", "density", "window_share"}:
            pd.testing.assert_series_equal(kept[name], order[name], check_dtype=False)
        for name in ("density", "window_share"):
            assert kept[name].tolist() == pytest.approx(order[name].tolist(), rel=1e-5, nan_ok=True)
    assert rows["exact"].dtype == "boolean"
    assert rows["hidden_unit_separability"].isna().all()


def test_columns_of_measures_are_stored_where_they_are_read(sweep, record, tmp_path):
    figure = Figure("mnist_xor", tmp_path / "kept")
    figure.store(sweep)
    rows, _ = figure.read()
    further = [name for name in rows if name not in BOOLEAN_COLUMNS]
    accuracies = [f"{dense}{name}" for name in ACCURACIES[:3] for dense in ("dense_", "")]
    middle = ["middle_layer_separability", "middle_layer_separability_any_tie"]
    assert further == ["input_agreement", *accuracies, *middle]
    assert rows["test_bit_accuracy"].isna().all()  # of a Boolean task
    order = record.trials.sort_values(["seed", "selection"])["dense_accuracy"].tolist()
    assert rows["dense_accuracy"].tolist() == pytest.approx([*order, *order], rel=1e-5)
    assert not set(middle) & set(Figure("mnist_pair").columns)


def test_how_the_rows_were_made_is_stored(sweep, exemplar):
    path = sweep / "groups" / "0004" / "group.json"
    exemplar.store(sweep)
    _, run = exemplar.read()
    [made_with] = run.pop("made_with")
    assert {"neural_sculpting", "git_commit", "python", "libraries", "machine"} == set(made_with)
    assert run == {
        "command": "python -m neural_sculpting.run -m experiment=exemplar 'seed=range(4)' hydra/launcher=batch",
        "began": "2026-11-21T10:00:00+00:00",
        "finished": "2026-11-21T10:05:00+00:00",
        "seconds_of_sculpting": 90.2,
        "groups": 2,
        "trials": 6,
        "networks": 24,
    }
    path.write_text(json.dumps(json.loads(path.read_text()) | {"python": "3.12.1"}))
    exemplar.store(sweep)
    assert [each["python"] for each in exemplar.read()[1]["made_with"]][1:] == ["3.12.1"]


def test_the_same_sweep_gives_the_same_files(sweep, tmp_path):
    one, two = (Figure("exemplar", tmp_path / name) for name in ("one", "two"))
    for figure in (one, two):
        figure.store(sweep)
    for name in (ROWS, RUN):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()


def test_trials_that_differ_in_more_than_the_seed_are_refused(sweep, record, exemplar):
    save(sweep, record, 8, "2026-11-21T10:06:00+00:00", 1.0)
    found = "sweep: has several trials of task=boolean_sep, hidden_layers=1, layers=4-24-4, seed=4, selection="
    assert found in message_of(exemplar.store, sweep)
    assert not exemplar.folder.exists()


def test_what_is_no_sweep_is_refused(sweep, exemplar, tmp_path):
    (sweep / "multirun.yaml").unlink()
    assert message_of(exemplar.store, sweep).endswith("multirun.yaml: missing; it contains the command of the sweep")
    assert message_of(exemplar.store, tmp_path / "nowhere").endswith("nowhere: contains no finished group of a sweep")
    nothing_stored = "trials.csv.gz: no rows are stored yet; store those of a sweep with --from"
    assert nothing_stored in message_of(exemplar.read)


@pytest.mark.parametrize(
    ("finished", "problem"), [(None, "no such sweep yet; --run makes it"), (False, "not finished; --run resumes it")]
)
def test_a_study_of_several_sweeps_needs_all_of_them(finished, problem, seeds, tmp_path):
    leave_plans(tmp_path, finished)
    assert message_of(seeds.store, tmp_path) == f"{tmp_path / 'few'}: {problem}"
    assert not seeds.folder.exists()


def test_a_study_from_its_sweeps_to_its_page(seeds, tmp_path, capsys):
    leave_plans(tmp_path, finished=True)
    assert study_main(seeds, ["--from", str(tmp_path)]) == 0
    written = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert written == ["seeds.csv", "README.md"]
    rows, run = seeds.read()
    assert rows.to_numpy().tolist() == [[name, seed] for name in ("few", "many") for seed in (0, 2, 4)]
    assert (run["command"], run["groups"], run["trials"]) == ("python -m experiments.seeds --run", 2, 6)
    page = (seeds.folder / "README.md").read_text(encoding="utf-8").split("\n\n")
    assert page[0] == "# Seeds"
    assert page[1].endswith("| few   |      3 |\n| many  |      3 |")
    assert page[2:4] == ["## How it was run", "`make seeds` runs them. Made with"]
    assert page[4].startswith("- neural_sculpting ")


class Patched(Seeds):
    """The same, whose stored rows stay where a folder has others."""

    partial = merges = True
    columns = ("sweep", "seed", "edges")


def test_rows_that_are_not_stored_anew_stay(seeds, record, tmp_path):
    study, again = Patched(seeds.folder), tmp_path / "again"
    study.store(tmp_path)
    before, _ = study.read()
    save(again / "many", record, 0, "2026-11-22T10:05:00+00:00", 9.0, edges=1)
    study.store(again)
    rows, run = study.read()
    few = before["sweep"] == "few"
    assert rows[few].equals(before[few])
    assert rows.loc[~few, ["seed", "edges"]].to_numpy().tolist() == [[0, 1], [2, 1], [4, 1]]
    assert (run["trials"], run["finished"]) == (6, "2026-11-22T10:05:00+00:00")
    assert len(run["made_with"]) == 1


@pytest.fixture
def stored(tmp_path) -> Path:
    """Stored rows of one figure: two trials."""
    folder = tmp_path / "reuse"
    folder.mkdir()
    trials({"task": "boolean_reused", "hidden_layers": 2}, sparsest=[True, False]).to_csv(folder / ROWS, index=False)
    (folder / RUN).write_text(json.dumps(ABOUT))
    return tmp_path


@pytest.mark.slow
def test_stored_rows_are_drawn_without_training(stored, capsys):
    (stored / "reuse" / NOTES).write_text("Half of them *failed*.\n")
    assert main(["--to", str(stored)], launch=pytest.fail) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(path.name for path in written) == ["README.md", "reuse.csv", "reuse.png", "reuse.svg"]
    assert all(path.parent == stored / "reuse" and path.stat().st_size > 100 for path in written)
    page = (stored / "reuse" / "README.md").read_text(encoding="utf-8")
    assert "| 2             |    8 | 2 of 12 | 1.00 (0.76–1.00) | ▼ 0.50" in page
    assert "\n\nHalf of them *failed*.\n\n" in page
    first = {path: path.read_bytes() for path in written}
    assert {path: path.read_bytes() for path in Figure("reuse", stored).write()} == first


@pytest.mark.parametrize(
    ("finished", "lines"),
    [
        (None, [["-m", "seed=0", "x=1", "hydra.sweep.dir='here/few'"]]),
        (False, [["-m", "seed=0", "x=1", "hydra.sweep.dir='here/few'", "resume=true"]]),
        (True, []),
    ],
    ids=["new", "interrupted", "finished"],
)
def test_sweeps_are_run_or_resumed(finished, lines, tmp_path, monkeypatch):
    """A sweep that fails ends the command with its code, before anything is stored; the finished ones have no group."""
    monkeypatch.chdir(tmp_path)
    leave_plans(Path("here"), finished)
    launched: list[list[str]] = []
    study = Seeds(tmp_path / "kept", launch=lambda words: launched.append(words) or 3)
    assert study_main(study, ["--from", "here", "--run", "x=1"]) == (1 if finished else 3)
    assert launched == lines
    assert not study.folder.exists()


def test_where_a_figure_is_run(stored):
    launched: list[list[str]] = []
    words = ["reuse", "--to", str(stored), "--run", "pictures=none"]
    assert main(words, launch=lambda line: launched.append(line) or 3) == 3
    assert launched == [["-m", "experiment=reuse", "pictures=none", "hydra.sweep.dir='multirun_outputs/reuse'"]]
    assert not (stored / "reuse" / "README.md").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["depth"], f"depth: no such experiment; there are {', '.join(PLANS)}"),
        (["reuse", "overlap", "--from", "somewhere"], "--run, --from and --readings: need exactly one experiment"),
        (["--run"], "--run, --from and --readings: need exactly one experiment"),
        (["reuse", "--from", "nowhere"], "nowhere: contains no finished group of a sweep"),
    ],
)
def test_mistakes(words, line, stored, capsys):
    assert main(["--to", str(stored), *words], launch=pytest.fail) == 1
    assert capsys.readouterr().err == f"error: {line}\n"


def test_columns_line_up():
    assert markdown_table(["task", "rate"], [["boolean_sep", "1.00"], ["b", "▼ 0.25"]]) == (
        "| task        |   rate |\n| ----------- | -----: |\n| boolean_sep |   1.00 |\n| b           | ▼ 0.25 |"
    )
