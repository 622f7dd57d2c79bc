from io import StringIO

import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy
from rich.console import Console

from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.terminal.hierarchy_tree import hierarchy_trees, lines_of


def drawn(graph, **options):
    text = StringIO()
    console = Console(file=text, width=80, color_system=None)
    for tree in hierarchy_trees(graph, **options):
        console.print(tree)
    return text.getvalue().splitlines()


def test_what_uses_stands_above_what_is_used():
    modules = {0: (range(4), ()), 1: (range(4, 8), ()), 2: ((), ()), 3: ((), (0, 1))}
    assert drawn(hierarchy(modules, [(0, 2), (1, 2), (2, 3)])) == [
        "y0 y1  D",
        "└── C",
        "    ├── A  x0–x3",
        "    └── B  x4–x7",
    ]


def test_modules_without_connections():
    assert drawn(SEPARATE) == ["y0 y1  A  x0 x1", "y2 y3  B  x2 x3"]
    assert drawn(hierarchy({})) == []


def test_a_module_that_two_use_appears_below_both():
    assert drawn(REUSED) == ["y0 y2  B", "└── A  x0–x3", "y1 y3  C", "└── A  x0–x3"]


def test_what_a_repeated_module_uses_is_not_repeated():
    modules = {"A": ((0, 1), ()), "B": ((), ()), "C": ((), (0,)), "D": ((), (1,))}
    assert drawn(hierarchy(modules, "AB BC BD")) == [
        "y0  C",
        "└── B",
        "    └── A  x0 x1",
        "y1  D",
        "└── B  (see above)",
    ]


def test_modules_that_use_each_other():
    modules = {"A": ((0,), (0,)), "B": ((1,), (1,))}
    lines = drawn(hierarchy(modules, "AB BA"))
    assert lines == ["y1  B  x1", "└── y0  A  x0", "    └── y1  B  x1  (see above)"]


@pytest.mark.parametrize(("graph", "lines"), [(SEPARATE, [1, 1]), (REUSED, [2, 2])])
def test_lines_are_counted(graph, lines):
    assert list(map(lines_of, hierarchy_trees(graph))) == lines


def test_inputs_may_have_other_names():
    assert drawn(SEPARATE, labels=Labels(inputs=lambda numbers: f"{len(numbers)} pixels"))[0] == "y0 y1  A  2 pixels"
