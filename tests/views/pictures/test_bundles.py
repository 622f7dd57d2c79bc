import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from picture_examples import parsed

from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.bundles import MOST_BUNDLES, NARROWEST, Side, bundle_elements, widest
from neural_sculpting.views.pictures.module_styles import ModuleStyle

STYLES = {0: ModuleStyle("A", "#0072b2", "filled"), 1: ModuleStyle("B", "#e69f00", "filled")}


def side(modules, x, heights, gap=10.0):
    heights = np.array(heights, float)
    return Side(modules, [x] * len(modules), np.cumsum(heights + gap) - heights / 2, heights)


def bundles(counts, left, right):
    """Returns color, opacity, width, start and end of every bundle."""
    elements = bundle_elements(np.array(counts), left, right, STYLES)
    found = []
    for group in parsed(svg.document(9, 9, title="", description="", elements=elements)).iter("g"):
        for path in group:
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d"))]
            width = float(path.get("stroke-width"))
            found.append((group.get("stroke"), float(group.get("stroke-opacity")), width, numbers[1], numbers[-1]))
    return found


def test_widths_are_proportional_and_fit_the_fullest_block():
    # 30 edges leave the first block, which has room for 15 pixels; the others have more room for each edge.
    found = bundles([[20, 10], [0, 4]], side([0, 1], 0.0, [15, 15]), side([0, 1], 90.0, [20, 20]))
    assert sorted((color, width) for color, _, width, _, _ in found) == [
        ("#0072b2", 5.0),
        ("#0072b2", 10.0),
        ("#e69f00", 2.0),
    ]


def test_bundles_between_modules_are_paler():
    found = bundles([[20, 10], [0, 4]], side([0, 1], 0.0, [15, 15]), side([0, 1], 90.0, [20, 20]))
    opacity = {width: opacity for _, opacity, width, _, _ in found}
    assert opacity[5.0] < opacity[10.0] == opacity[2.0]


def test_small_modules_share_a_gray_that_is_never_inside_of_a_module():
    [(color, opacity, *_)] = bundles([[5]], side([None], 0.0, [20]), side([None], 90.0, [20]))
    [(_, inside, *_)] = bundles([[5]], side([0], 0.0, [20]), side([0], 90.0, [20]))
    assert color not in {style.color for style in STYLES.values()}
    assert opacity < inside


def test_single_edges_are_still_seen():
    found = bundles([[10_000, 1]], side([0], 0.0, [40]), side([0, 1], 90.0, [40, 20]))
    assert min(width for _, _, width, _, _ in found) == NARROWEST


@given(arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(0, 30)))
def test_bundles_lie_side_by_side_within_their_blocks_and_do_not_cross_there(counts):
    left, right = (side([0] * size, x, [30.0] * size) for size, x in zip(counts.shape, (0.0, 90.0), strict=True))
    found = bundles(counts, left, right)
    assert len(found) == np.count_nonzero(counts)
    for ys, place, other in ((left.ys, 3, 4), (right.ys, 4, 3)):
        for y in ys:
            here = sorted((bundle for bundle in found if abs(bundle[place] - y) < 16), key=lambda bundle: bundle[place])
            assert [bundle[other] for bundle in here] == sorted(bundle[other] for bundle in here)
            for above, below in pairwise(here):
                assert below[place] - above[place] >= (above[2] + below[2]) / 2 - NARROWEST - 0.2
            assert sum(bundle[2] for bundle in here) < 30 + len(here) * NARROWEST


def test_of_very_many_bundles_only_the_widest_are_drawn():
    counts = np.arange(400).reshape(20, 20)
    chosen = widest(counts, MOST_BUNDLES)
    assert chosen.sum() == MOST_BUNDLES
    assert counts[chosen].min() > counts[~chosen].max()
    assert len(bundles(counts, side([0] * 20, 0.0, [9] * 20), side([0] * 20, 90.0, [9] * 20))) == MOST_BUNDLES


@pytest.mark.parametrize(("most", "expected"), [(0, []), (2, [1, 2]), (3, [1, 2, 3]), (9, [0, 1, 2, 3])])
def test_pairs_without_edges_are_never_chosen_and_of_equals_the_first(most, expected):
    assert np.flatnonzero(widest(np.array([[1, 3, 3], [3, 0, 0]]), most)).tolist() == expected
