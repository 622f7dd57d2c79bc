"""Clusters of a layer: worked out by hand, and properties of those of every layer."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hierarchy_examples import mask_of
from hypothesis import assume, given
from hypothesis import strategies as st
from network_strategies import features, groups_of, masks, orders
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

from neural_sculpting.analysis import cluster_units
from neural_sculpting.analysis.clusters import _pair, best_cut, cosine_distances, cut_tree, modularities


def tree_of(layer):
    distances = cosine_distances(layer)
    return linkage(distances, method="average"), distances


@given(features())
def test_cosine_distances_are_those_of_scipy_to_the_bit(layer):
    np.testing.assert_array_equal(cosine_distances(layer), pdist(layer.astype(float), "cosine"))


def test_cut_tree_after_the_first_merges_even_at_equal_heights():
    # Three pairs of equal units: three merges at height 0. A cut by height could not give four clusters.
    tree, _ = tree_of(mask_of("100 100 010 010 001 001"))
    cuts = {6: [0, 1, 2, 3, 4, 5], 5: [0, 0, 1, 2, 3, 4], 4: [0, 0, 1, 1, 2, 3], 3: [0, 0, 1, 1, 2, 2], 1: [0] * 6}
    assert {count: cut_tree(tree, count).tolist() for count in cuts} == cuts


def directly(layer, labels):
    """The definition of modularity, from the whole distance matrix."""
    matrix = squareform(pdist(layer.astype(float), "cosine"))
    matrix /= matrix.sum()
    return sum(
        matrix[np.ix_(labels == c, labels == c)].sum() - matrix[labels == c].sum() * matrix[:, labels == c].sum()
        for c in set(labels.tolist())
    )


@given(features())
def test_modularities_agree_with_the_definition(layer):
    if (layer == layer[0]).all():
        return
    tree, distances = tree_of(layer)
    found = modularities(tree, distances)
    expected = [directly(layer, cut_tree(tree, count)) for count in range(len(layer) - 1, 0, -1)]
    np.testing.assert_allclose(found, expected, atol=1e-14)


# Disjoint groups of equal units. Of 2, 3 and 6: D has sum 11² - 2² - 3² - 6² = 72 and rows of 9, 8 and 5, so that the
# groups have a = 18/72, 24/72 and 30/72. Three clusters: -(9 + 16 + 25)/144 = -50/144.
# The first two groups as one, with 12/72 inside: 24/144 - (49 + 25)/144 = -50/144, the same.
# Of 5, 12 and 20: D has sum 800 and rows of 32, 25 and 17, a = 0.2, 0.375 and 0.425. Three clusters: -0.36125.
# The first two as one: 120/800 - (0.575² + 0.425²) = -0.36125. Here rounding makes it the lower one.
@pytest.mark.parametrize(("sizes", "modularity"), [((2, 3, 6), -50 / 144), ((5, 12, 20), -0.36125)])
def test_equal_modularities_give_the_larger_number_of_clusters(sizes, modularity):
    groups = np.repeat([0, 1, 2], sizes)
    layer = np.eye(3, dtype=bool)[groups]
    tree, distances = tree_of(layer)
    assert cut_tree(tree, 2).tolist() == np.maximum(groups - 1, 0).tolist()
    np.testing.assert_allclose(modularities(tree, distances)[-3:-1], modularity, atol=1e-15)
    assert best_cut(tree, distances) == (3, pytest.approx(modularity))
    assert cluster_units(layer, 0.2).tolist() == groups.tolist()


def test_the_threshold_itself_does_not_call_for_the_separability_tests():
    # All distances between the three kinds are 1/2: D has sum 7, the first three units have rows of 1, the others
    # of 2. Three clusters: -((3/7)² + (2/7)² + (2/7)²) = -17/49, the lowest. The halves (a reach of 3 and 2 of 3
    # units, 2 shared = e) would pass as a single cluster.
    layer = mask_of("110 110 110 101 011")
    assert best_cut(*tree_of(layer)) == (3, pytest.approx(-17 / 49))
    assert cluster_units(layer, float(Fraction(17, 49))).tolist() == [0, 0, 0, 1, 2]
    assert cluster_units(layer, 0.34).tolist() == [0, 0, 0, 1, 2]
    assert cluster_units(layer, 0.35).tolist() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # One unit; all units alike (with norms that round, sqrt(2)² and sqrt(3)²).
        ("1", [0]),
        ("110 110 110 110", [0, 0, 0, 0]),
        ("111 111 111", [0, 0, 0]),
        # Two units: nothing shared; 1 of 2 and 2 shared with e = 4/4 = 1 (both hold, both deviate by 0); shared 1
        # with e = 4/5; shared 1 with e = 4/3.
        ("10 01", [0, 1]),
        ("1100 0110", [0, 0]),
        ("11000 01100", [0, 0]),
        ("110 011", [0, 1]),
        # Two pairs: K = 2 (-1/2) calls for the tests; the closest units are equal and the halves share nothing.
        ("10 01 10 01", [0, 1, 0, 1]),
        # Three disjoint units: K = 2, and even the closest pair shares nothing.
        ("100 010 001", [0, 1, 2]),
        # Four disjoint units: K = 3 = n - 1 has 2/12 - (1/4 + 1/16 + 1/16) = -5/24, below -0.2 and lower than
        # 4/12 - 1/2 for two pairs. n - 1 calls for the tests all the same.
        ("1000 0100 0010 0001", [0, 1, 2, 3]),
        # Three units of reach 2, all pairs share 1 of 4/3: separate. Halves: reaches 3 and 2, shared 2, e = 2:
        # single too. It is 1/3 below e against 0 above it: separate.
        ("110 101 011", [0, 1, 2]),
        # Three disjoint pairs: each unit has a = 1/6. Six clusters -1/6, five -2/9, four -5/18, three -1/3, two -2/9.
        # K = 3 is neither 2 nor 5, and -1/3 is below -0.2: no tests.
        ("100 001 010 100 001 010", [0, 1, 2, 0, 1, 2]),
    ],
)
def test_clusters_by_hand(rows, expected):
    assert cluster_units(mask_of(rows), 0.2).tolist() == expected


def test_of_equally_close_pairs_the_first_is_tested():
    # Reaches of 1 and 4 share 1; of 4 and 4 share 2: distance 1/2 for both, and for the second and the last unit.
    # N = 8. The first pair shares 1 > e = 4/8: not separate. The pair of the last two shares 2 = e = 16/8: separate.
    layer = mask_of("10000000 11110000 00001111 01100011")
    # Halves {0, 1} and {2, 3}: reaches of 4 and 6, shared 2 < e = 3: not single. So K = 2 of the modularity stays:
    # rows of D are 5/2, 2, 5/2, 2 of 9; -82/324, and -4/324 more with each of the two merges.
    assert best_cut(*tree_of(layer)) == (2, pytest.approx(-90 / 324))
    assert cluster_units(layer, 0.2).tolist() == [0, 0, 1, 1]
    # In the reverse order the pair that is separate comes first.
    assert cluster_units(layer[::-1], 0.2).tolist() == [0, 1, 2, 3]


def test_a_layer_may_be_empty_but_every_unit_must_reach_something():
    assert cluster_units(np.zeros((0, 4), dtype=bool), 0.2).tolist() == []
    with pytest.raises(ValueError, match="every unit must reach"):
        cluster_units(mask_of("10 00"), 0.2)


THRESHOLDS = st.sampled_from([0.0, 0.2, 0.3, 1.0])


@given(features(), THRESHOLDS)
def test_clusters_are_numbered_as_they_appear_and_contain_all_units_that_reach_the_same(layer, threshold):
    found = cluster_units(layer, threshold)
    assert len(found) == len(layer)
    assert list(dict.fromkeys(found.tolist())) == list(range(max(found) + 1))
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
    tree, distances = tree_of(layer)
    count, modularity = best_cut(tree, distances)
    cut = groups_of(cut_tree(tree, count))
    assert found in (cut, separate, single)
    if 2 < count < len(layer) - 1 and modularity <= -threshold:
        assert found == cut


@given(features(), THRESHOLDS, st.data())
def test_neither_the_order_of_reached_units_nor_equal_copies_of_them_matter(layer, threshold, data):
    # Four times as many columns: every norm is doubled exactly, so that distances are the same to the bit.
    columns = np.repeat(data.draw(orders(layer.shape[1])), 4)
    assert cluster_units(layer[:, columns], threshold).tolist() == cluster_units(layer, threshold).tolist()


@st.composite
def layers_without_ties(draw):
    """Few units that reach many others, so that no two pairs of units or of clusters are equally close."""
    layer = draw(masks((draw(st.integers(2, 5)), 48), kinds=("even", "sparse", "dense")))
    assume(layer.any(axis=1).all())
    tree, distances = tree_of(layer)
    assume((np.diff(np.sort(distances)) > 1e-9).all())
    assume((np.diff(tree[:, 2]) > 1e-9).all())
    return layer


@given(layers_without_ties(), THRESHOLDS, st.data())
def test_the_order_of_units_does_not_matter_unless_distances_are_equal(layer, threshold, data):
    order = data.draw(orders(len(layer)))
    moved = cluster_units(layer[order], threshold)
    assert groups_of(moved[order.argsort()]) == groups_of(cluster_units(layer, threshold))


@given(features())
def test_cuts_of_a_tree_are_nested(layer):
    assume(len(layer) > 1)
    tree, _ = tree_of(layer)
    cuts = [groups_of(cut_tree(tree, count)) for count in range(1, len(layer) + 1)]
    for number, (coarse, fine) in enumerate(pairwise(cuts), start=1):
        assert len(coarse) == number
        assert len(coarse & fine) == number - 1  # one cluster is divided in two, the others are the same
        assert all(any(cluster <= whole for whole in coarse) for cluster in fine)


def test_clusters_of_equal_features_are_remembered_and_cannot_be_changed():
    features = mask_of("110 110 001 001 011")
    clusters = cluster_units(features, 0.2)
    assert cluster_units(features.copy(order="F"), 0.2) is clusters
    with pytest.raises(ValueError, match="read-only"):
        clusters[0] = 1


@given(st.integers(2, 60), st.data())
def test_the_pair_of_a_condensed_distance(units, data):
    index = data.draw(st.integers(0, units * (units - 1) // 2 - 1))
    rows, columns = np.triu_indices(units, k=1)
    assert _pair(index, units) == (rows[index], columns[index])
