import pytest
from hierarchy_examples import REUSED, SEPARATE, hierarchy

from neural_sculpting.scoring.consensus import by_parts, consensus_of, found_hierarchies
from neural_sculpting.scoring.rates import wilson_interval

RENAMED = hierarchy({7: ((2, 3), (2, 3)), 5: ((0, 1), (0, 1))})
ONE = hierarchy({0: (range(4), range(4))})


def test_the_most_frequent_hierarchy_comes_first():
    first, second, third = found_hierarchies([REUSED, SEPARATE, None, RENAMED, ONE])
    assert (first.members, first.trials, first.share) == ((1, 3), 2, 0.4)
    assert first.graph is SEPARATE
    assert (first.low, first.high) == wilson_interval(2, 5)
    # Of equally frequent ones that with fewer modules.
    assert [second.graph, third.graph] == [ONE, REUSED]


@pytest.mark.parametrize(
    ("graphs", "index"),
    [
        ([SEPARATE, RENAMED], 0),
        ([SEPARATE, None, RENAMED, ONE], 0),
        ([SEPARATE], None),  # it takes two to agree
        ([SEPARATE, None], None),
        ([SEPARATE, ONE], None),
        ([SEPARATE, ONE, ONE, RENAMED], None),  # a tie
        ([SEPARATE, ONE, ONE, RENAMED, SEPARATE], 0),
        ([None, None], None),
        ([], None),
    ],
)
def test_a_consensus_is_of_two_trials_and_more_than_any_other_has(graphs, index):
    found = consensus_of(found_hierarchies(graphs))
    assert (found and found.members[0]) == index


def test_of_equal_size_fewer_connections_and_then_the_earlier_count():
    chain = hierarchy({"A": ((0, 1), ()), "B": ((), (0,)), "C": ((), (1,))}, "AB BC AC")
    fan = hierarchy({"A": ((0, 1), ()), "B": ((), (0,)), "C": ((), (1,))}, "AB AC")
    other_fan = hierarchy({"A": ((0,), ()), "B": ((1,), (0,)), "C": ((), (1,))}, "AB AC")
    assert [found.graph for found in found_hierarchies([chain, other_fan, fan])] == [other_fan, fan, chain]


@pytest.mark.parametrize("graphs", [[], [None, None]])
def test_without_a_hierarchy_there_is_none(graphs):
    assert found_hierarchies(graphs) == []


def test_only_the_sides_of_images_are_compared():
    sides = [range(4), range(4, 8)]
    clean = [hierarchy({0: (left, (0,)), 1: (right, (1,))}) for left, right in [((0,), (5,)), ((2, 3), (4, 7))]]
    mixed = hierarchy({0: ((0, 4), (0,)), 1: ((5,), (1,))})
    assert [found.trials for found in found_hierarchies([mixed, *clean])] == [1, 1, 1]
    parts = [by_parts(graph, sides) for graph in (mixed, *clean)]
    first, second = found_hierarchies(parts)
    assert (first.members, second.members) == ((1, 2), (0,))
    assert dict(parts[0].nodes(data="inputs")) == {0: (0, 1), 1: (1,)}
    assert mixed.nodes[0]["inputs"] == (0, 4)  # unchanged
