import numpy as np
import pytest

from neural_sculpting.sculpting.observers import AttemptReport
from neural_sculpting.tracking.means import means, means_of_trials

NAN = float("nan")


def report(seeds, unit_steps, edge_steps, accuracy, phase="edge", attempt=3):
    count = len(seeds)
    return AttemptReport(
        phase=phase,
        attempt=attempt,
        seed=np.array(seeds),
        unit_step=np.array(unit_steps, dtype=float),
        edge_step=np.array(edge_steps, dtype=float),
        accuracy=np.array(accuracy, dtype=float),
        loss=np.arange(count) / 4,
        accepted=np.arange(count) % 2 == 0,
        units=np.full(count, 6),
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
    two, nine, five = means_of_trials(networks, [2, 9, 5], [70], [2.5, 5])
    assert nine is None  # it takes no part any more
    assert (two["networks"], two["accuracy"], two["edges"], two["accepted"]) == (2, 0.5, 20, 0)
    assert (five["networks"], five["accuracy"], five["edges"], five["accepted"]) == (2, 0.75, 10, 1)
    assert (five["loss"], five["density"], five["units"]) == (0.25, 0.125, 6)


def test_networks_with_steps_of_other_trials_do_not_count():
    networks = report([5, 5, 5, 5], [70, 50, 70, 50], [2.5, 2.5, 5, 5], [1.0, 0.5, 0.25, 0.0])
    [first] = means_of_trials(networks, [5], [70], [2.5])
    [second] = means_of_trials(networks, [5], [50], [2.5, 5])
    assert (first["networks"], first["accuracy"]) == (1, 1.0)
    assert (second["networks"], second["accuracy"]) == (2, 0.25)


def test_what_is_no_number_does_not_spoil_the_means_of_others(recwarn):
    networks = report([5, 5, 6], [70] * 3, [2.5] * 3, [1.0, NAN, NAN])
    found = means(networks)
    assert (found["networks"], found["accuracy"], found["edges"]) == (3, 1.0, 10)
    assert np.isnan(means(report([6], [70], [2.5], [NAN]))["accuracy"])
    five, six = means_of_trials(networks, [5, 6], [70], [2.5])
    assert (five["networks"], five["accuracy"], five["edges"]) == (2, 1.0, 5)
    assert np.isnan(six["accuracy"])
    assert six["edges"] == 20
    assert not list(recwarn)


def test_all_trials_of_a_seed_share_its_first_round():
    networks = report([5, 6], [NAN, NAN], [NAN, NAN], [1.0, 0.5], phase="unit", attempt=0)
    for steps in ([70], [50]):
        five, six = means_of_trials(networks, [5, 6], steps, [2.5])
        assert (five["accuracy"], six["accuracy"]) == (1.0, 0.5)
