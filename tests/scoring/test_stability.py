"""Agreement of hierarchies, by hand."""

from math import isnan

import networkx as nx
import numpy as np
import pytest

from neural_sculpting.scoring.means import Mean
from neural_sculpting.scoring.stability import cohens_kappa, stability

SHAPE = (4, 2)


def blocks(*ends: tuple[tuple[int, ...], tuple[int, ...]]) -> nx.DiGraph:
    graph = nx.DiGraph()
    for module, (inputs, outputs) in enumerate(ends):
        graph.add_node(module, inputs=inputs, outputs=outputs)
    return graph


APART = blocks(((0, 1), (0,)), ((2, 3), (1,)))
CROSSED = blocks(((0, 2), (0,)), ((1, 3), (1,)))
REORDERED = blocks(((2, 3), (1,)), ((0, 1), (0,)))


def test_the_order_of_modules_does_not_matter():
    found = stability([[APART, REORDERED, APART]], SHAPE)
    assert (found.inputs, found.reach) == (Mean(1.0, 1.0, 1.0, 3), Mean(1.0, 1.0, 1.0, 3))


def test_two_crossed_partitions_agree_less_than_by_chance():
    found = stability([[APART, CROSSED]], SHAPE)
    # No pair of inputs is together in both, two are in each: (0 - 2·2/6) / (2 - 2·2/6).
    assert found.inputs.mean == pytest.approx(-0.5)
    assert found.reach.mean == 0.0  # 4 of 8 pairs agree, as chance has it
    assert isnan(found.inputs.low)


def test_inputs_that_are_left_out_are_by_themselves():
    without = blocks(((0, 1), (0,)), ((2,), (1,)))
    found = stability([[APART, without]], SHAPE)
    assert found.inputs.mean == pytest.approx((1 - 2 / 6) / (1.5 - 2 / 6))


def test_several_groups_count_alike_whatever_their_size():
    found = stability([[APART] * 5, [APART, CROSSED], [APART]], SHAPE)
    assert (found.inputs.mean, found.inputs.count) == (pytest.approx(0.25), 2)
    assert stability([[APART], []], SHAPE) is None


def test_kappa_by_hand():
    one, other = np.array([True, True, False, False]), np.array([True, False, False, False])
    assert cohens_kappa(one, other) == pytest.approx((0.75 - 0.5) / 0.5)
    assert cohens_kappa(np.ones(3, dtype=bool), np.ones(3, dtype=bool)) == 1.0


def test_the_interval_of_pairs_is_that_of_the_jackknife():
    values = np.array([[9.0, 0.1, 0.4], [0.1, 9.0, 0.7], [0.4, 0.7, 9.0]])
    # Without one thing the other pair is left; pseudo-values 3 · 0.4 - 2 · (0.7, 0.4, 0.1), deviations ±0.6.
    half = 4.3027 * (0.36 / 3) ** 0.5
    found = Mean.of_pairs(values, lowest=-9.0, highest=9.0)
    assert (found.mean, found.low, found.high) == pytest.approx((0.4, 0.4 - half, 0.4 + half), abs=1e-4)
