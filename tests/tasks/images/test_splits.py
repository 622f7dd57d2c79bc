import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_examples import images_of

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images import load_images
from neural_sculpting.tasks.images.pairs import split_images


def sizes_of(split) -> list[list[int]]:
    return [[len(indices) for indices in part] for part in split]


@pytest.mark.parametrize(
    ("counts", "sizes"),
    [
        ([10, 20, 103], [[6, 12, 62], [2, 4, 20], [2, 4, 21]]),
        ([3, 4], [[1, 2], [1, 1], [1, 1]]),  # every set gets an image
    ],
)
def test_shares_are_shares_of_every_class(counts, sizes):
    assert sizes_of(split_images(images_of(counts), len(counts), seed=0)) == sizes


def test_the_sources_own_test_set_is_the_test_set():
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


@given(own_test=st.lists(st.booleans(), min_size=12, max_size=30), seed=st.integers(0, 99))
def test_an_own_test_set_stays_apart(own_test, seed):
    own_test = np.array([False, False, True, *own_test])
    split = split_images(images_of([len(own_test)], own_test), 1, seed)
    assert sorted(split.test[0].tolist()) == np.flatnonzero(own_test).tolist()
    others = np.concatenate([split.training[0], split.validation[0]])
    assert sorted(others.tolist()) == np.flatnonzero(~own_test).tolist()


def test_a_seed_changes_and_fixes_the_split():
    images = images_of([30, 30])
    first, again, other = (split_images(images, 2, seed) for seed in (3, 3, 4))
    for part in range(3):
        for label in range(2):
            assert first[part][label].tolist() == again[part][label].tolist()
            assert set(first[part][label].tolist()) != set(other[part][label].tolist())


def test_a_class_is_split_alike_whatever_the_others():
    images = images_of([20, 20, 20])
    three, two = split_images(images, 3, seed=5), split_images(images, 2, seed=5)
    for part, same in zip(three, two, strict=True):
        assert [indices.tolist() for indices in part[:2]] == [indices.tolist() for indices in same]
    ranks = [set((indices // 3).tolist()) for indices in three.test]
    assert ranks[0] != ranks[1]  # and every class has draws of its own


TOO_FEW = "must have at least 3, for training, validation and test"


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (images_of([5, 2]), f"class 1 has 2 images; {TOO_FEW}"),
        (images_of([5]), f"class 1 has 0 images; {TOO_FEW}"),
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
def test_a_class_with_too_few_images_is_named(images, said):
    with pytest.raises(UserError) as caught:
        split_images(images, 2, seed=0)
    assert str(caught.value) == f"examples: {said}"


def test_the_digits_have_enough_of_each_class():
    split = split_images(load_images("digits"), 10, seed=0)
    assert sizes_of(split)[0] == [107, 109, 106, 110, 109, 109, 109, 107, 104, 108]
