import re
from itertools import pairwise

import numpy as np
import pytest
from picture_examples import (
    EXAMPLES,
    circles,
    curves,
    dense,
    drawn,
    drawn_network,
    many_modules,
    network,
    removed_inputs,
    sculpted,
    size_of,
    texts,
    two_modules,
    without_edges,
)

from neural_sculpting.scoring.labels import labels_of
from neural_sculpting.views.pictures.drawing import draw_trial
from neural_sculpting.views.pictures.module_styles import module_styles
from neural_sculpting.views.pictures.small_network import SmallNetwork


@pytest.mark.parametrize("example", EXAMPLES)
def test_units_of_a_layer_do_not_overlap_and_stay_inside(example):
    root = drawn_network(*example())
    layers = {x: [circle for circle in circles(root) if circle[0] == x] for x, _, _ in circles(root)}
    for units in layers.values():
        units.sort(key=lambda unit: unit[1])
        for (_, upper, radius), (_, lower, _) in pairwise(units):
            assert lower - upper > 2 * radius
        assert units[0][1] - units[0][2] > 0
        assert units[-1][1] + units[-1][2] < size_of(root)[1]


def test_edges_start_and_end_at_their_units():
    root = drawn_network(*two_modules())
    centers = {(x, y) for x, y, _ in circles(root)}
    for curve in curves(root):
        numbers = [float(text) for text in re.findall(r"-?[\d.]+", curve)]
        assert (numbers[0], numbers[1]) in centers
        assert (numbers[-2], numbers[-1]) in centers


@pytest.mark.parametrize(
    ("example", "captions"),
    [
        (two_modules, {"inputs", "4 of 4", "hidden", "2 of 6", "outputs"}),
        (sculpted, {"hidden 1", "hidden 4", "12 of 60", "16 of 16"}),
    ],
)
def test_captions_count_kept_units(example, captions):
    assert captions <= set(texts(drawn_network(*example())))


def test_inputs_and_outputs_are_named_including_removed_ones():
    found = texts(drawn_network(*removed_inputs()))
    assert [text for text in found if re.fullmatch(r"[xy]\d", text)] == [
        *("x0", "x2", "x3", "x1", "x4"),  # by module, the removed ones last
        *("y0", "y1", "y2"),
    ]


def test_kept_units_carry_the_letter_of_their_module():
    found = texts(drawn_network(*two_modules()))
    assert found.count("A") == found.count("B") == 5


def dots(root):
    """Return the coordinates of the dots of removed units, layer by layer."""
    lines = [path.get("d") for path in root.iter("path") if path.get("class") == "removed"]
    moves = [[[float(number) for number in move] for move in re.findall(r"[Mm](\S+) (\S+)h0", line)] for line in lines]
    return [np.cumsum(of_layer, axis=0).tolist() for of_layer in moves]


def test_every_removed_hidden_unit_is_a_dot():
    assert [len(layer) for layer in dots(drawn_network(*two_modules()))] == [4]
    assert [len(layer) for layer in dots(drawn_network(*without_edges()))] == [24]
    assert dots(drawn_network(*dense())) == []


def test_dots_do_not_touch_units():
    root = drawn_network(*sculpted())
    for x, y in (dot for layer in dots(root) for dot in layer):
        assert all(abs(y - cy) > radius + 2 for cx, cy, radius in circles(root) if cx == x)


def test_wide_layers_show_only_kept_units():
    random = np.random.default_rng(1)
    masks, hierarchy = dense([1568, 392, 20])
    for of_layer in hierarchy.kept[:-1]:
        of_layer[random.permutation(len(of_layer))[64:]] = False
    masks[0][:] = random.random(masks[0].shape) < 0.01
    for kept, modules in zip(hierarchy.kept, hierarchy.modules, strict=True):
        modules[~kept] = -1
    root = drawn_network(masks, hierarchy)
    assert len(circles(root)) == 64 + 64 + 20
    assert dots(root) == []
    assert "64 of 1,568" in texts(root)


def test_the_modules_of_separate_networks_do_not_cross():
    masks, hierarchy = many_modules(6)
    mixed = [np.random.default_rng(layer).permutation(size) for layer, size in enumerate((6, 60, 6))]
    masks = [mask[np.ix_(mixed[layer], mixed[layer + 1])] for layer, mask in enumerate(masks)]
    kept = [of_layer[order] for of_layer, order in zip(hierarchy.kept, mixed, strict=True)]
    modules = [of_layer[order] for of_layer, order in zip(hierarchy.modules, mixed, strict=True)]
    hierarchy = type(hierarchy)(tuple(kept), tuple(modules), tuple(modules), hierarchy.graph)
    root = drawn_network(masks, hierarchy)
    heights = [[float(text) for text in re.findall(r"[\d.]+", curve)][1::2] for curve in curves(root)]
    assert all(max(of_curve) - min(of_curve) < 0.2 for of_curve in heights)


def test_edges_have_the_color_of_their_source_and_are_paler_between_modules():
    edges = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 0, 1)]
    masks, hierarchy = network([2, 3, 2], edges, {0: [(0, 0), (0, 1), (1, 0), (2, 0)], 1: [(2, 1)]})
    root = drawn_network(masks, hierarchy)
    between, inside = [group for group in root.iter("g") if curves(group)]
    assert [path.get("stroke") for group in (between, inside) for path in group] == ["#0072b2", "#0072b2"]
    assert [len(curves(group)) for group in (between, inside)] == [1, 3]
    assert float(between.get("stroke-opacity")) < float(inside.get("stroke-opacity"))


def test_inputs_of_a_module_are_in_index_order_even_if_edges_cross():
    edges = [(0, 0, 2), (0, 1, 1), (0, 2, 0), (1, 2, 2), (1, 1, 1), (1, 0, 0)]
    units = [(layer, unit) for layer in range(3) for unit in range(3)]
    edges += [(0, 0, 1), (1, 2, 0)]
    found = texts(drawn_network(*network([3, 3, 3], edges, {0: units})))
    labels = [text for text in found if re.fullmatch(r"[xy]\d", text)]
    assert labels == ["x0", "x1", "x2", "y0", "y1", "y2"]


@pytest.mark.parametrize(("inputs", "size"), [(4, 14), (25, 13.6), (64, 12)])
def test_long_names_are_shortened_beside_their_units_and_at_least_10_px_high(inputs, size):
    """There are 16 px for each of up to 56 names, 900 px in all for more; a name takes 85 % of them, at most 14 px."""
    names = [f"education-num={'value' * 6} {index}" for index in range(inputs)]
    units = [*((0, unit) for unit in range(inputs)), (1, 0), (2, 0)]
    masks, hierarchy = network([inputs, 1, 1], [*((0, unit, 0) for unit in range(inputs)), (1, 0, 0)], {0: units})
    root = drawn(SmallNetwork(masks, hierarchy, module_styles(hierarchy.graph), labels_of(None, names, ("out",))))
    beside = [text for text in root.iter("text") if text.find("title") is not None]
    assert [text.find("title").text for text in beside] == names
    assert {float(text.get("font-size")) for text in beside} == {size}
    limit = int(180 / (0.6 * size))  # characters
    assert {len(text.text) for text in beside} <= {limit, limit - 1}  # a space beside the ellipsis is left out


@pytest.mark.parametrize("example", EXAMPLES)
def test_all_text_is_at_least_10_px_high(example):
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', draw_trial(*example(), "title"))]
    assert min(sizes) >= 10
