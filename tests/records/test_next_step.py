"""What to do next where trials disagree, by the cause."""

from types import SimpleNamespace

import pandas as pd
import pytest
from hierarchy_examples import hierarchy

from neural_sculpting.records.next_step import next_step
from neural_sculpting.scoring.co_membership import co_membership
from neural_sculpting.scoring.labels import labels_of

ALL = [hierarchy({0: (range(3), (0,))})] * 8
MIXED = [hierarchy({0: ((0, 1 + trial % 2), (0,))}) for trial in range(8)]
"""Trials that keep the first input, and one of the two others."""


@pytest.fixture
def cell(record, make_config):
    def make(
        graphs,
        names=("a", "b=y", "c"),
        measured=True,
        rows=100,
        density=0.05,
        hidden=(24,),
        steps=(70,),
        phases=("unit", "edge"),
        task=None,
    ):
        keys = {"arch.hidden": list(hidden), "pruning.unit.step": list(steps), "pruning.phases": list(phases)}
        config = make_config(keys)
        task = SimpleNamespace(parameters=task or {})
        group = SimpleNamespace(
            config=SimpleNamespace(task=task, arch=config.arch, pruning=config.pruning, analysis=config.analysis),
            layout=SimpleNamespace(layers=(len(names), *hidden, 1)),
            set_sizes=(rows,),
        )
        return SimpleNamespace(
            co_membership=co_membership(graphs, len(names), 1),
            trials=pd.DataFrame({"group": 0, "density": [density] * len(graphs), "accuracy": 0.9}),
            sweep=SimpleNamespace(groups=[group]),
            first_group=group,
            labels=labels_of(None, names, ["y"]),
            is_measured=measured,
            has_images=False,
        )

    return make


@pytest.mark.parametrize(
    ("graphs", "changes", "words"),
    [
        ([*ALL[:4], *[None] * 4], {}, "Only 4 of 8 trials perform the task"),
        ([None] * 2, {}, "No trial performs the task (accuracy at most 90.0%): give them training.dense_rounds=5"),
        (ALL[:5], {}, "5 trials are few"),
        (MIXED, {}, "2 inputs are kept by some trials and not by others, as where several carry the same information"),
        (MIXED, {}, ": try fewer inputs, such as those that most trials keep, a."),
        (MIXED, {"task": {"inputs": ()}}, "keep, 'task.inputs=[a]'."),
        (MIXED, {"task": {"inputs": ()}, "names": ("a (mm)", "b", "c")}, """keep, 'task.inputs=["a (mm)"]'."""),
        (MIXED, {"rows": 29}, "or as rows are few (29 to learn from, 3 inputs): try more rows, or fewer inputs"),
        (MIXED, {"measured": False}, "search several steps"),
        (ALL, {"density": 0.4}, "The median network keeps 40% of its edges"),
        (ALL, {}, "search several steps, 'pruning.unit.step=[70,50,30,10]'"),
        (ALL, {"phases": ["edge"]}, "search several steps, 'pruning.edge.step=[40,25,10]'"),
        (ALL, {"steps": (70, 50)}, "try two, such as 'arch.hidden=[24,24]'"),
        (ALL, {"steps": (70, 50), "hidden": (24, 24)}, "Several steps do not settle it"),
    ],
)
def test_the_first_cause_that_trials_support_decides(cell, graphs, changes, words):
    assert words in next_step(cell(graphs, **changes))
