from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_examples import images_of

from neural_sculpting.tasks.images import Sets, draw_pairs, load_images

MNIST = Path(__file__).parents[3].parent / "shared" / "data" / "mnist"


def rows_of(pairs) -> list[tuple[int, int]]:
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def images_in(pairs) -> set[int]:
    return {*pairs.left.tolist(), *pairs.right.tolist()}


def assert_sound(images, classes, per_pair, sets):
    """So many of each ordered pair of classes, in their order; no image in two sets; no pair twice without need."""
    in_order = list(product(range(classes), repeat=2))
    for pairs, count in zip(sets, per_pair, strict=True):
        labels = list(zip(images.labels[pairs.left].tolist(), images.labels[pairs.right].tolist(), strict=True))
        assert labels == [both for both in in_order for _ in range(count)]
        assert len(pairs) == classes**2 * count
    assert not images_in(sets.training) & images_in(sets.validation)
    assert not images_in(sets.training) & images_in(sets.test)
    assert not images_in(sets.validation) & images_in(sets.test)


def test_the_draws_are_the_ones_of_every_result_so_far():
    """Whoever changes these numbers changes every result that was ever published with a seed."""
    sets = draw_pairs(images_of([10, 10]), 2, Sets(2, 1, 1), seed=7)
    assert rows_of(sets.training) == [(4, 12), (6, 8), (16, 1), (16, 5), (17, 6), (1, 18), (11, 5), (17, 1)]
    assert rows_of(sets.validation) == [(14, 14), (10, 7), (3, 14), (7, 3)]
    assert rows_of(sets.test) == [(2, 2), (2, 13), (13, 0), (19, 19)]


@given(
    counts=st.lists(st.integers(3, 25), min_size=1, max_size=4),
    per_pair=st.builds(Sets, *[st.integers(1, 30)] * 3),
    seed=st.integers(0, 2**32 - 1),
)
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


def test_one_image_alone_is_paired_with_itself():
    images = images_of([3])
    sets = draw_pairs(images, 1, Sets(2, 1, 1), seed=0)
    assert [len(set(rows_of(pairs))) for pairs in sets] == [1, 1, 1]
    assert sorted(index for pairs in sets for index in images_in(pairs)) == [0, 1, 2]


def test_a_seed_changes_the_draws():
    images = images_of([30, 30])
    first, other = (draw_pairs(images, 2, Sets(8, 4, 4), seed) for seed in (0, 1))
    assert all(rows_of(pairs) != rows_of(others) for pairs, others in zip(first, other, strict=True))


def test_pairs_of_classes_are_drawn_independently():
    """The same ranks within their classes would mean one stream for all."""
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
    split_alike = [draw_pairs(images, 1, Sets(9, 1, 1), seed).training for seed in range(400)]
    left = np.bincount(np.concatenate([pairs.left for pairs in split_alike]), minlength=10)
    right = np.bincount(np.concatenate([pairs.right for pairs in split_alike]), minlength=10)
    assert abs(left - 360).max() < 90
    assert abs(right - 360).max() < 90


def test_the_digits_at_the_papers_size():
    digits, per_pair = load_images("digits"), Sets(800, 200, 200)
    sets = draw_pairs(digits, 10, per_pair, seed=0)
    assert_sound(digits, 10, per_pair, sets)
    assert [len(set(rows_of(pairs))) for pairs in sets] == [80_000, 20_000, 20_000]


@pytest.mark.skipif(not MNIST.is_dir(), reason=f"no MNIST files in {MNIST}")
@pytest.mark.parametrize("classes", [8, 10])
def test_mnist_at_the_papers_size(classes):
    images, per_pair = load_images(str(MNIST)), Sets(800, 200, 200)
    sets = draw_pairs(images, classes, per_pair, seed=0)
    assert_sound(images, classes, per_pair, sets)
    assert len(set(rows_of(sets.training))) == classes**2 * 800
    assert images.own_test[sorted(images_in(sets.test))].all()
    assert not images.own_test[sorted(images_in(sets.training) | images_in(sets.validation))].any()
