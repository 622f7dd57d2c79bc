from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_sculpting.analysis import check_masks, condense, restrict


def mask(rows):
    """A mask from one string for each unit that the edges start from."""
    return np.array([[bit == "1" for bit in row] for row in rows.split()])


def bits(kept):
    return ["".join("1" if alive else "0" for alive in layer) for layer in kept]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["11 11", "1 1"], ["11", "11", "1"]),
        # Input 1 has no edge.
        (["1 0", "1"], ["10", "1", "1"]),
        # Hidden unit 1 leads nowhere; input 1, which only feeds it, goes as well.
        (["10 01", "1 0"], ["10", "10", "1"]),
        # Hidden unit 1 gets nothing, though it feeds the output.
        (["10 10", "1 1"], ["11", "10", "1"]),
        # A chain that dies at its upper end: input 1, unit 1 of both hidden layers.
        (["10 01", "10 01", "1 0"], ["10", "10", "10", "1"]),
        # A chain that dies at its lower end: unit 1 of both hidden layers.
        (["10 00", "10 01", "1 1"], ["10", "10", "10", "1"]),
        # Both outputs stay, though only the first is fed.
        (["1 1", "10"], ["11", "1", "11"]),
        # No path from any input to any output, though there are edges.
        (["10 00", "00 11"], ["00", "00", "11"]),
        # No hidden layer.
        (["10 00"], ["10", "11"]),
    ],
)
def test_kept_units(rows, expected):
    assert bits(condense([mask(layer) for layer in rows])) == expected


def by_removal(masks):
    """The definition itself: remove one unit after the other until nothing changes."""
    masks = [layer.copy() for layer in masks]
    widths = [len(masks[0]), *(layer.shape[1] for layer in masks)]
    kept = [np.ones(width, dtype=bool) for width in widths]
    changed = True
    while changed:
        changed = False
        for layer in range(len(masks)):
            for unit in range(widths[layer]):
                fed = layer == 0 or masks[layer - 1][:, unit].any()
                if kept[layer][unit] and not (fed and masks[layer][unit].any()):
                    kept[layer][unit] = False
                    masks[layer][unit] = False
                    if layer > 0:
                        masks[layer - 1][:, unit] = False
                    changed = True
    return kept


@settings(max_examples=60, deadline=None)
@given(
    widths=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    density=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_agrees_with_removing_one_unit_after_the_other(widths, density, seed):
    generator = np.random.default_rng(seed)
    masks = [generator.random(shape) < density for shape in pairwise(widths)]
    assert bits(condense(masks)) == bits(by_removal(masks))


def test_restrict_leaves_the_kept_rows_and_columns():
    masks = [mask("100 010 001"), mask("11 00 10")]
    restricted = restrict(masks, condense(masks))  # unit 1 of both lower layers goes
    np.testing.assert_array_equal(restricted[0], mask("10 01"))
    np.testing.assert_array_equal(restricted[1], mask("11 10"))


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ([], "found none"),
        ([np.ones((2, 2))], r"masks\[0\].*float64 \(2, 2\)"),
        ([np.ones(2, dtype=bool)], r"masks\[0\].*bool \(2,\)"),
        ([np.ones((2, 3), dtype=bool), [[True]]], r"masks\[1\].*list"),
        ([np.ones((2, 3), dtype=bool), np.ones((2, 1), dtype=bool)], r"masks\[0\].*3 units and 2 units"),
    ],
)
def test_masks_of_no_network_are_refused(masks, message):
    with pytest.raises(ValueError, match=message):
        check_masks(masks)
