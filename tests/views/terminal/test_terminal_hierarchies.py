from dataclasses import replace

import pandas as pd
import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.records.cell import Cell
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.terminal.hierarchies import agreement_of


def labels(tree):
    return [str(tree.label), *(label for branch in tree.children for label in labels(branch))]


def agreement(record, graphs, exact, image_shape=None):
    """What three trials agree on that found these hierarchies."""
    expected = record.expected if image_shape is None else None
    shown = [*graphs, *record.graphs][: len(record.graphs)]
    group = replace(record, graphs=shown, image_shape=image_shape, expected=expected)
    sweep = Sweep((group,))
    trials = sweep.selected.assign(network=[0, 1, 2], exact=pd.array(exact, dtype="boolean"))
    return agreement_of(Cell(sweep, trials.head(len(graphs))))


@pytest.mark.parametrize(
    ("graphs", "exact", "heading", "lines"),
    [
        ([SEPARATE] * 3, [True] * 3, "hierarchy of 3 of 3 trials (as expected)", 2),
        ([REUSED, SEPARATE, REUSED], [False, True, False], "hierarchy of 2 of 3 trials (not the expected one)", 4),
        ([REUSED, None, REUSED], [True, False, False], "hierarchy of 2 of 3 trials (as expected in 1)", 4),
        ([SEPARATE] * 2 + [None], [pd.NA] * 3, "hierarchy of 2 of 3 trials", 2),
        ([REUSED, SEPARATE, None], [True, False, False], "2 different hierarchies in 3 trials", 0),
        ([SEPARATE, None, None], [True, False, False], "hierarchy of 1 of 3 trials (as expected)", 2),
    ],
)
def test_what_most_agree_on(record, graphs, exact, heading, lines):
    found = agreement(record, graphs, exact)
    assert found.heading == heading
    assert sum(len(labels(tree)) for tree in found.trees) == lines


def test_one_trial(record):
    assert agreement(record, [SEPARATE], [True] * 3).heading == "hierarchy (as expected)"


def test_no_hierarchy(record):
    assert agreement(record, [None, None, None], [False] * 3) is None


def test_a_large_hierarchy_is_not_drawn(record):
    modules = {0: ((0,), ()), **{number: ((), (number,)) for number in range(1, 10)}}
    large = hierarchy(modules, [(0, number) for number in range(1, 10)])
    found = agreement(record, [large] * 3, [False] * 3)
    assert found.heading == "hierarchy of 3 of 3 trials (not the expected one): 10 modules"
    assert found.trees == ()


def test_pixels_are_counted_in_one_trial_and_named_in_several(record):
    found = [hierarchy({0: (left, (0, 1)), 1: (range(4, 7), (2, 3))}) for left in ((0, 1), (2,), (0, 3))]
    several = agreement(record, found, [False] * 3, image_shape=(2, 2))
    assert several.heading == "hierarchy of 3 of 3 trials (not the expected one)"
    assert [label for tree in several.trees for label in labels(tree)] == [
        "y0 y1  A  left pixels",
        "y2 y3  B  right pixels",
    ]
    single = agreement(record, found[:1], [False] * 3, image_shape=(2, 2))
    assert labels(single.trees[1]) == ["y2 y3  B  3 right pixels"]


@pytest.mark.parametrize(("lines", "shown"), [(1, 1), (16, 16), (17, 0)])
def test_formulas_are_those_of_the_best_trial_that_has_it(record, lines, shown):
    sweep = Sweep((replace(record, graphs=[SEPARATE, REUSED, SEPARATE, *record.graphs[3:]]),))
    trials = sweep.selected.assign(network=[0, 1, 2], exact=True, edges=[9, 7, 8])
    sweep._formulas[0, 2] = ["y0 = x0"] * lines
    found = agreement_of(Cell(sweep, trials))
    assert found.formulas_heading == f"what its modules compute (4-24-4, seed {trials['seed'].iloc[2]})"
    assert list(found.formulas) == ["y0 = x0"] * shown
