import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from picture_examples import circles, parsed_elements, texts

from neural_sculpting.scoring.labels import output_label
from neural_sculpting.views.pictures.blocks import (
    BLOCK_WIDTH,
    LARGEST_PITCH,
    MOST_BUNDLES,
    NARROWEST,
    Block,
    Side,
    bundle_elements,
    pitch_for,
    widest,
)
from neural_sculpting.views.pictures.module_styles import ModuleStyle

STYLES = {0: ModuleStyle("A", "#0072b2", "filled"), 1: ModuleStyle("B", "#e69f00", "filled")}


def block(units, named=None):
    return Block(0, np.arange(units), named)


def drawn(of, pitch=LARGEST_PITCH):
    return parsed_elements(of.elements(100.0, 200.0, pitch, STYLES[0]))


def dots(root):
    """Return the coordinates of all dots: for every dotted line one at its start and one at each further pitch."""
    [path] = [path for path in root.iter("path") if path.get("stroke-dasharray")]
    dash, gap = map(float, path.get("stroke-dasharray").split())
    assert dash + gap == pytest.approx(LARGEST_PITCH)
    return [
        (float(x) + dot * LARGEST_PITCH, float(y))
        for x, y, length in re.findall(r"M(\S+) (\S+)h([\d.]+)", path.get("d"))
        for dot in range(int(float(length) / LARGEST_PITCH) + 1)
    ]


@pytest.mark.parametrize(("units", "rows"), [(2, 1), (16, 1), (17, 2), (32, 2), (784, 49)])
@pytest.mark.parametrize("pitch", [LARGEST_PITCH, 2.0])
def test_every_unit_is_a_dot_inside_the_block(units, rows, pitch):
    of = block(units)
    assert of.rows == rows
    found = dots(drawn(of, pitch))
    assert len(set(found)) == len(found) == units
    half = of.height(pitch) / 2
    assert all(abs(x - 100) < BLOCK_WIDTH / 2 - 4 and 200 - half + 20 < y < 200 + half - 4 for x, y in found)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (block(1568), ["A", "1,568"]),
        (block(10, output_label), ["A", "10", "y0–y9"]),
        (block(1, output_label), ["A", "y0"]),
    ],
    ids=["hidden", "outputs", "one output"],
)
def test_a_block_shows_its_module_its_number_of_units_and_names_of_outputs(of, words):
    assert texts(drawn(of)) == words


def test_a_single_unit_is_a_circle():
    root = drawn(block(1))
    assert circles(root) == [(100.0, 200.0, 12.0)]
    assert len(list(root.iter("rect"))) == 1  # of the document


def test_dots_are_closer_together_if_a_layer_would_not_fit():
    layers = [[block(1568), block(784)], [block(3)]]
    assert pitch_for(layers, gap=10.0, height=2000.0) == LARGEST_PITCH
    pitch = pitch_for(layers, gap=10.0, height=500.0)
    assert sum(of.height(pitch) for of in layers[0]) + 10 == pytest.approx(500)
    assert pitch_for(layers, gap=10.0, height=50.0) > 1


def side(modules, x, heights, gap=10.0):
    heights = np.array(heights, float)
    return Side(modules, [x] * len(modules), np.cumsum(heights + gap) - heights / 2, heights)


def bundles(counts, left, right):
    """Return color, opacity, width, start and end of every bundle."""
    found = []
    for group in parsed_elements(bundle_elements(np.array(counts), left, right, STYLES)).iter("g"):
        for path in group:
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d"))]
            width = float(path.get("stroke-width"))
            found.append((group.get("stroke"), float(group.get("stroke-opacity")), width, numbers[1], numbers[-1]))
    return found


def test_widths_are_proportional_and_fit_the_fullest_block_and_bundles_between_modules_are_paler():
    # 30 edges leave the first block, which is 15 pixels high; the others have more space per edge.
    found = bundles([[20, 10], [0, 4]], side([0, 1], 0.0, [15, 15]), side([0, 1], 90.0, [20, 20]))
    assert sorted((color, width) for color, _, width, _, _ in found) == [
        ("#0072b2", 5.0),
        ("#0072b2", 10.0),
        ("#e69f00", 2.0),
    ]
    opacity = {width: opacity for _, opacity, width, _, _ in found}
    assert opacity[5.0] < opacity[10.0] == opacity[2.0]


def test_small_modules_share_a_gray_that_is_never_inside_of_a_module():
    [(color, opacity, *_)] = bundles([[5]], side([None], 0.0, [20]), side([None], 90.0, [20]))
    [(_, inside, *_)] = bundles([[5]], side([0], 0.0, [20]), side([0], 90.0, [20]))
    assert color not in {style.color for style in STYLES.values()}
    assert opacity < inside


def test_single_edges_are_visible():
    found = bundles([[10_000, 1]], side([0], 0.0, [40]), side([0, 1], 90.0, [40, 20]))
    assert min(width for _, _, width, _, _ in found) == NARROWEST


@given(arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(0, 30)))
def test_bundles_are_side_by_side_within_their_blocks_and_do_not_cross_there(counts):
    left, right = (side([0] * size, x, [30.0] * size) for size, x in zip(counts.shape, (0.0, 90.0), strict=True))
    found = bundles(counts, left, right)
    assert len(found) == np.count_nonzero(counts)
    for ys, end, other in ((left.ys, 3, 4), (right.ys, 4, 3)):
        for y in ys:
            here = sorted((bundle for bundle in found if abs(bundle[end] - y) < 16), key=lambda bundle: bundle[end])
            assert [bundle[other] for bundle in here] == sorted(bundle[other] for bundle in here)
            for above, below in pairwise(here):
                assert below[end] - above[end] >= (above[2] + below[2]) / 2 - NARROWEST - 0.2
            assert sum(bundle[2] for bundle in here) < 30 + len(here) * NARROWEST


def test_only_the_widest_of_very_many_bundles_are_drawn():
    counts = np.arange(400).reshape(20, 20)
    chosen = widest(counts, MOST_BUNDLES)
    assert chosen.sum() == MOST_BUNDLES
    assert counts[chosen].min() > counts[~chosen].max()
    assert len(bundles(counts, side([0] * 20, 0.0, [9] * 20), side([0] * 20, 90.0, [9] * 20))) == MOST_BUNDLES


@pytest.mark.parametrize(("most", "expected"), [(0, []), (2, [1, 2]), (3, [1, 2, 3]), (9, [0, 1, 2, 3])])
def test_of_equally_wide_bundles_the_first_are_selected_and_empty_ones_never(most, expected):
    assert np.flatnonzero(widest(np.array([[1, 3, 3], [3, 0, 0]]), most)).tolist() == expected
