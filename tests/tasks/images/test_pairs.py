from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from image_examples import images_of
from user_errors import message_of

from neural_sculpting.networks import streams
from neural_sculpting.tasks.images.pairs import (
    PURPOSES,
    Pairs,
    Sets,
    draw_pairs,
    pair_targets,
    split_images,
    stream,
    xor_targets,
)
from neural_sculpting.tasks.images.sources import load_images


@pytest.mark.parametrize(
    ("purpose", "classes", "values"),
    [("split", (3,), [845, 853, 78]), ("training", (0, 9), [543, 389, 798]), ("test", (9, 0), [197, 994, 528])],
)
def test_the_streams_never_change(purpose, classes, values):
    """Other numbers would change every result that was ever published with a seed."""
    assert stream(7, purpose, *classes).integers(1000, size=3).tolist() == values


def test_every_seed_purpose_and_pair_of_classes_has_a_separate_stream():
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
    assert (len(networks), len(data)) == (20 * len(streams.PURPOSES), 480)


def sizes_of(split) -> list[list[int]]:
    return [[len(indices) for indices in part] for part in split]


@pytest.mark.parametrize(
    ("counts", "sizes"),
    [
        ([10, 20, 103], [[6, 12, 62], [2, 4, 20], [2, 4, 21]]),
        ([3, 4], [[1, 2], [1, 1], [1, 1]]),  # every set gets an image
    ],
)
def test_every_class_is_split_by_the_shares(counts, sizes):
    assert sizes_of(split_images(images_of(counts), len(counts), seed=0)) == sizes


def test_a_test_set_of_the_source_is_kept():
    own_test = np.arange(22) >= 16  # labels alternate: 8 images of each class before, 3 of each after
    split = split_images(images_of([11, 11], own_test), 2, seed=0)
    assert sizes_of(split) == [[6, 6], [2, 2], [3, 3]]
    assert [sorted(indices.tolist()) for indices in split.test] == [[16, 18, 20], [17, 19, 21]]


