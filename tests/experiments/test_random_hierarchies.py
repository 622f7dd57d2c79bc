import pandas as pd
import pytest

from experiments.random_hierarchies.__main__ import (
    ANSWERS,
    CRITERIA,
    SHAPES,
    TASKS,
    TRIALS,
    RandomHierarchies,
    success_by_shape,
)
from neural_sculpting.config.composing import compose
from neural_sculpting.scoring.rates import wilson_interval
from neural_sculpting.tasks import build_task

SHAPE = {"depth": 2, "fan_in": 2, "reuse": 2, "sub_functions": 3}
ANSWERED = [f"{name}_{criterion}" for name in ANSWERS for criterion in CRITERIA]


def trials(*exact_by_task, answers):
    """Trials of tasks, each exact or not by itself; and whether the answer of each task is exact."""
    rows = [
        {"graph_seed": task, "exact": exact, "masks_exact": 0, "rewired_rate": 0.25, "status": "sculpted"}
        | dict.fromkeys(ANSWERED, 0)
        | {"answer_exact": answer, "ceiling_exact": 1}
        for task, (of_task, answer) in enumerate(zip(exact_by_task, answers, strict=True))
        for exact in of_task
    ]
    return pd.DataFrame(rows).assign(**SHAPE)


def test_answers_are_counted_over_tasks_and_trials_are_means_over_tasks():
    [line] = success_by_shape(trials([1, 1], [1, 0], [0, 0], answers=[1, 1, 0])).to_dict("records")
    assert (line["tasks"], line["trials"], line["hidden_layers"]) == (3, 6, 3)
    assert line["answer_exact"] == pytest.approx(2 / 3)
    assert (line["answer_exact_low"], line["answer_exact_high"]) == pytest.approx(wilson_interval(2, 3))
    assert (line["ceiling_exact"], line["rewired_exact"], line["dense_exact"]) == (1, 0, 0)
    assert (line["trials_exact"], line["trials_masks_exact"], line["learned"]) == (0.5, 0, 1)


def test_an_answer_that_is_missing_is_not_right():
    [line] = success_by_shape(trials([1, 1], [1, 0], answers=[1, None])).to_dict("records")
    assert line["answer_exact"] == 0.5


def test_the_page_shows_each_shape():
    study, rows = RandomHierarchies(), trials([1, 1], [1, 0], answers=[1, 1])
    text = "\n".join(study.sections(rows, study.tables(rows)))
    assert "2 tasks in\n1 shapes" in text
    assert "| 2     |      2 |     2 |" in text


@pytest.mark.parametrize(
    "shape", [SHAPES[0], *(pytest.param(shape, marks=pytest.mark.slow) for shape in SHAPES[1:])], ids=str
)
def test_every_sweep_can_be_composed_and_built(shape):
    first = [line for line in shape.overrides() if "range" not in line]
    config = compose([*first, "task.graph_seed=0"])
    task = build_task(config.task.name, **config.task.parameters)
    assert len(config.arch.hidden) == shape.hidden_layers
    assert task.n_inputs == shape.fan_in * shape.sub_functions


def test_there_are_as_many_tasks_as_promised():
    assert len(SHAPES) * TASKS >= 200
    assert len(set(SHAPES)) == len(SHAPES)
    assert TRIALS > 1
