"""What holds for the clusters of every layer."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from network_strategies import features, groups_of, masks, orders
from scipy.cluster.hierarchy import linkage

from neural_sculpting.analysis import cluster_units, separability_verdict
from neural_sculpting.analysis.clusters import best_cut, cosine_distances, cut_tree, modularities
from neural_sculpting.analysis.separability import Overlap, overlap

THRESHOLDS = st.sampled_from([0.0, 0.2, 0.3, 1.0])


@given(features(), THRESHOLDS)
def test_every_unit_is_in_one_cluster_and_clusters_are_numbered_as_they_appear(layer, threshold):
    found = cluster_units(layer, threshold).tolist()
    assert len(found) == len(layer)
    assert list(dict.fromkeys(found)) == list(range(max(found) + 1))


@given(features(), THRESHOLDS)
def test_units_that_reach_the_same_are_in_one_cluster(layer, threshold):
    found = cluster_units(layer, threshold)
    for one, other in zip(*np.triu_indices(len(layer), k=1), strict=True):
        if (layer[one] == layer[other]).all():
            assert found[one] == found[other]


@given(features(), THRESHOLDS)
def test_the_clusters_are_the_best_cut_or_what_a_separability_test_gives(layer, threshold):
    found = groups_of(cluster_units(layer, threshold))
    separate, single = groups_of(np.arange(len(layer))), groups_of(np.zeros(len(layer)))
    if len(layer) < 3 or len(np.unique(layer, axis=0)) == 1:
        assert found in (separate, single)
        return
    distances = cosine_distances(layer)
    tree = linkage(distances, method="average")
    count, modularity = best_cut(tree, distances)
    cut = groups_of(cut_tree(tree, count))
    assert found in (cut, separate, single)
    if 2 < count < len(layer) - 1 and modularity <= -threshold:
        assert found == cut


@given(features(), THRESHOLDS, st.data())
def test_the_order_of_what_is_reached_does_not_matter(layer, threshold, data):
    columns = data.draw(orders(layer.shape[1]))
    assert cluster_units(layer[:, columns], threshold).tolist() == cluster_units(layer, threshold).tolist()


@given(features(), THRESHOLDS)
def test_only_shares_of_what_is_reached_matter(layer, threshold):
    # Four times as many columns: every norm is doubled exactly, so that distances are the same to the bit.
    repeated = np.repeat(layer, 4, axis=1)
    assert cluster_units(repeated, threshold).tolist() == cluster_units(layer, threshold).tolist()


@st.composite
def layers_without_ties(draw):
    """Few units that reach many others, so that no two pairs of units or of clusters are equally close."""
    layer = draw(masks((draw(st.integers(2, 5)), 48), kinds=("even", "sparse", "dense")))
    assume(layer.any(axis=1).all())
    distances = cosine_distances(layer)
    assume((np.diff(np.sort(distances)) > 1e-9).all())
    assume((np.diff(linkage(distances, method="average")[:, 2]) > 1e-9).all())
    return layer


@given(layers_without_ties(), THRESHOLDS, st.data())
def test_the_order_of_units_does_not_matter_unless_distances_are_equal(layer, threshold, data):
    order = data.draw(orders(len(layer)))
    moved = cluster_units(layer[order], threshold)
    assert groups_of(moved[order.argsort()]) == groups_of(cluster_units(layer, threshold))


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 3), THRESHOLDS, st.data())
def test_groups_with_nothing_in_common_are_found(groups, units, columns, threshold, data):
    group = np.repeat(np.arange(groups), units)[data.draw(orders(groups * units))]
    reached = np.repeat(np.eye(groups, dtype=bool), columns, axis=1)
    assert groups_of(cluster_units(reached[group], threshold)) == groups_of(group)


@pytest.mark.parametrize("threshold", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3), (7, 1), (7, 5)])
def test_one_unit_and_units_that_are_all_alike_are_one_cluster(shape, threshold):
    assert cluster_units(np.ones(shape, dtype=bool), threshold).tolist() == [0] * shape[0]
    alike = np.zeros(shape, dtype=bool)
    alike[:, 0] = True
    assert cluster_units(alike, threshold).tolist() == [0] * shape[0]


@given(features())
def test_cuts_of_a_tree_are_nested(layer):
    assume(len(layer) > 1)
    tree = linkage(cosine_distances(layer), method="average")
    cuts = [groups_of(cut_tree(tree, count)) for count in range(1, len(layer) + 1)]
    for number, (coarse, fine) in enumerate(pairwise(cuts), start=1):
        assert len(coarse) == number
        assert len(coarse & fine) == number - 1  # one cluster falls in two, all others stay
        assert all(any(part <= whole for whole in coarse) for part in fine)


@given(features())
def test_modularities_lie_between_minus_one_and_zero(layer):
    assume(len(np.unique(layer, axis=0)) > 1)
    distances = cosine_distances(layer)
    course = modularities(linkage(distances, method="average"), distances)
    assert course[-1] == pytest.approx(0, abs=1e-12)  # of one cluster: all distances less the square of all
    assert (course >= -1).all()


@st.composite
def overlaps(draw):
    """Two groups over the same later units, each of which reaches at least one."""
    layer = draw(features(most_units=2, most_columns=7))
    return overlap(layer[:1], layer[-1:])


@given(overlaps(), overlaps())
def test_of_two_groups_one_of_the_tests_always_holds(closest, halves):
    assert closest.is_separate or closest.is_single
    assert separability_verdict(closest, closest) in ("separate", "single")
    verdict = separability_verdict(closest, halves)
    assert verdict != "separate" or closest.is_separate
    assert verdict != "single" or halves.is_single
    assert (verdict is None) == (not closest.is_separate and not halves.is_single)


@given(overlaps())
def test_two_groups_may_change_places(found):
    turned = Overlap(found.second, found.first, found.shared, found.total)
    for name in ("is_separate", "is_single", "squared_deviation"):
        assert getattr(found, name) == getattr(turned, name)
    assert found.squared_deviation >= 0
