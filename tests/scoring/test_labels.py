"""The names of inputs, outputs and modules, and the levels that the letters of modules follow."""

import networkx as nx
import pytest
from hierarchy_examples import hierarchy

from neural_sculpting.scoring.labels import (
    input_label,
    labels_of,
    module_letters,
    module_levels,
    named_label,
    naming_note,
    side_label,
)


@pytest.mark.parametrize(
    ("numbers", "label"),
    [
        ((), ""),
        ((3,), "x3"),
        ((0, 1), "x0 x1"),
        ((0, 1, 2), "x0–x2"),
        ((0, 1, 2, 3, 5), "x0–x3 x5"),
        ((0, 2, 4), "x0 x2 x4"),
        ((0, 2, 4, 6), "x0 x2…x6"),
        ((1, 3, 5, 7, 9, 11, 13, 15), "x1 x3…x15"),
        ((0, 2, 3, 4), "x0 x2–x4"),
        ((0, 2, 4, 6, 7, 8, 9), "x0 x2…x6 x7–x9"),
        ((0, 3, 6, 9, 12), "x0 x3 x6 x9 x12"),
        ((0, 3, 6, 9, 12, 15), "x0 x3 x6 x9 … (6)"),
        (tuple(range(1568)), "x0–x1567"),
        ([0, 1, 2], "x0–x2"),
    ],
)
def test_labels_are_short(numbers, label):
    assert input_label(numbers) == label


@pytest.mark.parametrize(
    ("numbers", "counted", "sides"),
    [
        ((), "", ""),
        ((0,), "1 left pixel", "left pixels"),
        ((4, 5), "2 right pixels", "right pixels"),
        ((0, 3, 4), "2 left, 1 right pixels", "left and right pixels"),
        (tuple(range(4)), "4 left pixels", "left pixels"),
    ],
)
def test_pixels_of_two_images(numbers, counted, sides):
    assert labels_of((2, 2)).inputs(numbers) == counted
    assert side_label(numbers, 4) == sides


def test_inputs_and_outputs_are_numbered_or_have_the_names_of_columns():
    assert labels_of().inputs((0, 1, 2)) == "x0–x2"
    assert labels_of().outputs((1,)) == "y1"
    named = labels_of(None, ("age", "body mass", "city=Ulm"), ("ill",))
    assert named.inputs((0, 2)) == "age, city=Ulm"
    assert named.outputs((0,)) == "ill"
    assert named.inputs(()) == ""


@pytest.mark.parametrize(
    ("names", "one_hot_inputs", "note"),
    [
        (("a", "b"), (), ""),
        (("a", "vote=y", "b=2"), (), "vote=y is 1 where vote is y, and 0 elsewhere."),
        (
            ("city=Bath=a", "city=Ulm", "y"),
            (2,),
            "city=Bath=a is 1 where city is Bath=a, and 0 elsewhere. Of several inputs from one column, exactly one "
            "is 1.",
        ),
    ],
)
def test_names_with_values_are_explained(names, one_hot_inputs, note):
    assert naming_note(names, one_hot_inputs) == note


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["bit0", "bit1", "bit2", "bit4"], "bit0–bit2 bit4"),
        (["x10", "x11"], "x10 x11"),
        (["a1", "b2", "b3"], "a1, b2, b3"),
        (["b3", "b2"], "b3, b2"),  # not in the order of their numbers
        (["x01", "x02", "x03"], "x01, x02, x03"),
        (["a", "b", "c", "d", "e"], "a, b, c, d, e"),
        (["a", "b", "c", "d", "e", "f"], "a, b, c, d … (6)"),
    ],
)
def test_named_labels_are_short(names, label):
    assert named_label(names, range(len(names))) == label


@pytest.mark.parametrize(
    ("modules", "edges", "levels"),
    [
        # The longest path counts; within a level the smallest input or output.
        (
            {0: ((0, 1), ()), 1: ((2,), ()), 2: ((), ()), 3: ((), (1,)), 4: ((), (0,))},
            [(0, 2), (1, 2), (2, 3), (2, 4), (0, 4)],
            [[0, 1], [2], [4, 3]],
        ),
        # Modules that use each other share a level.
        ({0: ((1,), ()), 1: ((0,), ()), 2: ((), (0,))}, [(0, 1), (1, 0), (1, 2)], [[1, 0], [2]]),
        # A constant output is with the other outputs.
        ({0: ((0, 1), ()), 1: ((), (1,)), 2: ((), (0,))}, [(0, 1)], [[0], [2, 1]]),
        ({0: ((), (0,)), 1: ((), (1,))}, [], [[0, 1]]),
        ({}, [], []),
    ],
)
def test_levels_of_modules(modules, edges, levels):
    assert module_levels(hierarchy(modules, edges)) == levels


def test_letters_follow_the_reading_order_not_the_names():
    letters = module_letters(hierarchy({7: ((), (0,)), 3: ((2, 3), ()), 5: ((0, 1), ())}, [(3, 7), (5, 7)]))
    assert letters == {5: "A", 3: "B", 7: "C"}
    assert module_letters(nx.DiGraph()) == {}


def test_letters_continue_after_z():
    letters = list(module_letters(hierarchy({m: ((m,), ()) for m in range(703)})).values())
    assert [letters[index] for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
