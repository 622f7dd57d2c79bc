"""Labeled images, and pairs of them side by side, stored as pairs of image indices.

With n pixels in an image, inputs 0 to n - 1 of a network are the left image row by row, inputs n to 2n - 1 the right
one.
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
