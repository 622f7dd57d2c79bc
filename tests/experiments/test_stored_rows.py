import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from experiments.stored_rows import ROWS, RUN, columns_of, read, store
from neural_sculpting.errors import UserError
from neural_sculpting.records.network_rows import ACCURACIES
from neural_sculpting.records.store import new_group

MULTIRUN = """\
hydra:
  overrides:
    hydra: [hydra/launcher=batch, hydra.sweep.dir=somewhere, hydra.mode=MULTIRUN]
    task: [experiment=exemplar, 'seed=range(4)', resume=true]
"""


def save(sweep: Path, record, first_job: int, created: str, seconds: float, **columns) -> None:
    """Leave a group in a sweep: the rows of the record with other values in some columns."""
    with new_group(sweep, first_job) as group:
        rows = {name: getattr(record, name).assign(**columns) for name in ("networks", "trials")}
        group.save(replace(record, **rows))
    path = sweep / "groups" / f"{first_job:04d}" / "group.json"
    about = json.loads(path.read_text()) | {"created": created, "seconds": seconds}
    path.write_text(json.dumps(about))


BOOLEAN_COLUMNS = [
    "task",
    "overlap",
    "uses",
    "hidden_layers",
    "layers",
    "seed",
    "selection",
    "status",
    "unit_step",
    "edge_step",
    "edges",
    "density",
    "confidence",
    "among",
    "exact",
    "input_separability",
    "output_sub_functions",
    "hidden_unit_separability",
    "exact_any_tie",
    "input_separability_any_tie",
    "output_sub_functions_any_tie",
    "hidden_unit_separability_any_tie",
]
"""What the stored rows of the Boolean experiments have, in this order."""


@pytest.fixture
def sweep(record, tmp_path) -> Path:
    """Two groups of three trials each, four networks a trial."""
    folder = tmp_path / "sweep"
    save(folder, record, 0, "2026-11-21T10:05:00+00:00", 60.25, layers="4-36-4")
    save(folder, record, 4, "2026-11-21T10:00:30+00:00", 30.0)
    (folder / "multirun.yaml").write_text(MULTIRUN)
    return folder


def test_rows_come_back_as_they_were(sweep, record, tmp_path):
    store(sweep, tmp_path / "kept", "exemplar")
    trials, _ = read(tmp_path / "kept")
    assert list(trials) == columns_of("exemplar") == list(BOOLEAN_COLUMNS)
    assert len(trials) == 2 * len(record.trials)
    assert trials["layers"].drop_duplicates().tolist() == ["4-24-4", "4-36-4"]
    order = record.trials.sort_values(["seed", "selection"], ignore_index=True)
    for layers in ("4-24-4", "4-36-4"):
        kept = trials[trials["layers"] == layers].reset_index(drop=True)
        for name in set(BOOLEAN_COLUMNS) - {"layers", "density", "confidence"}:
            pd.testing.assert_series_equal(kept[name], order[name], check_dtype=False)
        for name in ("density", "confidence"):
            assert kept[name].tolist() == pytest.approx(order[name].tolist(), rel=1e-5, nan_ok=True)
    assert trials["exact"].dtype == "boolean"
    assert trials["hidden_unit_separability"].isna().all()


def test_tables_of_measures_find_what_they_read(sweep, record, tmp_path):
    store(sweep, tmp_path, "mnist_xor")
    trials, _ = read(tmp_path)
    further = [name for name in trials if name not in BOOLEAN_COLUMNS]
    accuracies = [f"{dense}{name}" for name in ACCURACIES for dense in ("dense_", "")]
    middle = ["middle_layer_separability", "middle_layer_separability_any_tie"]
    assert further == ["input_agreement", *accuracies, *middle]
    assert trials["test_bit_accuracy"].isna().all()  # of a Boolean task
    order = record.trials.sort_values(["seed", "selection"])["dense_accuracy"].tolist()
    assert trials["dense_accuracy"].tolist() == pytest.approx([*order, *order], rel=1e-5)
    assert not set(middle) & set(columns_of("mnist_pair"))


def test_how_they_were_made_stands_beside_them(sweep, tmp_path):
    store(sweep, tmp_path / "kept", "exemplar")
    _, run = read(tmp_path / "kept")
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


def test_groups_made_with_different_versions_are_told_apart(sweep, tmp_path):
    path = sweep / "groups" / "0004" / "group.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"python": "3.12.1"}))
    store(sweep, tmp_path / "kept", "exemplar")
    _, run = read(tmp_path / "kept")
    assert len(run["made_with"]) == 2
    assert "3.12.1" in [each["python"] for each in run["made_with"]]


def test_the_same_sweep_gives_the_same_files(sweep, tmp_path):
    store(sweep, tmp_path / "one", "exemplar")
    store(sweep, tmp_path / "two", "exemplar")
    for name in (ROWS, RUN):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_two_thousand_rows_stay_small(sweep, tmp_path):
    """The largest experiment: 225 rows of four trials, two selections each."""
    store(sweep, tmp_path, "exemplar")
    trials, _ = read(tmp_path)
    many = pd.concat([trials] * (1800 // len(trials)))
    many["density"] = [number / 1777 for number in range(len(many))]
    many.to_csv(tmp_path / "many.csv.gz", index=False, float_format="%.6g")
    assert (tmp_path / "many.csv.gz").stat().st_size < 100_000


def test_trials_that_differ_in_more_than_the_seed_are_refused(sweep, record, tmp_path):
    save(sweep, record, 8, "2026-11-21T10:06:00+00:00", 1.0)
    with pytest.raises(UserError, match=r"sweep: has several trials of boolean_sep 4-24-4 with seed 4; the figures"):
        store(sweep, tmp_path / "kept", "exemplar")
    assert not (tmp_path / "kept").exists()


def test_what_is_no_sweep_is_refused(sweep, tmp_path):
    (sweep / "multirun.yaml").unlink()
    with pytest.raises(UserError, match=r"multirun\.yaml: missing; it tells the command of the sweep$"):
        store(sweep, tmp_path / "kept", "exemplar")
    with pytest.raises(UserError, match=r"nowhere: holds no finished group of a sweep$"):
        store(tmp_path / "nowhere", tmp_path / "kept", "exemplar")


def test_nothing_stored(tmp_path):
    with pytest.raises(UserError, match=r"trials\.csv\.gz: no rows are stored yet; store those of a sweep with --from"):
        read(tmp_path)
