import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from picture_examples import (
    EXAMPLES,
    boxes,
    circles,
    curves,
    dense,
    drawn_network,
    hierarchy_of,
    large,
    large_with_many_modules,
    many_modules,
    network,
    parsed,
    sculpted,
    size_of,
    texts,
    two_modules,
)

from benchmarks.sculpted_masks import sculpted_masks
from neural_sculpting.analysis import analyze
from neural_sculpting.views.pictures.drawing import draw_hierarchy, draw_trial

PUBLISHED = Path(__file__).parents[3].parent / "shared" / "networks" / "exemplar.json.gz"


@pytest.mark.parametrize("example", [*EXAMPLES, lambda: dense([3, 2])])
def test_a_trial_shows_network_and_hierarchy(example):
    (masks, hierarchy), long_title = example(), "very long " * 50
    root = parsed(draw_trial(masks, hierarchy, long_title, "<subtitle>"))
    modules = len(hierarchy.graph)
    assert len(boxes(root)) == modules
    units = sum(int(of.sum()) for of in hierarchy.kept) + int(np.count_nonzero(~hierarchy.kept[0]))
    assert len(circles(root)) == units + modules  # a badge in every box
    assert len(curves(root)) == sum(int(mask.sum()) for mask in masks)
    assert texts(root)[1] == "<subtitle>"
    assert re.fullmatch("very long .*….* long ?", texts(root)[0])
    assert root.find("text").find("title").text == long_title
    assert root.find("title").text == long_title


def test_a_picture_is_described_in_words():
    root = parsed(draw_trial(*two_modules(), "boolean_sep, seed 3"))
    assert root.get("role") == "img"
    assert root.find("title").text == "boolean_sep, seed 3"
    assert root.find("desc").text == ("Network 4-6-4 with 8 of 48 edges. 2 modules: A x0 x1 y0 y1, B x2 x3 y2 y3.")
    assert "Sculpted network · 8 of 48 edges" in texts(root)
    assert "Module hierarchy · 2 modules" in texts(root)
    assert " D uses " in parsed(draw_hierarchy(sculpted(outputs=1)[1].graph)).find("desc").text


def test_network_and_hierarchy_have_the_same_colors():
    masks, hierarchy = two_modules()
    for root in (drawn_network(masks, hierarchy), parsed(draw_hierarchy(hierarchy.graph))):
        assert {"#0072b2", "#e69f00"} <= {element.get("fill") for element in root.iter()}


@pytest.mark.parametrize(
    ("example", "kilobytes"),
    [(two_modules, 8), (sculpted, 40), (dense, 400), (many_modules, 40), (lambda: large_with_many_modules(400), 200)],
)
def test_pictures_are_small_and_can_share_a_web_page(example, kilobytes):
    picture = draw_trial(*example(), "title")
    assert len(picture.encode()) < kilobytes * 1000
    assert not {"script", "defs", "marker"} & {element.tag for element in parsed(picture).iter()}
    assert re.findall(r"[^{}]+(?={[^{}]*})", parsed(picture).find("style").text) == ["svg:root"]
    assert ' id="' not in picture
    assert not picture.startswith("<?xml")


def test_dense_pictures_have_only_paths_that_render_fast():
    root = parsed(draw_trial(*dense(), "title"))
    assert max(path.get("d").count("C") for path in root.iter("path")) < 100


@pytest.mark.slow
def test_the_same_network_gives_the_same_text_in_every_process():
    here = Path(__file__).parent
    script = (
        f"import sys; sys.path.insert(0, {str(here.parents[1])!r})\n"
        "from picture_examples import sculpted\n"
        "from neural_sculpting.views.pictures.drawing import draw_trial\n"
        "sys.stdout.buffer.write(draw_trial(*sculpted(), 'title').encode())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "123"}
    other = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
    assert other.stdout.decode() == draw_trial(*sculpted(), "title") == draw_trial(*sculpted(), "title")


@pytest.mark.slow
@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published networks are not beside the repository")
def test_all_published_networks_can_be_drawn():
    for published in json.loads(gzip.decompress(PUBLISHED.read_bytes())):
        masks = [np.array([[edge == "1" for edge in unit] for unit in layer]).T for layer in published["masks"]]
        kept = np.array(published["kept"], dtype=bool)
        modules = np.full(len(kept), -1)
        modules[kept] = published["modules"]
        layers = np.cumsum(published["layers"])[:-1]
        hierarchy = hierarchy_of(masks, np.split(kept, layers), np.split(modules, layers))
        root = parsed(draw_trial(masks, hierarchy, published["task"]))
        removed = int(np.count_nonzero(~hierarchy.kept[0]))
        assert len(circles(root)) == int(kept.sum()) + removed + len(hierarchy.graph)


def wide(units):
    """(units)-3-1 in one module, every unit with one edge."""
    edges = [*((0, unit, unit % 3) for unit in range(units)), *((1, unit, 0) for unit in range(3))]
    return network([units, 3, 1], edges, {0: [(0, unit) for unit in range(units)] + [(1, 0), (1, 1), (1, 2), (2, 0)]})


def test_up_to_64_live_units_of_a_layer_are_drawn_one_by_one():
    assert len(circles(drawn_network(*wide(64)))) == 68
    masks, hierarchy = wide(65)
    assert len(circles(drawn_network(masks, hierarchy))) == 3  # a badge for each block, and the output
    hierarchy.kept[0][0], hierarchy.modules[0][0] = False, -1
    assert len(circles(drawn_network(masks, hierarchy))) == 68


@pytest.mark.parametrize(("example", "shape"), [(sculpted, (2, 2)), (large, (10, 10))])
def test_pixels_are_drawn_below_the_captions(example, shape):
    masks, hierarchy = example()
    assert "Input pixels by module" not in draw_trial(masks, hierarchy, "title")
    root = parsed(draw_trial(masks, hierarchy, "title", image_shape=shape))
    heights = {element.text: float(element.get("y")) for element in root.iter("text")}
    assert heights["Input pixels by module"] > heights["outputs"]
    assert " Input pixels by module: A " in root.find("desc").text
    # Pixels are the last lines of the picture, and inside it.
    lowest = [float(y) for path in root.iter("path") for y in re.findall(r"M\S+ (\S+)h[1-9]", path.get("d"))][-1]
    assert heights["Input pixels by module"] < lowest < size_of(root)[1] - 28


def test_the_network_above_its_pixels_is_the_same_except_for_the_names_of_inputs():
    without, with_pixels = (drawn_network(*sculpted(), image_shape=shape) for shape in (None, (2, 2)))
    assert curves(with_pixels)[: len(curves(without))] == curves(without)
    assert circles(with_pixels)[: len(circles(without))] == circles(without)
    assert set(texts(without)) - set(texts(with_pixels)) == {f"x{pixel}" for pixel in range(8)}


def test_the_hierarchy_counts_pixels_on_both_sides():
    masks, hierarchy = large()
    assert {"100 left, 20 right pixels", "80 right pixels"} <= set(
        texts(parsed(draw_trial(masks, hierarchy, "", image_shape=(10, 10))))
    )
    assert "x0–x119" in texts(parsed(draw_trial(masks, hierarchy, "")))


def test_the_largest_of_too_many_modules_are_shown():
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
    assert {f"{kept:,} of {size:,}" for kept, size in zip(live, (1568, 784, 784, 784, 3), strict=True)} <= set(words)
    counts = [
        int(word.removesuffix(" edges").replace(",", "")) for word in words if re.fullmatch(r"[\d,]+ edges", word)
    ]
    assert sum(counts) == sum(int(np.count_nonzero(mask)) for mask in masks)
