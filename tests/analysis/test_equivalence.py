import networkx as nx
import numpy as np
from hierarchy_examples import hierarchy
from hypothesis import given
from hypothesis import strategies as st
from network_strategies import renamed

from neural_sculpting.analysis.equivalence import as_in, is_expected, same_hierarchy


@st.composite
def small_hierarchies(draw) -> nx.DiGraph:
    """Up to four modules of few inputs and outputs, many of them without any."""
    ends = st.sampled_from([(), (), (0,), (1,), (0, 1)])
    modules = {number: (draw(ends), draw(ends)) for number in range(draw(st.integers(0, 4)))}
    pairs = [(used, user) for used in modules for user in modules if used != user]
    return hierarchy(modules, draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else ())


@given(small_hierarchies(), small_hierarchies())
def test_hierarchies_are_the_same_if_they_are_isomorphic(one, other):
    same = nx.is_isomorphic(one, other, node_match=lambda mine, theirs: mine == theirs)
    assert same_hierarchy(one, other) == same_hierarchy(other, one) == same


@given(small_hierarchies(), st.data())
def test_names_do_not_matter(one, data):
    assert same_hierarchy(one, data.draw(renamed(one)))


def test_indices_may_be_numbers_of_numpy_in_any_order():
    one = hierarchy({"A": (np.array([1, 0]), [np.int64(2)]), "B": ((), ())}, "AB")
    assert same_hierarchy(one, hierarchy({0: ((0, 1), (2,)), 1: ((), ())}, [(0, 1)]))


USED = hierarchy({"A": ((0, 1), (0,)), "B": ((2,), ()), "T": ((), (1,))}, "AT BT")
APART = hierarchy({"A": ((0, 1), ()), "Y": ((), (0,)), "B": ((2,), ()), "T": ((), (1,))}, "AY AT BT")
BESIDE = hierarchy({"A": ((0, 1), ()), "E": ((), (0,)), "O": ((), (1,))}, "AE AO")


def test_the_output_of_a_module_that_others_read_is_its_own_or_apart():
    assert is_expected(APART, USED)
    assert same_hierarchy(as_in(APART, USED), USED)
    assert not is_expected(USED, APART)  # a task that says so expects them apart
    assert not same_hierarchy(APART, USED)
    unused = hierarchy({"A": ((0, 1), (0,)), "B": ((2,), (1,))})
    assert set(as_in(APART, unused)) == {"A", "B", "T"}


def test_an_output_apart_for_another_reason_stays_so():
    assert same_hierarchy(as_in(BESIDE, BESIDE), BESIDE)
    for other in (hierarchy({"A": ((0, 1), (0, 1))}), hierarchy({"A": ((0, 1), (0,))})):
        assert not is_expected(BESIDE, other)
    lone = hierarchy({"A": ((0, 1), ()), "Y": ((), (0,))}, "AY")
    assert not is_expected(lone, hierarchy({"A": ((0, 1), (0,))}))
