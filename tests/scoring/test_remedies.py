import numpy as np
import pytest
from hierarchy_examples import REUSED, REUSED_MASKS, SEPARATE, SEPARATE_MASKS, SETTINGS, hierarchy, masks_of

from neural_sculpting.analysis import analyze
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.scoring.diagnosis.remedies import Remedy, can_try_thresholds, find_remedy

# Five inputs whose clusters by modularity are {x0, x1, x3}, {x2}, {x4}; the tests make one of them.
DIVIDED_MASKS = ("11 11 10 11 01", "11 11")
DIVIDED = hierarchy({0: ((0, 1, 3), ()), 1: ((2,), ()), 2: ((4,), ()), 3: ((), (0, 1))}, [(0, 3), (1, 3), (2, 3)])


@pytest.mark.parametrize(
    ("masks", "wanted", "changes", "remedy"),
    [
        # Half of A's edges lead to each group of outputs: not more than 0.5 of them.
        (REUSED_MASKS, REUSED, {"merging_threshold": 0.3}, Remedy(merging=0.5, modularity=None)),
        (DIVIDED_MASKS, DIVIDED, {"modularity_threshold": 0.5}, Remedy(merging=None, modularity=0.3)),
        (REUSED_MASKS, SEPARATE, {}, None),
    ],
)
def test_the_nearest_threshold_that_helps(masks, wanted, changes, remedy):
    settings = {**SETTINGS, **changes}
    assert find_remedy(masks_of(*masks), wanted, settings) == remedy
    if remedy is not None:
        assert not same_hierarchy(analyze(masks_of(*masks), **settings).graph, wanted)
        changed = {"merging_threshold": remedy.merging, "modularity_threshold": remedy.modularity}
        settings |= {key: value for key, value in changed.items() if value is not None}
        assert same_hierarchy(analyze(masks_of(*masks), **settings).graph, wanted)


def test_both_thresholds_together():
    # Behind the five inputs one unit for each pair of outputs: below 0.5 these join the units before them.
    masks = masks_of("11 11 10 11 01", "1 1", "11", "1010 0101")
    settings = {**SETTINGS, "modularity_threshold": 0.5, "merging_threshold": 0.3}
    wanted = analyze(masks, **{**settings, "modularity_threshold": 0.2, "merging_threshold": 0.9}).graph
    remedy = find_remedy(masks, wanted, settings)
    assert remedy is not None
    assert remedy.merging is not None
    assert remedy.modularity is not None
    found = analyze(masks, hops=None, merging_threshold=remedy.merging, modularity_threshold=remedy.modularity)
    assert same_hierarchy(found.graph, wanted)


def test_large_layers_are_not_clustered_again():
    assert can_try_thresholds([np.ones(300, dtype=bool), np.ones(300, dtype=bool)])
    assert not can_try_thresholds([np.ones(400, dtype=bool), np.ones(400, dtype=bool)])
    assert can_try_thresholds([np.zeros(5000, dtype=bool)])  # none is kept


def test_masks_are_not_changed():
    masks = masks_of(*SEPARATE_MASKS)
    for mask in masks:
        mask.flags.writeable = False
    find_remedy(masks, REUSED, SETTINGS)
