from itertools import product

import numpy as np
import pytest
from image_examples import images_of

from neural_sculpting.tasks.images import XOR_CLASSES, Pairs, Sets, draw_pairs, load_images, pair_targets, xor_targets


def pairs_of(*rows) -> Pairs:
    left, right = np.array(rows).T
    return Pairs(left, right)


def test_pair_targets_are_two_one_hot_classes():
    images = images_of([2, 2, 2])  # image n has label n modulo 3
    targets = pair_targets(images, pairs_of((3, 5), (1, 1)), classes=3)
    assert targets.dtype == np.float32
    assert targets.tolist() == [[1, 0, 0, 0, 0, 1], [0, 1, 0, 0, 1, 0]]


@pytest.mark.parametrize(
    ("left", "right", "bits"),
    [(4, 0, [1, 0, 0]), (0, 2, [0, 1, 0]), (7, 6, [0, 0, 1]), (5, 5, [0, 0, 0]), (5, 2, [1, 1, 1]), (6, 3, [1, 0, 1])],
)
def test_xor_targets_are_the_bits_most_significant_first(left, right, bits):
    targets = xor_targets(images_of([1] * 8), pairs_of((left, right)))
    assert targets.dtype == np.float32
    assert targets.tolist() == [bits]


def test_all_pairs_of_classes_have_the_targets_that_their_labels_spell():
    images, rows = images_of([1] * 8), list(product(range(8), repeat=2))
    spelled = [[int(bit) for bit in f"{left ^ right:03b}"] for left, right in rows]
    assert xor_targets(images, pairs_of(*rows)).tolist() == spelled
    halves = pair_targets(images, pairs_of(*rows), classes=8).reshape(64, 2, 8)
    assert [tuple(row) for row in halves.argmax(axis=2).tolist()] == rows
    assert (halves.sum(axis=2) == 1).all()


def test_targets_of_the_digits():
    digits = load_images("digits")
    pairs = draw_pairs(digits, XOR_CLASSES, Sets(2, 1, 1), seed=0).training
    assert xor_targets(digits, pairs).shape == (128, 3)
    assert xor_targets(digits, pairs).mean() == 0.5  # each bit differs in half of all pairs of classes
    pairs = draw_pairs(digits, 10, Sets(2, 1, 1), seed=0).training
    assert pair_targets(digits, pairs, 10).sum(axis=0).tolist() == [20] * 20
