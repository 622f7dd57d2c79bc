import re

import numpy as np
import pytest
from picture_examples import boxes, circles, curves, large, large_with_many_modules, network, parsed, sculpted, texts

from benchmarks.sculpted_masks import sculpted_masks
from neural_sculpting.analysis import analyze
from neural_sculpting.views.pictures.drawing import draw_network, draw_pixels, draw_trial


def wide(units):
    """(units)-3-1 in one module, every unit with one edge."""
    edges = [*((0, unit, unit % 3) for unit in range(units)), *((1, unit, 0) for unit in range(3))]
    return network([units, 3, 1], edges, {0: [(0, unit) for unit in range(units)] + [(1, 0), (1, 1), (1, 2), (2, 0)]})


def test_up_to_64_live_units_of_a_layer_are_drawn_one_by_one():
    assert len(circles(parsed(draw_network(*wide(64))))) == 68
    assert len(circles(parsed(draw_network(*wide(65))))) == 3  # a badge for each block, and the output


def test_removed_units_do_not_count():
    masks, hierarchy = wide(65)
    hierarchy.kept[0][0], hierarchy.modules[0][0] = False, -1
    assert len(circles(parsed(draw_network(masks, hierarchy)))) == 68


def test_a_network_without_images_has_no_map_of_pixels():
    for example in (sculpted, large):
        assert "Input pixels by module" not in draw_trial(*example(), "title")


@pytest.mark.parametrize("draw", [draw_network, lambda *network, **shape: draw_trial(*network, "title", **shape)])
@pytest.mark.parametrize(("example", "shape"), [(sculpted, (2, 2)), (large, (10, 10))])
def test_pixels_are_drawn_below_the_captions(draw, example, shape):
    masks, hierarchy = example()
    root = parsed(draw(masks, hierarchy, image_shape=shape))
    heights = {element.text: float(element.get("y")) for element in root.iter("text")}
    assert heights["Input pixels by module"] > heights["outputs"]
    alone = parsed(draw_pixels(hierarchy, shape))
    assert set(texts(alone)) <= set(texts(root))
    assert alone.find("desc").text in root.find("desc").text
    # Pixels are the last lines of the picture, and inside it.
    lowest = [float(y) for path in root.iter("path") for y in re.findall(r"M\S+ (\S+)h[1-9]", path.get("d"))][-1]
    assert heights["Input pixels by module"] < lowest < float(root.get("height")) - 28


def test_the_network_above_its_pixels_looks_as_it_does_without_them():
    without, with_pixels = (parsed(draw_network(*sculpted(), image_shape=shape)) for shape in (None, (2, 2)))
    assert curves(with_pixels)[: len(curves(without))] == curves(without)
    assert circles(with_pixels)[: len(circles(without))] == circles(without)


def test_the_hierarchy_counts_pixels_on_both_sides():
    masks, hierarchy = large()
    assert {"100 left, 20 right pixels", "80 right pixels"} <= set(
        texts(parsed(draw_trial(masks, hierarchy, "", image_shape=(10, 10))))
    )
    assert "x0–x119" in texts(parsed(draw_trial(masks, hierarchy, "")))


def test_images_must_fit_the_inputs():
    for draw in (draw_network, lambda *network: draw_trial(*network[:2], "title", image_shape=network[2])):
        with pytest.raises(ValueError, match="8 inputs are not whole images of 3 x 3 pixels"):
            draw(*sculpted(), (3, 3))


def test_of_too_many_modules_the_principal_ones_are_shown():
    root = parsed(draw_trial(*large_with_many_modules(), "title"))
    assert "Module hierarchy · 32 of 50 modules" in texts(root)
    assert len(boxes(root)) == 33 + 33 + 32  # blocks of inputs, of hidden units, boxes of the hierarchy


@pytest.mark.parametrize(("live", "edges"), [([784, 300, 150, 60, 3], 3_690), ([1568, 784, 784, 784, 3], 123_000)])
def test_pictures_of_large_networks_are_small(live, edges):
    masks = sculpted_masks([1568, 784, 784, 784, 3], live, edges)
    hierarchy = analyze(masks, hops=None, modularity_threshold=0.3, merging_threshold=0.6)
    picture = draw_trial(masks, hierarchy, "title", image_shape=(28, 28))
    assert len(picture.encode()) < 100_000
    words = texts(parsed(picture))
    for kept, size in zip(live, (1568, 784, 784, 784, 3), strict=True):
        assert f"{kept:,} of {size:,}" in words
    assert sum(
        int(word.split()[0].replace(",", "")) for word in words if word.endswith(" edges") and "·" not in word
    ) == (sum(int(np.count_nonzero(mask)) for mask in masks))


def test_pictures_of_networks_in_hundreds_of_modules_are_small():
    picture = draw_trial(*large_with_many_modules(400), "title", image_shape=(7, 10))
    assert len(picture.encode()) < 200_000
