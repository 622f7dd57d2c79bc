"""Titles of tasks and numbers of hierarchies over a whole sweep."""

from dataclasses import replace

import pandas as pd
import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.records.sweep import Sweep

CHAIN = hierarchy({"A": ((0, 1), ()), "B": ((2, 3), range(4))}, "AB")
RENAMED = hierarchy({9: ((2, 3), (2, 3)), 1: ((0, 1), (0, 1))})


@pytest.fixture
def alone(record):
    """A group of a single trial, as other launchers leave it: its hierarchy is number 0 in its group."""

    def make(graph, job, status="sculpted", **task):
        parameters = {**record.config.task.model_dump(), **task}
        config = record.config.model_copy(update={"task": type(record.config.task)(**parameters)})
        rows = (
            record.selected_trials.head(1)
            .assign(
                job=job, seed=job, network=0, status=status, hierarchy=pd.array([None if graph is None else 0], "Int64")
            )
            .assign(**{key: str(value) for key, value in task.items()})
        )
        return replace(record, config=config, trials=rows, networks=rows.drop(columns="network"), graphs=[graph])

    return make


def numbers(*groups):
    sweep = Sweep(groups)
    assert sweep.networks["hierarchy"].equals(sweep.trials["hierarchy"])
    assert sweep.by_job["hierarchy"].equals(sweep.trials["hierarchy"])
    return sweep.trials["hierarchy"].astype(object).where(sweep.trials["hierarchy"].notna(), None).tolist()


def test_the_same_hierarchy_has_the_same_number_in_all_groups_the_most_frequent_first(alone):
    found = [REUSED, SEPARATE, None, CHAIN, RENAMED]
    assert numbers(*(alone(graph, job) for job, graph in enumerate(found))) == [2, 0, None, 1, 0]
    # Of equally frequent ones that with fewer modules; a trial that does not perform the task does not count.
    assert numbers(alone(REUSED, 0), alone(CHAIN, 1), alone(REUSED, 2, status="lost")) == [1, 0, 1]


def test_groups_of_one_trial_and_of_several_have_the_same_numbers(record, alone):
    graphs = [REUSED, CHAIN, CHAIN]
    rows = record.selected_trials.assign(job=range(3), seed=range(3), network=range(3), status="sculpted")
    rows = rows.assign(hierarchy=pd.array([0, 1, 1], "Int64"))
    together = replace(record, trials=rows, networks=rows.drop(columns="network"), graphs=graphs)
    assert numbers(together) == numbers(*(alone(graph, job) for job, graph in enumerate(graphs))) == [1, 0, 0]
    assert numbers(*(alone(graph, 2 - job) for job, graph in enumerate(graphs))) == [0, 0, 1]  # by jobs, not by groups


def test_every_task_counts_for_itself(alone):
    groups = alone(SEPARATE, 0), alone(REUSED, 1, uses=2), alone(REUSED, 2, uses=2), alone(SEPARATE, 3, uses=2)
    assert numbers(*groups) == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("tasks", "titles"),
    [
        ([{"path": "data/penguins.csv"}], ["penguins.csv"]),
        ([{"path": "a/x.csv"}, {"path": "b/x.csv"}], ["x.csv path=a/x.csv", "x.csv path=b/x.csv"]),
        (
            [{"path": "x.csv", "outputs": ("a",)}, {"path": "x.csv", "outputs": ("b",)}],
            ["x.csv outputs=[a]", "x.csv outputs=[b]"],
        ),
        ([{"path": "x.csv", "split_seed": 0}, {"path": "x.csv", "split_seed": 1}], ["x.csv", "x.csv"]),
        ([{"path": "x.csv"}, {"name": "truth_table", "path": "x.csv"}], ["x.csv task=table", "x.csv task=truth_table"]),
        ([{"name": "mine", "path": "a/x.csv"}], ["mine path=a/x.csv"]),
    ],
)
def test_a_title_is_the_name_of_the_file_and_what_distinguishes_tasks(alone, tasks, titles):
    details = ("inputs", "outputs", "split_seed")
    groups = [
        replace(alone(SEPARATE, job, **{"name": "table", **task}), details=details) for job, task in enumerate(tasks)
    ]
    assert Sweep(tuple(groups)).titles == titles
    assert [cell.task for cell in Sweep(tuple(groups)).cells] == list(dict.fromkeys(titles))
