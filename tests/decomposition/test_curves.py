"""The order of points along a curve, and what neighbors on it say."""

import numpy as np

from neural_sculpting.decomposition.curves import Curve, off_the_curve

ALONG = np.random.default_rng(5).uniform(size=200)
DIRECTION, OTHER = np.random.default_rng(6).normal(size=(2, 8))
SAME = np.zeros(200, dtype=np.intp)


def from_one_end(order):
    return order if ALONG[order[0]] < ALONG[order[-1]] else order[::-1]


def test_points_are_in_their_order_along_a_curve():
    for points in (ALONG[:, None] * np.abs(DIRECTION), np.sin(3 * ALONG[:, None] * DIRECTION)):
        curve = Curve.through(points, SAME)
        assert (from_one_end(curve.order) == ALONG.argsort()).all()
        assert off_the_curve(points[curve.order] - points.mean(axis=0)) < 0.01


def test_points_of_a_plane_are_on_no_curve():
    plane = ALONG[:, None] * DIRECTION + np.random.default_rng(7).uniform(size=(200, 1)) * OTHER
    order = Curve.through(plane, SAME).order
    assert off_the_curve(plane[order] - plane.mean(axis=0)) > 0.1


def test_curves_one_after_the_other_are_none():
    apart = np.concatenate([np.sin(6 * ALONG[:100, None] * DIRECTION), 3 + np.cos(6 * ALONG[100:, None] * OTHER)])
    assert Curve.through(apart, SAME) is not None
    assert Curve.through(apart, np.repeat([0, 1], 100)) is None  # each has a discrete value of its own


def test_neighbors_are_on_both_sides_but_at_the_ends():
    curve = Curve(np.array([2, 0, 1, 3]), np.array([1.0, 2.0, 0.0, 3.0]))
    near = curve.neighbors(np.array([0, 2]), 2)
    assert (near.weights > 0).tolist() == [[False, True, True, True], [False, False, True, True]]
    assert near.points[0, 1:].tolist() == [2, 1, 3]
    assert near.weights[0].tolist() == [0, 2, 2, 1]
    assert near.offsets[0, 1:].tolist() == [-1, 1, 2]


def test_values_on_a_line_are_interpolated_and_at_the_ends_extrapolated():
    curve = Curve(np.arange(50), np.linspace(0, 1, 50) ** 2)
    near = curve.neighbors(np.arange(50), 4)
    lines = np.stack([3 * curve.scores + 1, -curve.scores], axis=1)
    np.testing.assert_allclose(near.interpolate(lines[near.points]), lines, atol=0.03)
    middle = slice(20, 50)  # where neighbors are not too close to see a slope
    np.testing.assert_allclose(near.interpolate(lines[near.points])[middle], lines[middle], atol=0.01)
