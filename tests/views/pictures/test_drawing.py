import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from picture_examples import (
    boxes,
    circles,
    dense,
    hierarchy_of,
    many_modules,
    parsed,
    removed_inputs,
    sculpted,
    texts,
    two_modules,
    without_edges,
)

from neural_sculpting.views.pictures.drawing import draw_hierarchy, draw_network, draw_trial

PUBLISHED = Path(__file__).parents[3].parent / "shared" / "networks" / "exemplar.json.gz"
EXAMPLES = [two_modules, without_edges, removed_inputs, dense, many_modules, sculpted]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_trial_shows_network_and_hierarchy(example):
    masks, hierarchy = example()
    root = parsed(draw_trial(masks, hierarchy, "title", "subtitle"))
    in_network = len(circles(parsed(draw_network(masks, hierarchy))))
    modules = len(hierarchy.graph)
    assert len(boxes(root)) == modules
    assert len(circles(root)) == in_network + modules  # a badge in every box
    assert texts(root)[:2] == ["title", "subtitle"]


def test_the_figure_says_what_it_shows():
    root = parsed(draw_trial(*two_modules(), "boolean_sep, seed 3"))
    assert root.get("role") == "img"
    assert root.find("title").text == "boolean_sep, seed 3"
    assert root.find("desc").text == ("Network 4-6-4 with 8 of 48 edges. 2 modules: A x0 x1 y0 y1, B x2 x3 y2 y3.")
    assert "Sculpted network · 8 of 48 edges" in texts(root)
    assert "Module hierarchy · 2 modules" in texts(root)


def test_uses_are_described():
    graph = sculpted(outputs=1)[1].graph
    assert " D uses " in parsed(draw_hierarchy(graph)).find("desc").text


def test_network_and_hierarchy_have_the_same_colors():
    masks, hierarchy = two_modules()

    def fills(picture):
        return {element.get("fill") for element in parsed(picture).iter() if element.get("fill", "#").startswith("#")}

    shared = fills(draw_network(masks, hierarchy)) & fills(draw_hierarchy(hierarchy.graph))
    assert {"#0072b2", "#e69f00"} <= shared


def test_titles_are_escaped_and_cut():
    title = 'a <b> & "c"'
    root = parsed(draw_trial(*two_modules(), title, title))
    assert texts(root)[:2] == [title, title]
    long = "very long " * 50
    root = parsed(draw_trial(*two_modules(), long))
    assert texts(root)[0].endswith("…")
    assert root.find("title").text == long


def test_pictures_can_share_a_web_page():
    for example in EXAMPLES:
        picture = draw_trial(*example(), "title")
        assert not {"style", "script", "defs", "marker"} & {element.tag for element in parsed(picture).iter()}
        assert ' id="' not in picture
        assert not picture.startswith("<?xml")


@pytest.mark.parametrize(("example", "kilobytes"), [(two_modules, 8), (sculpted, 40), (dense, 400), (many_modules, 40)])
def test_pictures_are_small(example, kilobytes):
    assert len(draw_trial(*example(), "title").encode()) < kilobytes * 1000


def test_dense_pictures_have_no_path_that_renderers_choke_on():
    root = parsed(draw_trial(*dense(), "title"))
    assert max(path.get("d").count("C") for path in root.iter("path")) < 100


def test_the_same_network_gives_the_same_text_in_every_process():
    here = Path(__file__).parent
    script = (
        f"import sys; sys.path.insert(0, {str(here)!r})\n"
        "from picture_examples import sculpted\n"
        "from neural_sculpting.views.pictures.drawing import draw_trial\n"
        "sys.stdout.buffer.write(draw_trial(*sculpted(), 'title').encode())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "123"}
    other = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=here.parents[1], capture_output=True, check=True
    )
    assert other.stdout.decode() == draw_trial(*sculpted(), "title") == draw_trial(*sculpted(), "title")


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
