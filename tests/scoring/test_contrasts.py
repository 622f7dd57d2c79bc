import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.scoring.diagnosis.contrasts import hidden_layers_needed, hierarchy_contrasts
from neural_sculpting.scoring.labels import NUMBERED

THREE = hierarchy(
    {"A": ((0, 1), ()), "B": ((2, 3), ()), "I": ((), ()), "E": ((), (0,)), "O": ((), (1,))}, "AI BI IE IO"
)


@pytest.mark.parametrize(
    ("found", "wanted", "sentences"),
    [
        (
            hierarchy({0: ((0, 1, 2, 3), (0, 1, 2, 3))}),
            SEPARATE,
            ["x0 x1 and x2 x3 are joined in one module", "y0 y1 and y2 y3 are joined in one module"],
        ),
        (
            hierarchy({0: ((0, 1, 2, 3), ()), 1: ((), (0,)), 2: ((), (2,)), 3: ((), (1, 3))}, [(0, 1), (0, 2), (0, 3)]),
            REUSED,
            ["y0 y2 are spread over 2 modules"],
        ),
        (
            hierarchy({0: ((0,), ()), 1: ((1, 2), ()), 2: ((3,), (0, 1, 2, 3))}, [(0, 2), (1, 2)]),
            hierarchy({"A": (range(4), range(4))}),
            ["x0–x3 are spread over 3 modules"],
        ),
        (
            hierarchy({0: (range(4), (0, 2)), 1: ((), (1, 3))}, [(0, 1)]),
            REUSED,
            ["x0–x3 and y0 y2 are one module, expected two"],
        ),
        (
            hierarchy({0: ((0, 1), ()), 1: ((), (0, 1)), 2: ((2, 3), (2, 3))}, [(0, 1)]),
            SEPARATE,
            ["x0 x1 and y0 y1 are two modules, expected one"],
        ),
        (
            hierarchy({0: (range(4), ()), 1: ((), ()), 2: ((), (0, 2)), 3: ((), (1, 3))}, [(0, 1), (1, 2), (0, 3)]),
            REUSED,
            [
                "1 module between inputs and outputs, expected 0",
                "no connection from the module of x0–x3 to that of y0 y2",
            ],
        ),
        (
            hierarchy({0: (range(4), ()), 2: ((), (0, 2)), 3: ((), (1, 3))}, [(0, 2), (0, 3), (2, 3)]),
            REUSED,
            ["a connection from the module of y0 y2 to that of y1 y3, which is not expected"],
        ),
        (
            hierarchy(
                {"A": ((0, 1), ()), "B": ((2, 3), ()), "I": ((), ()), "E": ((), (0,)), "O": ((), (1,))}, "AI BI IE"
            ),
            THREE,
            ["the modules between inputs and outputs are connected in another way"],
        ),
    ],
)
def test_differences_in_sentences(found, wanted, sentences):
    assert hierarchy_contrasts(found, wanted, NUMBERED) == sentences


@pytest.mark.parametrize(
    ("graph", "needed"),
    [
        (SEPARATE, 1),
        (REUSED, 2),  # the shared sub-function, then each of the two groups of outputs
        (THREE, 2),  # a single output needs no hidden unit
        (hierarchy({"A": ((0, 1), ()), "B": ((2,), (0,))}, "AB"), 2),
        (hierarchy({"A": ((0,), ()), "B": ((1,), (0,))}, "AB"), 1),
        (hierarchy({}), 0),
    ],
)
def test_hidden_layers_that_a_hierarchy_needs(graph, needed):
    assert hidden_layers_needed(graph) == needed
