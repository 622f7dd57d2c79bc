"""Labeled images, and pairs of them side by side, as pairs of image indices: no pair is ever stored as a picture.

Example:
    >>> from neural_sculpting.tasks.images import Sets, draw_pairs, load_images, pair_targets
    >>> digits = load_images("digits")
    >>> pairs = draw_pairs(digits, classes=10, per_pair=Sets(80, 20, 20), seed=0)
    >>> pair_targets(digits, pairs.training, classes=10).shape
    (8000, 20)

An input of a network is a pixel of a pair: with n pixels in an image, inputs 0 to n - 1 are the left image row by
row, inputs n to 2n - 1 the right one.
"""

from neural_sculpting.tasks.images.pairs import XOR_CLASSES, Pairs, Sets, draw_pairs, pair_targets, xor_targets
from neural_sculpting.tasks.images.sources import ALLOWED_SOURCES, Images, load_images

__all__ = [
    "ALLOWED_SOURCES",
    "XOR_CLASSES",
    "Images",
    "Pairs",
    "Sets",
    "draw_pairs",
    "load_images",
    "pair_targets",
    "xor_targets",
]
