"""Means over networks, and their rows in ``metrics.csv``."""

import numpy as np
import pandas as pd
import pytest

from neural_sculpting.pipeline import SeedGroup, sculpt_groups
from neural_sculpting.tracking.attempt_metrics import METRICS, CsvTracker, means, means_by_seed

NAN = float("nan")


def report(seeds, unit_steps, edge_steps, accuracy, phase="edge", attempt=3):
    count = len(seeds)
    values = {"phase": phase, "attempt": attempt, "seed": seeds, "unit_step": unit_steps, "edge_step": edge_steps}
    return pd.DataFrame({**values, "accuracy": accuracy}).assign(
        loss=np.arange(count) / 4,
        accepted=np.arange(count) % 2 == 0,
        units=6,
        edges=np.arange(count) * 10,
        density=np.arange(count) / 8,
    )


def test_means_are_those_of_all_networks():
    found = means(report([0, 0, 1], [70, 70, 70], [2.5, 5, 5], [1.0, 0.5, 0.75]))
    assert found == {
        "networks": 3,
        "accuracy": 0.75,
        "loss": 0.25,
        "accepted": pytest.approx(2 / 3),
        "units": 6,
        "edges": 10,
        "density": 0.125,
    }


def test_each_trial_has_the_means_of_its_own_networks():
    networks = report([5, 2, 5, 2], [70, 70, 70, 70], [2.5, 2.5, 5, 5], [1.0, 0.25, 0.5, 0.75])
    assert means_by_seed(networks, [2, 9, 5], [70], [2.5, 5]) == {  # 9 takes no part any more
        2: {"networks": 2, "accuracy": 0.5, "loss": 0.5, "accepted": 0, "units": 6, "edges": 20, "density": 0.25},
        5: {"networks": 2, "accuracy": 0.75, "loss": 0.25, "accepted": 1, "units": 6, "edges": 10, "density": 0.125},
    }


@pytest.mark.parametrize(
    ("unit_steps", "edge_steps", "networks", "accuracy"), [([70], [2.5], 1, 1.0), ([50], [2.5, 5], 2, 0.25)]
)
def test_networks_with_steps_of_other_trials_do_not_count(unit_steps, edge_steps, networks, accuracy):
    every = report([5, 5, 5, 5], [70, 50, 70, 50], [2.5, 2.5, 5, 5], [1.0, 0.5, 0.25, 0.0])
    found = means_by_seed(every, [5], unit_steps, edge_steps)[5]
    assert (found["networks"], found["accuracy"]) == (networks, accuracy)


def test_what_is_not_finite_does_not_spoil_the_means_of_others(recwarn):
    networks = report([5, 5, 6, 5], [70] * 4, [2.5] * 4, [1.0, NAN, NAN, float("inf")])
    found = means(networks)
    assert (found["networks"], found["accuracy"], found["edges"]) == (4, 1.0, 15)
    assert np.isnan(means(report([6], [70], [2.5], [NAN]))["accuracy"])
    trials = means_by_seed(networks, [5, 6], [70], [2.5])
    assert (trials[5]["networks"], trials[5]["accuracy"]) == (3, 1.0)
    assert np.isnan(trials[6]["accuracy"])
    assert trials[6]["edges"] == 20
    assert not list(recwarn)


def test_all_trials_of_a_seed_share_its_first_round():
    networks = report([5, 6], [NAN, NAN], [NAN, NAN], [1.0, 0.5], phase="unit", attempt=0)
    for steps in ([70], [50]):
        trials = means_by_seed(networks, [5, 6], steps, [2.5])
        assert (trials[5]["accuracy"], trials[6]["accuracy"]) == (1.0, 0.5)


def test_every_attempt_and_the_results_are_rows(config, tmp_path):
    tracker = CsvTracker(tmp_path)
    records = sculpt_groups([SeedGroup(config, (3, 0), (0, 1))], tracker)
    tracker.result(records)
    metrics = pd.read_csv(tmp_path / "metrics.csv")
    [record] = records
    assert metrics["step"].tolist() == list(range(len(metrics)))  # continuous through both phases
    for phase in ("unit", "edge"):
        logged = metrics[metrics[f"{phase}/attempt"].notna()]
        attempts = record.history[record.history["phase"] == phase].groupby("attempt")
        assert logged[f"{phase}/attempt"].tolist() == list(attempts.groups)
        assert logged[f"{phase}/networks"].tolist() == attempts.size().tolist()
        for name in METRICS:
            assert logged[f"{phase}/{name}"].tolist() == pytest.approx(attempts[name].mean().tolist()), name
    last, trials = metrics.iloc[-1], record.selected_trials
    assert last["success_rate"] == trials["exact"].mean()
    assert last["density"] == pytest.approx(trials["density"].mean())
    assert (last["trials"], last["seconds"]) == (2, pytest.approx(record.seconds))
    assert np.isnan(last["unit/accuracy"])
