from fractions import Fraction
from math import comb

import numpy as np
import pytest
from function_examples import table_of

from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets, Family, _chance
from neural_sculpting.decomposition.noisy_tables import MOST_NOISE, NoisyTable


def bound(inputs, outputs="0", **more):
    return BoundSet(frozenset(map(int, inputs)), frozenset(map(int, outputs)), 2, **more)


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ("01", "12", True),
        ("01", "23", False),  # apart
        ("01", "012", False),  # nested
        ("012", "123", True),
        ("01", "01", False),
    ],
)
def test_sets_that_overlap_partially_conflict(one, other, conflict):
    assert bound(one).conflicts(bound(other)) is conflict
    assert bound(other).conflicts(bound(one)) is conflict
    assert not bound(one, "0").conflicts(bound(other, "1"))  # no output depends on both


def test_sets_as_good_as_each_other_are_tied():
    family = Family().with_sets([bound("01"), bound("12"), bound("012"), bound("34")])
    assert family.strong == {bound("012"), bound("34")}
    assert family.tied == {bound("01"), bound("12")}


def test_a_clearer_set_wins_and_what_is_there_stays():
    clear, rival = bound("01", residual=0.001), bound("12", residual=0.02)
    assert Family().with_sets([clear, rival]).strong == {clear}
    assert Family().with_sets([bound("01", residual=0.01), rival]).tied == {bound("01"), bound("12")}
    assert Family(frozenset([rival])).with_sets([clear]) == Family(frozenset([rival]))
    assert Family(frozenset([rival])).with_sets([]) == Family(frozenset([rival]))


def test_a_set_that_is_not_clear_is_only_a_rival():
    near, unclear = bound("01", residual=0.03), bound("12", residual=0.1, clear=False)
    assert Family().with_sets([unclear]) == Family()
    assert Family().with_sets([near, unclear]) == Family(frozenset(), frozenset([near]))
    assert Family().with_sets([bound("01", residual=0.02), unclear]).strong == {near}


@pytest.mark.parametrize(("values", "draws", "bits"), [(3, 4, 3), (3, 4, 4), (5, 8, 4), (2, 4, 2)])
def test_the_chance_of_so_few_columns(values, draws, bits):
    # Of 2^bits functions of the other inputs, all drawn columns are among so many: a bound of the probability.
    columns = 2**bits
    expected = comb(columns, values) * Fraction(values, columns) ** draws
    assert _chance(values, draws, bits) == pytest.approx(min(1.0, float(expected)), rel=1e-9)


def test_the_chance_is_a_bound_and_small_where_many_inputs_are_outside():
    assert _chance(4, 4, 2) == 1.0
    random = np.random.default_rng(0)
    columns = np.sort(random.integers(16, size=(20_000, 8)), axis=1)
    few = ((np.diff(columns, axis=1) > 0).sum(axis=1) < 4).mean()
    assert few <= _chance(4, 8, 4)
    assert _chance(3, 4, 31) == pytest.approx(27 / 2 * 2.0**-31, rel=1e-6)  # 3^4 / 3! N^3 / N^4


def test_outputs_that_see_other_bits_have_sets_of_their_own():
    # The first output sees a & b, the next two a ^ b, the last a and b apart.
    sets = BoundSets(
        table_of(
            4,
            lambda a, b, c, d: (a & b) ^ c,
            lambda a, b, c, d: (a ^ b) & c,
            lambda a, b, c, d: (a ^ b) | d,
            lambda a, b, c, d: np.where(a, b & c, np.where(b, c | d, d)),
        )
    )
    assert sets.of_one_bit([1, 0]) == [bound("01", "0", whole=False), bound("01", "12", whole=False)]
    assert sets.of_one_bit([0]) == []
    assert sets.of_one_bit([2, 3]) == []


def test_inputs_of_which_outputs_read_nothing_else_are_no_set():
    sets = BoundSets(table_of(3, lambda a, b, c: a & b, lambda a, b, c: c))
    assert sets.of_one_bit([0, 1]) == []
    assert sets.of_one_bit([0, 2]) == []  # no output depends on both
    assert sets.of_few_values(frozenset([0, 1]), Family()) is None


def test_three_values_count_with_the_chance_of_a_random_function():
    # Of the sum of a and b, the others see whether it is 0, 1 or 2.
    table = table_of(4, lambda a, b, c, d: np.choose(a.astype(int) + b, [c & d, c ^ d, c | ~d]))
    found = BoundSets(table).of_few_values(frozenset([0, 1]), Family())
    assert (found.values, found.chance) == (3, pytest.approx(_chance(3, 4, 4)))
    assert BoundSets(table).of_few_values(frozenset([2, 3]), Family()) is None


def test_few_values_of_a_function_that_is_not_known_do_not_count():
    outputs = table_of(4, lambda a, b, c, d: np.choose(a.astype(int) + b, [c & d, c ^ d, c | ~d])).outputs
    values = [NoisyTable(outputs, noise).signal([0, 1], [0]).values for noise in (MOST_NOISE, 2 * MOST_NOISE)]
    assert values == [3, 4]
