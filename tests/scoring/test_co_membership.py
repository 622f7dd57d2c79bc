import numpy as np
import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.scoring.co_membership import co_membership

FEW = hierarchy({"A": ((0, 3), (0,)), "B": ((), (1,))})


def test_shares_are_of_the_trials_with_a_hierarchy():
    found = co_membership([SEPARATE, None, REUSED, SEPARATE, FEW], 4, 4)
    assert found.trials == 4
    assert found.kept.tolist() == [1, 0.75, 0.75, 1]
    assert np.array_equal(found.together, found.together.T)
    of = {(one, other): found.count(found.together[one, other]) for one in range(8) for other in range(8)}
    assert [of[0, 1], of[0, 2], of[0, 3], of[2, 3]] == [3, 1, 2, 3]  # inputs in one module
    assert [of[4, 5], of[4, 6], of[4, 7]] == [2, 1, 0]  # outputs in one module
    assert [of[0, 4], of[0, 6], of[2, 4]] == [4, 1, 1]  # outputs that depend on inputs, also through another module
    assert [of[end, end] for end in range(8)] == [4, 3, 3, 4, 4, 4, 3, 3]


def test_what_most_trials_have():
    found = co_membership([SEPARATE, REUSED, SEPARATE, FEW], 4, 4)
    assert found.kept_by_most() == [0, 3, 1, 2]
    assert found.pairs_of_most()[:2] == [(0, 1), (2, 3)]
    assert set(found.pairs_of_most()[2:]) == {(0, 4), (0, 5), (1, 4), (1, 5), (2, 6), (2, 7), (3, 6), (3, 7)}


def test_inputs_of_one_module_are_beside_each_other():
    crossed = hierarchy({"A": ((0, 2), (0,)), "B": ((1, 3), (1,))})
    order = co_membership([crossed] * 3, 5, 2).order
    assert sorted(order) == [0, 1, 2, 3]  # the last is kept by none
    assert {*order[:2]} in ({0, 2}, {1, 3})


@pytest.mark.parametrize("graphs", [[], [None], [hierarchy({})]])
def test_nothing_in_common(graphs):
    found = co_membership(graphs, 2, 1)
    assert (found.order, found.kept_by_most(), found.pairs_of_most()) == ([], [], [])
    assert not found.together.any()
