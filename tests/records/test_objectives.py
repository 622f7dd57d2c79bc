"""The value of each trial for the objective of a search."""

from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.config.objectives import DIRECTIONS, worst_value
from neural_sculpting.records.objectives import objective_values


def with_trials(record, **columns):
    """The record with other values of its trials, in the order of their jobs."""
    trials, chosen = record.trials.copy(), record.selected_trials.index
    for name, values in columns.items():
        dtype = trials[name].dtype
        trials[name] = trials[name].astype(object)
        trials.loc[chosen, name] = pd.Series(values, index=chosen, dtype=object)
        trials[name] = trials[name].astype(dtype)
    return replace(record, trials=trials)


def test_success_is_that_of_the_selected_network(record):
    assert objective_values(with_trials(record, exact=[True, False, True]), "success") == [1.0, 0.0, 1.0]


def test_success_is_not_known_where_no_hierarchy_is_expected(record):
    values = objective_values(with_trials(record, exact=[pd.NA] * 3), "success")
    assert all(value != value for value in values)


@pytest.mark.parametrize(
    ("statuses", "accuracies", "densities"),
    [
        (["sculpted"] * 3, [0.9, 0.8, 0.7], [0.1, 0.2, 0.3]),
        (["sculpted", "constant", "failed"], [0.9, 0.8, 0.0], [0.1, 1.0, 1.0]),
        (["lost", "never_learned", "sculpted"], [0.9, 0.8, 0.7], [1.0, 1.0, 0.3]),
    ],
)
def test_a_failed_trial_has_the_worst_value(record, statuses, accuracies, densities):
    changed = with_trials(record, status=statuses, accuracy=[0.9, 0.8, 0.7], density=[0.1, 0.2, 0.3])
    assert objective_values(changed, "accuracy") == accuracies
    assert objective_values(changed, "density") == densities


@pytest.mark.parametrize(
    ("found", "statuses", "values"),
    [
        ((0, 0, 1), ["sculpted"] * 3, [1.0, 1.0, 0.0]),
        ((1, 0, 0), ["sculpted"] * 3, [0.0, 1.0, 1.0]),
        ((0, 0, 0), ["sculpted", "lost", "sculpted"], [1.0, 0.0, 1.0]),
        ((0, 1, 2), ["sculpted"] * 3, [0.0] * 3),  # a single trial agrees with nobody
        ((0, 1, 1), ["sculpted", "constant", "constant"], [0.0] * 3),
    ],
)
def test_trials_agree_if_they_found_the_hierarchy_that_most_found(record, found, statuses, values):
    graph = next(graph for graph in record.graphs if graph is not None)
    different = [graph.copy() for _ in range(3)]
    for number, each in enumerate(different):
        each.add_nodes_from((f"more {extra}", {"inputs": (), "outputs": ()}) for extra in range(number))
    graphs = list(record.graphs)
    for network, number in zip(record.selected_trials["network"], found, strict=True):
        graphs[network] = different[number]
    changed = replace(with_trials(record, status=statuses), graphs=graphs)
    assert objective_values(changed, "agreement") == values


def test_what_fails_counts_as_the_worst():
    assert {objective: worst_value(objective) for objective in DIRECTIONS} == {
        **{"success": 0.0, "agreement": 0.0, "accuracy": 0.0, "density": 1.0}
    }
