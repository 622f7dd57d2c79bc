from dataclasses import replace

import pandas as pd
import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.records.cell import Cell
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.terminal.hierarchies import agreement_lines, hierarchy_lines


@pytest.mark.parametrize(
    ("graph", "lines"),
    [
        (hierarchy({}), []),
        (SEPARATE, ["y0 y1  A  x0 x1", "y2 y3  B  x2 x3"]),
        (  # a module above those that it uses
            hierarchy(
                {0: (range(4), ()), 1: (range(4, 8), ()), 2: ((), ()), 3: ((), (0, 1))}, [(0, 2), (1, 2), (2, 3)]
            ),
            ["y0 y1  D", "└── C", "    ├── A  x0–x3", "    └── B  x4–x7"],
        ),
        (  # one that two use, below both
            REUSED,
            ["y0 y2  B", "└── A  x0–x3", "y1 y3  C", "└── A  x0–x3"],
        ),
        (  # what a repeated one uses is not repeated
            hierarchy({"A": ((0, 1), ()), "B": ((), ()), "C": ((), (0,)), "D": ((), (1,))}, "AB BC BD"),
            ["y0  C", "└── B", "    └── A  x0 x1", "y1  D", "└── B  (see above)"],
        ),
        (
            hierarchy({"A": ((0,), (0,)), "B": ((1,), ()), "C": ((), (1,))}, "AC BC"),
            ["y1  C", "├── y0  A  x0", "└── B  x1"],
        ),
        (  # two that use each other
            hierarchy({"A": ((0,), (0,)), "B": ((1,), (1,))}, "AB BA"),
            ["y1  B  x1", "└── y0  A  x0", "    └── y1  B  x1  (see above)"],
        ),
    ],
)
def test_a_hierarchy_is_a_tree_of_text(graph, lines):
    assert hierarchy_lines(graph) == lines


def test_inputs_may_have_other_names():
    labels = Labels(inputs=lambda numbers: f"{len(numbers)} pixels")
    assert hierarchy_lines(SEPARATE, labels)[0] == "y0 y1  A  2 pixels"


NULL = ", 0 with rewired edges"


def agreement(record, graphs, exact, image_shape=None):
    """The heading and the tree of three trials that found these hierarchies."""
    expected = record.expected if image_shape is None else None
    shown = [*graphs, *record.graphs][: len(record.graphs)]
    sweep = Sweep((replace(record, graphs=shown, image_shape=image_shape, expected=expected),))
    sweep._formulas.update({(0, network): [] for network in range(3)})
    trials = sweep.selected.assign(network=[0, 1, 2], exact=pd.array(exact, dtype="boolean"))
    lines = agreement_lines(Cell(sweep, trials.head(len(graphs))), width=100)
    assert [style for _, style in lines] == ["bold", *[None] * (len(lines) - 1)][: len(lines)]
    return [text.removesuffix(NULL) for text, _ in lines]


@pytest.mark.parametrize(
    ("graphs", "exact", "heading", "lines"),
    [
        ([SEPARATE] * 3, [True] * 3, "hierarchy of 3 of 3 trials (as expected)", 2),
        ([REUSED, SEPARATE, REUSED], [False, True, False], "hierarchy of 2 of 3 trials (not the expected one)", 4),
        ([REUSED, None, REUSED], [True, False, False], "hierarchy of 2 of 3 trials (as expected in 1)", 4),
        ([SEPARATE] * 2 + [None], [pd.NA] * 3, "hierarchy of 2 of 3 trials", 2),
        ([REUSED, SEPARATE, None], [True, False, False], "no consensus: 2 different hierarchies in 3 trials", 2),
        ([SEPARATE, None, None], [True, False, False], "hierarchy of 1 of 3 trials (as expected)", 2),
        ([SEPARATE], [True] * 3, "hierarchy (as expected)", 2),
    ],
)
def test_the_most_frequent_hierarchy(record, graphs, exact, heading, lines):
    found = agreement(record, graphs, exact)
    assert found[0] == heading
    assert len(found) == 1 + lines


def test_no_hierarchy(record):
    assert agreement(record, [None, None, None], [False] * 3) == []


def test_a_large_hierarchy_is_not_drawn(record):
    modules = {0: ((0,), ()), **{number: ((), (number,)) for number in range(1, 10)}}
    large = hierarchy(modules, [(0, number) for number in range(1, 10)])
    found = agreement(record, [large] * 3, [False] * 3)
    assert found == [f"hierarchy of 3 of 3 trials (not the expected one){NULL}: 10 modules"]


def test_pixels_are_counted_in_one_trial_and_named_in_several(record):
    graphs = [hierarchy({0: (left, (0, 1)), 1: (range(4, 7), (2, 3))}) for left in ((0, 1), (2,), (0, 3))]
    assert agreement(record, graphs, [False] * 3, image_shape=(2, 2)) == [
        "hierarchy of 3 of 3 trials (not the expected one)",
        "y0 y1  A  left pixels",
        "y2 y3  B  right pixels",
    ]
    assert agreement(record, graphs[:1], [False] * 3, image_shape=(2, 2))[2] == "y2 y3  B  3 right pixels"


@pytest.mark.parametrize(("lines", "shown"), [(1, 1), (16, 16), (17, 0)])
def test_formulas_are_those_of_the_best_trial_that_has_it(record, lines, shown):
    sweep = Sweep((replace(record, graphs=[SEPARATE, REUSED, SEPARATE, *record.graphs[3:]]),))
    trials = sweep.selected.assign(network=[0, 1, 2], exact=True, edges=[9, 7, 8])
    sweep._formulas[0, 2] = ["y0 = x0"] * lines
    heading = (f"what its modules compute (4-24-4, seed {trials['seed'].iloc[2]})", "bold")
    assert (
        agreement_lines(Cell(sweep, trials))[3:] == [heading, *[("y0 = x0", None)] * shown][: 1 + shown if shown else 0]
    )
