import numpy as np
import pytest
from picture_examples import boxes, circles, drawn, large, large_with_many_modules, size_of, texts

from benchmarks.sculpted_masks import sculpted_masks
from neural_sculpting.analysis import analyze
from neural_sculpting.views.pictures.large_network import LargeNetwork
from neural_sculpting.views.pictures.module_styles import MOST_MODULES, module_styles


def overview(masks, hierarchy):
    return LargeNetwork(masks, hierarchy, module_styles(hierarchy.graph))


def test_every_module_has_one_block_in_each_layer_and_each_pair_of_blocks_one_bundle():
    picture = overview(*large())
    assert [counts.tolist() for counts in picture.counts] == [[[240, 2], [0, 80]], [[120, 0], [0, 80]]]
    root = drawn(picture)
    assert len(boxes(root)) == 6
    blocks = ["A", "120", "B", "80", "A", "60", "B", "40", "A", "2", "y0 y1", "B", "2", "y2 y3"]
    captions = ["200 of 200", "100 of 100", "4 of 4", "322 edges", "200 edges"]
    assert [text for text in texts(root) if text not in ("inputs", "hidden", "outputs")] == blocks + captions
    assert sum(path.get("stroke-width") is not None for group in root.iter("g") for path in group) == 5


def test_edges_of_removed_units_do_not_count():
    masks, hierarchy = large()
    hierarchy.kept[1][0] = False
    hierarchy.modules[1][0] = -1
    picture = overview(masks, hierarchy)
    # Four inputs lead to hidden unit 0, among them x0 and x59, and it leads to both outputs.
    assert [counts.tolist() for counts in picture.counts] == [[[236, 2], [0, 80]], [[118, 0], [0, 80]]]
    assert picture.edges == 236 + 2 + 80 + 118 + 80
    assert "99 of 100" in texts(drawn(picture))


def test_the_caption_shows_the_share_of_the_edges_that_are_drawn():
    generator = np.random.default_rng(0)
    masks, hierarchy = large_with_many_modules(30)
    masks[0] |= generator.random(masks[0].shape) < 0.5
    [caption] = [word for word in texts(drawn(overview(masks, hierarchy))) if word.endswith("drawn")]
    assert 20 < int(caption.removesuffix("% drawn")) < 95


@pytest.mark.parametrize("example", [large, large_with_many_modules])
@pytest.mark.parametrize("height", [0.0, 2500.0])
def test_blocks_do_not_overlap_and_stay_inside(example, height):
    root = drawn(overview(*example()), height)
    found = boxes(root)
    for index, (left, top, right, bottom) in enumerate(found):
        assert left >= 20
        assert right <= size_of(root)[0] - 20
        assert top >= 29.9
        assert bottom <= size_of(root)[1] - 30 - 44 + 0.1
        for x, y, to, end in found[:index]:
            assert to <= left or right <= x or end <= top or bottom <= y


def test_the_network_is_centered():
    masks = sculpted_masks([400, 200, 200, 3], [200, 80, 40, 3], edges=900)
    hierarchy = analyze(masks, hops=None, modularity_threshold=0.3, merging_threshold=0.6)
    found = boxes(drawn(overview(masks, hierarchy), 1000.0))
    assert min(top for _, top, _, _ in found) + max(bottom for *_, bottom in found) == pytest.approx(2 * 508, abs=1)


def test_a_few_edges_to_another_module_do_not_bend_a_module():
    found = [((top + bottom) / 2) for _, top, _, bottom in boxes(drawn(overview(*large()), 1000.0))]
    assert found[::2] == pytest.approx([found[0]] * 3, abs=0.2)
    assert found[1::2] == pytest.approx([found[1]] * 3, abs=0.2)


@pytest.mark.parametrize("rows", [slice(None), slice(None, None, -1)], ids=["own", "of the first modules"])
def test_modules_without_a_style_share_a_gray_block_at_the_end_whatever_their_edges(rows):
    masks, hierarchy = large_with_many_modules()
    masks[0] = masks[0][rows]
    # Of 50 modules the two with outputs and 24 + 6 of the others stay: 25 have 4 units, 25 have 3 in each layer.
    picture = overview(masks, hierarchy)
    assert MOST_MODULES == 32
    for layer in picture.layers[:2]:
        assert [block.module for block in layer].index(None) == len(layer) - 1 == 32
        assert len(layer[-1].units) == 18 * 3
    assert len(circles(drawn(picture))) == 33 + 33 + 2
