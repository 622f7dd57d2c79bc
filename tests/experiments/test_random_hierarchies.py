import pandas as pd
import pytest

from experiments.random_hierarchies.__main__ import SHAPES, TASKS, TRIALS, RandomHierarchies, success_by_shape
from neural_sculpting.config.composing import compose
from neural_sculpting.tasks import build_task

SHAPE = {"depth": 2, "fan_in": 2, "reuse": 2, "sub_functions": 3}


def trials(*exact_by_task):
    rows = [
        {"graph_seed": task, "exact": exact, "status": "sculpted", "input_separability": 1, "output_sub_functions": 0}
        for task, of_task in enumerate(exact_by_task)
        for exact in of_task
    ]
    return pd.DataFrame(rows).assign(**SHAPE)


def test_rates_are_means_over_tasks():
    # Shares of the tasks: 1, 0.5 and 0, whose standard deviation is 0.5; t(0.975, 2) = 4.3027, so ± 1.242.
    [line] = success_by_shape(trials([1, 1], [1, 0], [0, 0])).to_dict("records")
    assert (line["tasks"], line["trials"], line["hidden_layers"]) == (3, 6, 3)
    assert line["exact"] == pytest.approx(0.5)
    assert line["exact_low"] == 0
    assert line["exact_high"] == 1
    assert (line["input_separability"], line["output_sub_functions"]) == (1, 0)
    assert line["solved_once"] == pytest.approx(2 / 3)
    assert line["learned"] == 1


def test_the_page_shows_each_shape():
    study, rows = RandomHierarchies(), trials([1, 1], [1, 0])
    text = "\n".join(study.sections(rows, study.tables(rows)))
    assert "2 tasks in 1 shapes" in text
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