@given(counts=st.lists(st.integers(3, 40), min_size=1, max_size=4), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_every_image_of_a_class_is_in_exactly_one_set(counts, seed, data):
    classes = data.draw(st.integers(1, len(counts)))
    images = images_of(counts)
    split = split_images(images, classes, seed)
    for label in range(classes):
        together = np.concatenate([part[label] for part in split])
        assert sorted(together.tolist()) == np.flatnonzero(images.labels == label).tolist()
        assert all(len(part[label]) >= 1 for part in split)


def test_a_seed_changes_and_fixes_the_split():
    images = images_of([30, 30])
    first, again, other = (split_images(images, 2, seed) for seed in (3, 3, 4))
    for part in range(3):
        for label in range(2):
            assert first[part][label].tolist() == again[part][label].tolist()
            assert set(first[part][label].tolist()) != set(other[part][label].tolist())


def test_the_split_of_a_class_does_not_depend_on_the_others():
    images = images_of([20, 20, 20])
    three, two = split_images(images, 3, seed=5), split_images(images, 2, seed=5)
    for part, same in zip(three, two, strict=True):
        assert [indices.tolist() for indices in part[:2]] == [indices.tolist() for indices in same]
    ranks = [set((indices // 3).tolist()) for indices in three.test]
    assert ranks[0] != ranks[1]  # and every class has separate draws


TOO_FEW = "must have at least 3, for training, validation and test"


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (images_of([5, 2]), f"class 1 has 2 images; {TOO_FEW}"),
        (images_of([5, 1]), f"class 1 has 1 image; {TOO_FEW}"),
        (
            images_of([4], own_test=[False] * 4),
            "class 0 has 0 images in the source's own test set; must have at least 1, for test",
        ),
        (
            images_of([4], own_test=[False, True, True, True]),
            "class 0 has 1 image outside the source's own test set; must have at least 2, for training and validation",
        ),
    ],
)
def test_classes_with_too_few_images_are_refused(images, message):
    assert message_of(split_images, images, 2, seed=0) == f"examples: {message}"


def rows_of(pairs) -> list[tuple[int, int]]:
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def images_in(pairs) -> set[int]:
    return {*pairs.left.tolist(), *pairs.right.tolist()}


def assert_sound(images, classes, per_pair, sets):
    """Check the number of each ordered pair of classes, their order, and that no image is in two sets."""
    in_order = list(product(range(classes), repeat=2))
    for pairs, count in zip(sets, per_pair, strict=True):
        labels = list(zip(images.labels[pairs.left].tolist(), images.labels[pairs.right].tolist(), strict=True))
        assert labels == [both for both in in_order for _ in range(count)]
        assert len(pairs) == classes**2 * count
    assert not images_in(sets.training) & images_in(sets.validation)
    assert not images_in(sets.training) & images_in(sets.test)
    assert not images_in(sets.validation) & images_in(sets.test)


def test_the_draws_never_change():
    """Other numbers would change every result that was ever published with a seed."""
    sets = draw_pairs(images_of([10, 10]), 2, Sets(2, 1, 1), seed=7)
    assert rows_of(sets.training) == [(4, 12), (6, 8), (16, 1), (16, 5), (17, 6), (1, 18), (11, 5), (17, 1)]
    assert rows_of(sets.validation) == [(14, 14), (10, 7), (3, 14), (7, 3)]
    assert rows_of(sets.test) == [(2, 2), (2, 13), (13, 0), (19, 19)]


@given(
    counts=st.lists(st.integers(3, 25), min_size=1, max_size=4),
    per_pair=st.builds(Sets, *[st.integers(1, 30)] * 3),
    seed=st.integers(0, 2**32 - 1),
)
@example(counts=[3], per_pair=Sets(2, 1, 1), seed=0)  # one image in each set, paired with itself
def test_sets_are_sound_and_repeat_a_pair_only_when_all_are_drawn(counts, per_pair, seed):
    images, classes = images_of(counts), len(counts)
    sets = draw_pairs(images, classes, per_pair, seed)
    assert_sound(images, classes, per_pair, sets)
    again = draw_pairs(images, classes, per_pair, seed)
    for pairs, same, count in zip(sets, again, per_pair, strict=True):
        assert rows_of(pairs) == rows_of(same)
        for cell in range(classes**2):
            times = Counter(rows_of(pairs)[cell * count : (cell + 1) * count])
            assert max(times.values()) == 1 or max(times.values()) <= min(times.values()) + 1


def test_all_pairs_are_drawn_before_one_is_drawn_again():
    images = images_of([5, 5])  # 3, 1 and 1 images of each class: 9 different pairs to train with
    for count, times in [(9, [1] * 9), (10, [1] * 8 + [2]), (18, [2] * 9), (20, [2] * 7 + [3] * 2)]:
        training = draw_pairs(images, 2, Sets(count, 3, 1), seed=0).training
        for cell in range(4):
            drawn = Counter(rows_of(training)[cell * count : (cell + 1) * count])
            assert sorted(drawn.values()) == times


def test_pairs_of_classes_are_drawn_independently():
    """With one stream for all, the ranks within their classes would be the same."""
    pairs = draw_pairs(images_of([50, 50]), 2, Sets(20, 1, 1), seed=0).training
    ranks = np.split(np.stack([pairs.left // 2, pairs.right // 2], axis=1), 4)
    assert len({rows.tobytes() for rows in ranks}) == 4


def test_pairs_do_not_depend_on_the_other_classes_or_the_other_sets():
    images = images_of([20, 20, 20])
    three = draw_pairs(images, 3, Sets(5, 2, 2), seed=0)
    two = draw_pairs(images, 2, Sets(5, 9, 2), seed=0)
    for part in ("training", "test"):
        drawn = rows_of(getattr(three, part))
        of_two = [row for row in drawn if max(images.labels[list(row)]) < 2]
        assert of_two == rows_of(getattr(two, part))


def test_draws_are_uniform():
    """Of 6 x 6 pairs 9 are drawn, from 6 of 10 images: each image is on each side 0.9 times on average."""
    images = images_of([10])
    draws = [draw_pairs(images, 1, Sets(9, 1, 1), seed).training for seed in range(400)]
    for side in ("left", "right"):
        counts = np.bincount(np.concatenate([getattr(pairs, side) for pairs in draws]), minlength=10)
        assert abs(counts - 360).max() < 90


def test_the_digits_at_the_papers_size():
    digits, per_pair = load_images("digits"), Sets(800, 200, 200)
    sets = draw_pairs(digits, 10, per_pair, seed=0)
    assert_sound(digits, 10, per_pair, sets)
    assert [len(set(rows_of(pairs))) for pairs in sets] == [80_000, 20_000, 20_000]


def test_the_targets_of_all_pairs_of_classes():
    images, rows = images_of([1] * 8), list(product(range(8), repeat=2))
    pairs = Pairs(*np.array(rows).T)
    bits = xor_targets(images, pairs)
    assert bits.tolist() == [[int(bit) for bit in f"{left ^ right:03b}"] for left, right in rows]
    assert bits.dtype == np.float32
    one_hot = pair_targets(images, pairs, classes=8)
    assert one_hot.dtype == np.float32
    assert [np.flatnonzero(row).tolist() for row in one_hot] == [[left, 8 + right] for left, right in rows]
