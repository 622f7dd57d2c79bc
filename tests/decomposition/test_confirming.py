from function_examples import table_of

from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets
from neural_sculpting.decomposition.search import choices, confirmed, is_significant


def names(sets):
    return sorted("".join(map(str, sorted(each.inputs))) for each in sets)


def test_what_is_chosen():
    assert ["".join(chosen) for chosen in choices("abcd")] == [
        *("ab", "ac", "ad", "bc", "bd", "cd"),
        *("abc", "abd", "acd", "bcd"),
    ]
    assert len([*choices(range(11))]) == 55 + 165  # pairs and triples
    assert [*choices("a")] == []


def test_candidates_that_are_not_bound_sets_are_dropped():
    sets = BoundSets(table_of(4, lambda a, b, c, d: (a & b) ^ (c | d)))
    assert confirmed(sets, [[0, 1], [0, 2], [1, 2, 3]]).strong == {*sets.of_one_bit([0, 1])}


def test_a_candidate_that_can_exchange_an_input_gives_way_to_both():
    sets = BoundSets(table_of(5, lambda a, b, c, d, e: (a ^ b ^ c) & (d | e)))
    family = confirmed(sets, [[0, 1]])  # nobody suggested {a, b, c}
    assert names(family.strong) == ["012"]
    assert names(family.tied) == ["01", "02", "12"]


def test_blocks_form_larger_ones_without_a_suggestion():
    sets = BoundSets(table_of(5, lambda a, b, c, d, e: (((a & b) ^ c) | d) ^ e))
    assert names(confirmed(sets, [[0, 1]]).strong) == ["01", "012", "0123"]
    assert names(confirmed(sets, []).strong) == []


def test_three_values_of_many_sets_are_chance():
    pair = BoundSet(frozenset([0, 1]), frozenset([0]), 3, chance=0.002)
    assert is_significant(pair, 3)  # of 3 pairs
    assert not is_significant(pair, 4)  # of 6
