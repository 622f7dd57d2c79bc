"""Networks and hierarchies as elements of a page."""

import itertools
import re

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_examples import circles, contrast, curves, parsed, size_of, texts, two_modules

from neural_sculpting.analysis import analyze
from neural_sculpting.views.page.rendering import (
    FOLDER,
    hierarchy_structure,
    hierarchy_svg,
    network_structure,
    network_svg,
)
from neural_sculpting.views.pictures import colors

CSS = (FOLDER / "page.css").read_text(encoding="utf-8")
SETTINGS = {"hops": None, "modularity_threshold": 0.2, "merging_threshold": 0.9}


@given(st.integers(0, 2**32 - 1))
def test_all_edges_between_kept_units_are_drawn(seed):
    generator = np.random.default_rng(seed)
    sizes = [4, *generator.integers(1, 9, size=generator.integers(1, 4)), 3]
    masks = [generator.random(shape) < 0.4 for shape in itertools.pairwise(sizes)]
    hierarchy = analyze(masks, **SETTINGS)
    root = parsed(network_svg(masks, hierarchy))
    kept = hierarchy.kept
    edges = [mask[np.ix_(kept[layer], kept[layer + 1])].sum() for layer, mask in enumerate(masks)]
    assert len(curves(root)) == sum(edges)
    assert len(circles(root)) == sizes[0] + sum(int(of.sum()) for of in kept[1:])


@pytest.mark.parametrize(
    ("masks", "image_shape", "plot"),
    [
        # 4 px of margin, then names of 52 px, of which 18 are the halo of a unit; 300 px high above the captions.
        ([np.ones((4, 2), dtype=bool), np.ones((2, 2), dtype=bool)], None, "38 4 412 300"),
        # All of it but the margin: 480 px, 300 above the captions (44), and the pixels below (26 + 22 + 23).
        ([np.ones((4, 2), dtype=bool), np.ones((2, 2), dtype=bool)], (1, 2), "4 4 480 415"),
        # Three blocks of 89.5 px, 88 px apart, without the names of outputs; 280 px high.
        ([np.ones((100, 2), dtype=bool), np.ones((2, 2), dtype=bool)], None, "4 4 444.5 280"),
    ],
    ids=["small", "pixels", "large"],
)
def test_the_gallery_shows_a_network_without_the_text_around_it(masks, image_shape, plot):
    root = parsed(network_svg(masks, analyze(masks, **SETTINGS), image_shape))
    assert ("Input pixels by module" in texts(root)) == (image_shape is not None)
    assert root.get("data-plot") == plot


def test_networks_of_equal_structure_have_the_same_picture():
    masks, hierarchy = two_modules()
    order = [5, 1, 0, 2, 4, 3]  # units 1 and 4 of the hidden layer are kept, in the same order
    moved = [masks[0][:, order], masks[1][order]]
    modules = (hierarchy.modules[0], hierarchy.modules[1][order], hierarchy.modules[2])
    kept = tuple(of >= 0 for of in modules)
    other = type(hierarchy)(kept, modules, modules, hierarchy.graph)
    assert network_structure(masks, hierarchy) == network_structure(moved, other)
    assert network_svg(masks, hierarchy) == network_svg(moved, other)
    less = [masks[0].copy(), masks[1]]
    less[0][0, 1] = False
    assert network_structure(masks, hierarchy) != network_structure(less, hierarchy)
    swapped = (hierarchy.modules[0][::-1], *hierarchy.modules[1:])
    renamed = type(hierarchy)(hierarchy.kept, swapped, swapped, hierarchy.graph)
    assert network_structure(masks, hierarchy) != network_structure(masks, renamed)


def graph_of(*edges, **modules):
    graph = nx.DiGraph()
    for name, (inputs, outputs) in modules.items():
        graph.add_node(name, inputs=inputs, outputs=outputs)
    graph.add_edges_from(edges)
    return graph


def test_modules_that_use_each_other_have_space_for_their_arrows():
    cycle = graph_of(("A", "B"), ("B", "A"), A=((0,), ()), B=((), (0,)))
    [width] = map(float, re.findall(r";width:(\d+)px", hierarchy_svg(cycle)))
    [without] = map(float, re.findall(r";width:(\d+)px", hierarchy_svg(graph_of(A=((0,), ()), B=((), (0,))))))
    assert width == without + 36  # 20 instead of 2 pixels on either side


@pytest.mark.parametrize(
    ("modules", "style", "size"),
    [
        # 420 x 212 px and 2 px of margin, enlarged 1.8 times; the letters, 13.2 px, may shrink to 10 px.
        (2, "min-width:322px;width:100%;max-width:763px", (424, 216)),
        # 20 boxes of 36 px and gaps of 8 px are higher than 640 px, so they are not enlarged.
        (20, "min-width:322px;width:100%;max-width:424px", (424, 884)),
    ],
)
def test_the_leading_hierarchy_is_as_wide_as_its_column(modules, style, size):
    graph = graph_of(**{f"m{index:02}": ((index,), ()) for index in range(modules)})
    root = parsed(hierarchy_svg(graph, leading=True))
    assert (root.get("style"), size_of(root)) == (style, size)


def test_hierarchies_of_equal_structure_have_the_same_picture():
    one = graph_of(("a", "b"), a=((0, 1), ()), b=((), (0,)))
    other = nx.relabel_nodes(one, {"a": 7, "b": 3})
    assert hierarchy_structure(one) == hierarchy_structure(other)
    assert hierarchy_svg(one) == hierarchy_svg(other)
    assert hierarchy_structure(one) != hierarchy_structure(graph_of(a=((0, 1), ()), b=((), (0,))))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_has_enough_contrast(theme):
    own = re.findall(r"--([\w-]+): (#\w+)", CSS)
    half = len(own) // 2  # the light colors, then the dark ones
    of = {name: pair[theme] for name, pair in colors.THEMES.items()} | dict(own[half * theme : half * (theme + 1)])
    for ground in ("paper", "ground"):
        for ink in ("ink", "muted", "accent", "bad", "good"):
            assert contrast(of[ink], of[ground]) >= 4.5, (ink, ground)
    assert contrast(of["good"], of["good-ground"]) >= 4.5
    assert contrast(of["bad"], of["bad-ground"]) >= 4.5
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= {*of, "sans", "mono"}
