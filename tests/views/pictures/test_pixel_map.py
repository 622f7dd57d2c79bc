import re

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from picture_examples import parsed, texts

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import OTHER_MODULES, REMOVED_PIXEL
from neural_sculpting.views.pictures.module_styles import module_styles
from neural_sculpting.views.pictures.pixel_map import PixelMap

BLUE, ORANGE = "#0072b2", "#e69f00"


def inputs_of(modules):
    """Return a hierarchy with inputs alone."""
    modules = np.array(modules)
    graph = nx.DiGraph()
    for module in sorted(set(modules.tolist()) - {-1}):
        graph.add_node(module, inputs=tuple(np.flatnonzero(modules == module).tolist()), outputs=(), units=())
    return Hierarchy((modules >= 0,), (modules,), (modules,), graph)


def pixel_map(modules, shape):
    hierarchy = inputs_of(modules)
    return PixelMap(hierarchy, shape, module_styles(hierarchy.graph))


def drawn(of):
    return svg.document(of.width, of.height, title="", description="", elements=of.elements(0.0, 0.0))


def pixels(picture):
    """Return color, opacity, x and y of every pixel; a line is a run of them."""
    found = []
    for group in parsed(picture).iter("g"):
        dash, gap = map(float, group.get("stroke-dasharray").split())
        for path in group:
            for x, y, length in re.findall(r"M(\S+) (\S+)h([\d.]+)", path.get("d")):
                run = round((float(length) + gap) / (dash + gap))
                assert float(length) == pytest.approx(run * (dash + gap) - gap, abs=0.02)
                look = (path.get("stroke"), float(path.get("stroke-opacity")))
                found += [(*look, float(x) + step * (dash + gap), float(y)) for step in range(run)]
    return found


def rows_of(found):
    """Return the colors row by row, each from left to right."""
    ys = sorted({y for *_, y in found})
    return [[color for color, _, _, _ in sorted((p for p in found if p[3] == y), key=lambda p: p[2])] for y in ys]


def test_images_are_side_by_side_row_by_row():
    # Two images of 2 x 3 pixels: 0 to 5 on the left, 6 to 11 on the right.
    found = pixels(drawn(pixel_map([0, 0, -1, -1, 0, 0, 1, -1, 1, 1, 1, 0], (2, 3))))
    gray = REMOVED_PIXEL
    assert rows_of(found) == [
        [BLUE, BLUE, gray, ORANGE, gray, ORANGE],
        [gray, BLUE, BLUE, ORANGE, ORANGE, BLUE],
    ]
    xs = sorted({x for _, _, x, _ in found})
    steps = np.diff(xs)
    assert steps[2] > steps[0] == pytest.approx(steps[[1, 3, 4]])  # a gap between the images
    assert rows_of(pixels(drawn(pixel_map([0, 1, 1, 0], (2, 2))))) == [[BLUE, ORANGE], [ORANGE, BLUE]]


@given(arrays(np.int64, st.sampled_from([4, 12, 36]), elements=st.integers(-1, 10)))
def test_every_pixel_is_drawn_once(modules):
    found = pixels(drawn(pixel_map(modules, (2, 2))))
    assert len({(round(x), y) for _, _, x, y in found}) == len(found) == len(modules)
    assert sum(color == REMOVED_PIXEL for color, *_ in found) == np.count_nonzero(modules == -1)


def test_modules_of_one_color_differ_in_strength():
    found = pixels(drawn(pixel_map(range(24), (4, 6))))
    assert len({(color, opacity) for color, opacity, _, _ in found}) == 24


def test_modules_without_a_style_are_gray_but_not_like_removed_pixels():
    hierarchy = inputs_of([0, 1, 2, -1])
    styles = module_styles(hierarchy.graph)
    found = pixels(drawn(PixelMap(hierarchy, (2, 2), {0: styles[0]})))
    assert rows_of(found) == [[BLUE, OTHER_MODULES], [OTHER_MODULES, REMOVED_PIXEL]]


@pytest.mark.parametrize(
    ("modules", "shape", "words"),
    [
        ([0, 0, 1, -1, -1, -1], (1, 3), ["A", "2", "B", "1", "3 removed"]),
        # Module m has m + 1 pixels: 45 in nine modules. The four largest have 9 + 8 + 7 + 6.
        (
            [*np.repeat(np.arange(9), np.arange(1, 10)), -1],
            (1, 46),
            ["F", "6", "G", "7", "H", "8", "I", "9", "…", "15 in 5 more", "1 removed"],
        ),
    ],
    ids=["all modules", "the largest modules"],
)
def test_the_legend_counts_pixels(modules, shape, words):
    assert texts(parsed(drawn(pixel_map(modules, shape)))) == ["Input pixels by module", *words]


def test_labels_count_pixels_by_side_if_there_are_two_images():
    labels = [PixelMap(inputs_of([-1] * 4 * images), (2, 2), {}).label([0, 1, 4]) for images in (2, 3)]
    assert labels == ["2 left, 1 right pixels", "3 pixels"]


def test_large_images_are_small_text():
    modules = np.random.default_rng(0).integers(-1, 4, 2 * 28 * 28)
    assert len(drawn(pixel_map(modules, (28, 28))).encode()) < 40_000


def test_the_description_counts_pixels():
    assert pixel_map([0, 0, 1, -1], (1, 2)).description == "Input pixels by module: A 2, B 1."
    assert pixel_map([-1] * 4, (2, 2)).description == "All input pixels are removed."


@pytest.mark.parametrize(("inputs", "shape"), [(5, (2, 2)), (4, (0, 2)), (4, (4, 4)), (0, (1, 1))])
def test_inputs_must_be_whole_images(inputs, shape):
    with pytest.raises(ValueError, match=rf"shape: {inputs} inputs are not whole images of {shape[0]} x {shape[1]}"):
        pixel_map(np.zeros(inputs, dtype=int), shape)
