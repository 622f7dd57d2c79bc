from itertools import pairwise

import networkx as nx
import numpy as np
from hierarchy_examples import REUSED, SEPARATE, SEPARATE_MASKS, masks_of
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.scoring.diagnosis.paths import (
    EdgeUse,
    count_edges,
    grouped,
    missing_inputs,
    needed_inputs,
    seen_inputs,
)


def test_inputs_that_outputs_see():
    assert seen_inputs(masks_of(*SEPARATE_MASKS)).astype(int).tolist() == [[1, 1, 0, 0]] * 2 + [[0, 0, 1, 1]] * 2
    # The second hidden unit has no input, the third leads nowhere.
    assert seen_inputs(masks_of("100 001", "10 01 00")).astype(int).tolist() == [[1, 0], [0, 0]]


def test_inputs_that_outputs_depend_on():
    assert needed_inputs(SEPARATE, (4, 4)).astype(int).tolist() == [[1, 1, 0, 0]] * 2 + [[0, 0, 1, 1]] * 2
    assert needed_inputs(REUSED, (4, 4)).all()  # E and O use A


def test_missing_inputs():
    needed = needed_inputs(SEPARATE, (4, 4))
    seen = seen_inputs(masks_of("00 10 01 01", "1100 0001"))  # x0 is gone, and y2
    strict = missing_inputs(seen, needed, SEPARATE, ignore_pruned_inputs=False)
    assert grouped(strict) == {(0,): [0, 1], (2, 3): [2]}
    lenient = missing_inputs(seen, needed, SEPARATE, ignore_pruned_inputs=True)  # y0 and y1 still see x1
    assert grouped(lenient) == {(2, 3): [2]}


def test_edges_on_paths_that_should_not_be():
    pairs = np.zeros((4, 4), dtype=bool)
    pairs[2, :2] = True  # y0 and y1 see x2
    # x2 to the first hidden unit is on such paths only; that unit's two edges to y0 and y1 serve x0 and x1 too.
    assert count_edges(masks_of("10 10 11 01", "1100 0011"), pairs) == EdgeUse(edges=9, on_such=3, on_such_only=1)
    # One hidden unit for all: every edge of x2, y0 and y1 is also on another path.
    assert count_edges(masks_of("1 1 1 1", "1111"), pairs) == EdgeUse(edges=8, on_such=3, on_such_only=0)
    # Edges that lead nowhere are not counted.
    everything = np.ones((2, 1), dtype=bool)
    assert count_edges(masks_of("11 00", "1 0"), everything) == EdgeUse(edges=2, on_such=2, on_such_only=2)


@given(st.data())
def test_paths_agree_with_networkx(data):
    generator = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    widths = data.draw(st.lists(st.integers(1, 5), min_size=3, max_size=5))
    masks = [generator.random((a, b)) < 0.4 for a, b in pairwise(widths)]
    graph = nx.DiGraph()
    graph.add_nodes_from((layer, unit) for layer, width in enumerate(widths) for unit in range(width))
    for layer, mask in enumerate(masks):
        graph.add_edges_from(((layer, a), (layer + 1, b)) for a, b in zip(*mask.nonzero(), strict=True))
    last = len(masks)
    expected = [
        [nx.has_path(graph, (0, one), (last, other)) for other in range(widths[-1])] for one in range(widths[0])
    ]
    assert seen_inputs(masks).tolist() == expected
    use = count_edges(masks, seen_inputs(masks))
    assert use.edges == use.on_such == use.on_such_only
