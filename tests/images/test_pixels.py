import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.images import Images, Pairs, Sets, constant_pixels, draw_pairs, load_images


def composed(images: Images, pairs: Pairs) -> np.ndarray:
    """The pairs as pictures, for comparison only: shape (rows, 2 * pixels)."""
    flat = images.images.reshape(len(images), -1)
    return np.hstack([flat[pairs.left], flat[pairs.right]])


def test_each_side_has_constant_pixels_of_its_own():
    values = np.array([[[0, 1, 5]], [[0, 2, 5]], [[0, 3, 6]], [[9, 9, 9]]], dtype=np.uint8)
    images = Images("tiny", values, np.array([0, 0, 0, 1]))
    pairs = Pairs(np.array([0, 1, 1]), np.array([2, 0, 2]))  # left: images 0 and 1, right: images 0 and 2
    assert constant_pixels(images, pairs).tolist() == [True, False, True, True, False, False]


def test_one_image_is_constant():
    images = Images("tiny", np.arange(4, dtype=np.uint8).reshape(1, 2, 2), np.array([0]))
    assert constant_pixels(images, Pairs(np.array([0, 0]), np.array([0, 0]))).tolist() == [True] * 8


@given(data=st.data(), n=st.integers(1, 6), rows=st.integers(1, 5))
def test_they_are_those_of_the_composed_pairs(data, n, rows):
    pixels = st.lists(st.integers(0, 1), min_size=4 * n, max_size=4 * n)
    values = np.array(data.draw(pixels), dtype=np.uint8).reshape(n, 2, 2)
    values[0, 0, 0] = 1  # not all are black
    numbers = st.lists(st.integers(0, n - 1), min_size=rows, max_size=rows)
    pairs = Pairs(np.array(data.draw(numbers)), np.array(data.draw(numbers)))
    images = Images("any", values, np.zeros(n, dtype=np.int64))
    pictures = composed(images, pairs)
    assert constant_pixels(images, pairs).tolist() == (pictures.min(axis=0) == pictures.max(axis=0)).tolist()


def test_the_digits_have_few():
    """Pixels 0, 32 and 39 are background in all images of the digits."""
    digits = load_images("digits")
    pairs = draw_pairs(digits, 10, Sets(80, 20, 20), Sets(0.6, 0.2, 0.2), seed=0).training
    constant = constant_pixels(digits, pairs)
    assert constant.shape == (128,)
    assert constant[[0, 32, 39, 64, 96, 103]].all()
    assert constant.sum() < 20
