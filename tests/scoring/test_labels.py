import pytest

from neural_sculpting.scoring.labels import input_label, labels_of, named_label, number_label, output_label, side_label


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
    assert number_label("x", numbers) == label


def test_inputs_and_outputs_have_their_letters():
    assert input_label([0, 1]) == "x0 x1"
    assert output_label([2]) == "y2"


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


def test_other_inputs_are_numbered():
    assert labels_of().inputs((0, 1, 2)) == "x0–x2"
    assert labels_of().outputs((1,)) == "y1"


def test_columns_have_names():
    labels = labels_of(None, ("age", "body mass", "city=Ulm"), ("ill",))
    assert labels.inputs((0, 2)) == "age, city=Ulm"
    assert labels.outputs((0,)) == "ill"
    assert labels.inputs(()) == ""


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
