import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.analysis import analyze
from neural_sculpting.views.page.networks import network_data

SETTINGS = {"hops": None, "modularity_threshold": 0.2, "merging_threshold": 0.9}


def random_masks(seed):
    generator = np.random.default_rng(seed)
    sizes = [4, *generator.integers(1, 9, size=generator.integers(1, 4)), 3]
    return [generator.random(shape) < 0.4 for shape in itertools.pairwise(sizes)]


@given(st.integers(0, 2**32 - 1))
def test_the_data_hold_every_edge_between_units_that_are_left(seed):
    masks = random_masks(seed)
    hierarchy = analyze(masks, **SETTINGS)
    layers, edges = network_data(masks, hierarchy)
    for place, (mask, steps) in enumerate(zip(masks, edges, strict=True)):
        kept = mask & hierarchy.kept[place][:, None] & hierarchy.kept[place + 1]
        ends = [np.flatnonzero(hierarchy.kept[place]), np.flatnonzero(hierarchy.kept[place + 1])]
        assert len(steps) == kept[np.ix_(*ends)].sum()
        numbers, width = np.cumsum(steps), len(layers[place + 1][2])
        assert (numbers < len(layers[place][2]) * width).all()
        assert len(np.unique(numbers)) == len(numbers)


def test_two_separate_parts_by_hand():
    """Inputs 0 and 1 feed unit 0, which feeds output 0; input 2 feeds unit 2 and output 1; unit 1 and input 3 are gone.

    Modules are lettered from the smallest input on, inputs keep their order, and edges are counted row by row: source
    times the number of drawn targets plus target, each as the step from the one before.
    """
    first = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    second = np.array([[1, 0], [0, 0], [0, 1]], dtype=bool)
    layers, edges = network_data([first, second], analyze([first, second], **SETTINGS))
    assert [layer[:3] for layer in layers] == [[4, 3, [0, 0, 1, -1]], [3, 2, [0, 1]], [2, 2, [0, 1]]]
    assert layers[0][4] == ["x0", "x1", "x2", "x3"]
    assert layers[2][4] == ["y0", "y1"]
    assert edges == [[0, 2, 3], [0, 3]]
    assert all(layer[3] == sorted(layer[3]) and layer[3][0] >= 0 and layer[3][-1] <= 1000 for layer in layers)


def test_pixels_and_large_networks_are_drawn_as_elsewhere():
    pixels = [np.ones((4, 2), dtype=bool), np.ones((2, 2), dtype=bool)]
    picture = network_data(pixels, analyze(pixels, **SETTINGS), image_shape=(1, 2))
    assert picture.startswith("<svg")
    assert "Input pixels by module" in picture
    large = [np.ones((100, 2), dtype=bool), np.ones((2, 2), dtype=bool)]
    assert network_data(large, analyze(large, **SETTINGS)).startswith("<svg")
