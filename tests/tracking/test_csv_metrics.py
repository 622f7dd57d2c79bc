import csv

import pandas as pd
import pytest

from neural_sculpting.pipeline import SeedGroup, sculpt_groups
from neural_sculpting.tracking.csv_metrics import CsvTracker


def test_every_attempt_and_the_results_are_rows(config, tmp_path):
    tracker = CsvTracker(tmp_path)
    records = sculpt_groups([SeedGroup(config, (3, 0), (0, 1))], tracker)
    tracker.result(records)
    metrics = pd.read_csv(tmp_path / "metrics.csv")
    [record] = records
    assert metrics["step"].tolist() == list(range(len(metrics)))  # they go on through both phases
    for phase in ("unit", "edge"):
        logged = metrics[metrics[f"{phase}/attempt"].notna()]
        attempts = record.history[record.history["phase"] == phase].groupby("attempt")
        assert logged[f"{phase}/attempt"].tolist() == list(attempts.groups)
        assert logged[f"{phase}/networks"].tolist() == attempts.size().tolist()
        for name in ("accuracy", "loss", "accepted", "units", "edges", "density"):
            assert logged[f"{phase}/{name}"].tolist() == pytest.approx(attempts[name].mean().tolist()), name
    with (tmp_path / "metrics.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert float(last["success_rate"]) == record.selected_trials["exact"].mean()
    assert float(last["density"]) == record.selected_trials["density"].mean()
    assert float(last["trials"]) == 2
    assert float(last["seconds"]) == record.seconds
    assert last["unit/accuracy"] == ""
