from itertools import product

import pytest

from neural_sculpting.networks import streams
from neural_sculpting.tasks.images.pairs import PURPOSES, stream


@pytest.mark.parametrize(
    ("purpose", "classes", "values"),
    [("split", (3,), [845, 853, 78]), ("training", (0, 9), [543, 389, 798]), ("test", (9, 0), [197, 994, 528])],
)
def test_the_streams_are_the_ones_of_every_result_so_far(purpose, classes, values):
    """Whoever changes these numbers changes every result that was ever published with a seed."""
    assert stream(7, purpose, *classes).integers(1000, size=3).tolist() == values


def test_every_seed_purpose_and_pair_of_classes_has_a_stream_of_its_own():
    keys = [(0,), (1,), (2, 3), (3, 2), (0, 0), (0, 1)]
    draws = {
        tuple(stream(seed, purpose, *classes).integers(2**60, size=2).tolist())
        for seed, purpose, classes in product([0, 1, 2**32 - 1], PURPOSES, keys)
    }
    assert len(draws) == 3 * 4 * 6


def test_no_stream_is_one_of_the_networks():
    def draw(generator) -> tuple[int, ...]:
        return tuple(generator.integers(2**60, size=2).tolist())

    networks = {draw(streams.stream(7, *key)) for key in product(streams.PURPOSES, range(20))}
    keys = [*((label,) for label in range(20)), *product(range(10), repeat=2)]
    data = {draw(stream(7, purpose, *key)) for purpose, key in product(PURPOSES, keys)}
    assert not networks & data
    assert (len(networks), len(data)) == (100, 480)


def test_an_unknown_purpose_has_no_stream():
    with pytest.raises(ValueError, match="not in tuple"):
        stream(0, "typo", 1)
