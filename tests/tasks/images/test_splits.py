import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_examples import images_of

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images import Sets, load_images, split_images

SHARES = Sets(0.6, 0.2, 0.2)
ANY_SHARES = st.builds(Sets, *[st.floats(0.001, 1000)] * 3)


def sizes_of(split) -> list[list[int]]:
    return [[len(numbers) for numbers in part] for part in split]


def message_of(images, classes=2, shares=SHARES) -> str:
    with pytest.raises(UserError) as caught:
        split_images(images, classes, shares, seed=0)
    return str(caught.value)


def test_shares_are_shares_of_every_class():
    assert sizes_of(split_images(images_of([10, 20, 103]), 3, SHARES, seed=0)) == [[6, 12, 62], [2, 4, 20], [2, 4, 21]]


def test_shares_are_relative_to_each_other():
    assert sizes_of(split_images(images_of([12]), 1, Sets(8, 2, 2), seed=0)) == [[8], [2], [2]]


@pytest.mark.parametrize(
    ("count", "shares", "sizes"),
    [
        (3, Sets(1000, 0.001, 0.001), [1, 1, 1]),
        (3, Sets(0.001, 0.001, 1000), [1, 1, 1]),
        (50, Sets(0.001, 1000, 0.001), [1, 48, 1]),
        (10, Sets(0.6, 0.001, 0.4), [6, 1, 3]),
    ],
)
def test_every_set_gets_an_image_however_small_its_share(count, shares, sizes):
    assert [size for [size] in sizes_of(split_images(images_of([count]), 1, shares, seed=0))] == sizes


def test_the_sources_own_test_set_is_the_test_set():
    own_test = np.arange(20) >= 14  # labels alternate: 7 images of each class before, 3 of each after
    split = split_images(images_of([10, 10], own_test), 2, Sets(0.5, 0.2, 1000), seed=0)
    assert sizes_of(split) == [[5, 5], [2, 2], [3, 3]]
    assert [sorted(numbers.tolist()) for numbers in split.test] == [[14, 16, 18], [15, 17, 19]]


@given(
    counts=st.lists(st.integers(3, 40), min_size=1, max_size=4),
    shares=ANY_SHARES,
    seed=st.integers(0, 2**32 - 1),
    data=st.data(),
)
def test_every_image_of_a_class_is_in_exactly_one_set(counts, shares, seed, data):
    classes = data.draw(st.integers(1, len(counts)))
    images = images_of(counts)
    split = split_images(images, classes, shares, seed)
    for label in range(classes):
        together = np.concatenate([part[label] for part in split])
        assert sorted(together.tolist()) == np.flatnonzero(images.labels == label).tolist()
        assert all(len(part[label]) >= 1 for part in split)


@given(own_test=st.lists(st.booleans(), min_size=12, max_size=30), seed=st.integers(0, 99))
def test_an_own_test_set_stays_apart(own_test, seed):
    own_test = np.array([False, False, True, *own_test])
    images = images_of([len(own_test)], own_test)
    split = split_images(images, 1, SHARES, seed)
    assert sorted(split.test[0].tolist()) == np.flatnonzero(own_test).tolist()
    others = np.concatenate([split.training[0], split.validation[0]])
    assert sorted(others.tolist()) == np.flatnonzero(~own_test).tolist()


def test_a_seed_changes_and_fixes_the_split():
    images = images_of([30, 30])
    first, again, other = (split_images(images, 2, SHARES, seed) for seed in (3, 3, 4))
    for part in range(3):
        for label in range(2):
            assert first[part][label].tolist() == again[part][label].tolist()
            assert set(first[part][label].tolist()) != set(other[part][label].tolist())


def test_a_class_is_split_alike_whatever_the_others():
    images = images_of([20, 20, 20])
    three, two = split_images(images, 3, SHARES, seed=5), split_images(images, 2, SHARES, seed=5)
    for part, same in zip(three, two, strict=True):
        assert [numbers.tolist() for numbers in part[:2]] == [numbers.tolist() for numbers in same]
    places = [set((numbers // 3).tolist()) for numbers in three.test]
    assert places[0] != places[1]  # and every class has draws of its own


def test_a_class_with_too_few_images_is_named():
    must = "must have at least 3, for training, validation and test"
    assert message_of(images_of([5, 2])) == f"examples: class 1 has 2 images; {must}"
    assert message_of(images_of([5])) == f"examples: class 1 has 0 images; {must}"
    assert message_of(images_of([5, 1])) == f"examples: class 1 has 1 image; {must}"


def test_a_class_with_too_few_images_on_one_side_of_the_own_test_set_is_named():
    none = images_of([4], own_test=[False] * 4)
    assert message_of(none, 1) == (
        "examples: class 0 has 0 images in the source's own test set; must have at least 1, for test"
    )
    nearly_all = images_of([4], own_test=[False, True, True, True])
    assert message_of(nearly_all, 1) == (
        "examples: class 0 has 1 image outside the source's own test set; "
        "must have at least 2, for training and validation"
    )


@pytest.mark.parametrize("share", [0, -0.2, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["training", "validation", "test"])
def test_a_share_that_is_none_is_named(name, share):
    assert message_of(images_of([5, 5]), 2, SHARES._replace(**{name: share})) == (
        f"shares.{name}={share}: must be above 0"
    )


def test_no_classes_are_refused():
    assert message_of(images_of([5]), 0) == "classes=0: must be at least 1"


def test_the_digits_have_enough_of_each_class():
    split = split_images(load_images("digits"), 10, SHARES, seed=0)
    assert sizes_of(split)[0] == [107, 109, 106, 110, 109, 109, 109, 107, 104, 108]
