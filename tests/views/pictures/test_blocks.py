import re

import numpy as np
import pytest
from picture_examples import circles, parsed, texts

from neural_sculpting.scoring.labels import output_label
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.blocks import (
    BLOCK_WIDTH,
    DOTS_PER_ROW,
    LARGEST_PITCH,
    Block,
    pitch_for,
)
from neural_sculpting.views.pictures.module_styles import ModuleStyle

STYLE = ModuleStyle("A", "#0072b2", "filled")


def block(units, prefix=""):
    return Block(0, np.arange(units), prefix)


def drawn(of, pitch=LARGEST_PITCH):
    elements = of.elements(100.0, 200.0, pitch, STYLE)
    return parsed(svg.document(400, 400, title="", description="", elements=elements))


def dots(root):
    """Returns the places of all dots: of every dotted line one at its start and one at each further pitch."""
    [path] = [path for path in root.iter("path") if path.get("stroke-dasharray")]
    dash, gap = map(float, path.get("stroke-dasharray").split())
    assert dash + gap == pytest.approx(LARGEST_PITCH)
    return [
        (float(x) + dot * LARGEST_PITCH, float(y))
        for x, y, length in re.findall(r"M(\S+) (\S+)h([\d.]+)", path.get("d"))
        for dot in range(int(float(length) / LARGEST_PITCH) + 1)
    ]


@pytest.mark.parametrize(("units", "rows"), [(1, 0), (2, 1), (16, 1), (17, 2), (784, 49)])
def test_rows_of_dots(units, rows):
    assert DOTS_PER_ROW == 16
    assert block(units).rows == rows


@pytest.mark.parametrize("units", [2, 16, 17, 32, 100])
@pytest.mark.parametrize("pitch", [LARGEST_PITCH, 2.0])
def test_every_unit_is_a_dot_inside_the_block(units, pitch):
    of = block(units)
    found = dots(drawn(of, pitch))
    assert len(set(found)) == len(found) == units
    half = of.height(pitch) / 2
    assert all(abs(x - 100) < BLOCK_WIDTH / 2 - 4 and 200 - half + 20 < y < 200 + half - 4 for x, y in found)


def test_a_block_tells_its_module_and_its_number_of_units():
    assert texts(drawn(block(1568))) == ["A", "1,568"]


def test_a_unit_that_stands_alone_is_a_circle():
    root = drawn(block(1, output_label))
    assert circles(root) == [(100.0, 200.0, 12.0)]
    assert texts(root) == ["A", "y0"]
    assert len(list(root.iter("rect"))) == 1  # of the document


def test_outputs_are_named_in_a_short_way():
    assert texts(drawn(block(10, output_label))) == ["A", "10", "y0–y9"]


def test_dots_move_together_where_a_layer_would_not_fit():
    layers = [[block(1568), block(784)], [block(3)]]
    assert pitch_for(layers, gap=10.0, height=2000.0) == LARGEST_PITCH
    pitch = pitch_for(layers, gap=10.0, height=500.0)
    assert sum(of.height(pitch) for of in layers[0]) + 10 == pytest.approx(500)
    assert pitch_for(layers, gap=10.0, height=50.0) > 1
