"""The vision tasks of Patil et al. 2023, two images of digits side by side, and two digits as channels of one image.

Tasks of ``digits`` and ``mnist`` with the same ending share their code and differ in what ``conf/task`` sets for them:
the source of the images, the number of pairs, and options of training, pruning and analysis.
"""

import logging
from dataclasses import replace
from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import PairedImages, Table
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.images.pairs import XOR_CLASSES, Pairs, Sets, draw_pairs, pair_targets, xor_targets
from neural_sculpting.tasks.images.sources import ALLOWED_SOURCES, Images, load_images
from neural_sculpting.tasks.parameters import Between, File
from neural_sculpting.tasks.registry import register, register_as
from neural_sculpting.tasks.units import blocks

log = logging.getLogger(__name__)

CLASSES = 10
XOR_BITS = 3

DETAILS = ("validation_per_pair", "test_per_pair", "data_seed")
"""Parameters that few people change, so that titles leave them out."""

SOURCE = File(ALLOWED_SOURCES)
Source = Annotated[str, SOURCE]
PairCount = Annotated[int, Between(1, 10_000)]
DataSeed = Annotated[int, Between(0, 2**32 - 1)]


@lru_cache(maxsize=2)
def _images_of(source: str, version: object) -> Images:
    """Load images once for all tasks of a sweep, unless the source has changed."""
    return load_images(source)


def _content(graph: Graph, sets: Sets[PairedImages], one_hot: tuple[int, ...] = ()) -> TaskContent:
    images = sets.training.images
    log.info("pairs of images from %s: %s", images.source, memory_of(sets))
    height, width = images.images.shape[1:]
    return TaskContent(graph, *sets, one_hot=one_hot, image_shape=(height, width), details=DETAILS)


def memory_of(sets: Sets[PairedImages]) -> str:
    """Report the memory that paired images take, and what the composed pairs would take."""
    images = sets.training.images
    sizes = {
        "images": sum(each.nbytes for each in (images.images, images.labels, images.own_test) if each is not None),
        "pairs": sum(examples.pairs.left.nbytes + examples.pairs.right.nbytes for examples in sets),
        "targets": sum(examples.targets.nbytes for examples in sets),
    }
    composed = sum(map(len, sets)) * 2 * images.n_pixels * np.dtype(np.float32).itemsize
    parts = " + ".join(f"{size / 1e6:,.1f} MB {name}" for name, size in sizes.items())
    return f"{sum(sizes.values()) / 1e6:,.1f} MB ({parts}); composed pairs would take {composed / 1e6:,.1f} MB"


@register_as("digits_pair", "mnist_pair")
def pair(
    source: Source,
    per_pair: PairCount,
    validation_per_pair: PairCount,
    test_per_pair: PairCount,
    data_seed: DataSeed,
    gap: Annotated[int, Between(0, 64)] = 0,
) -> TaskContent:
    """Both digits: two functions that share nothing, each of one image, with one output for each of ten classes.

    With a gap of so many columns between the digits, a row is one image, of which half of the gap belongs to either
    side; without, it is one digit after the other.
    """
    images = _images_of(source, SOURCE.version(source))
    height, width = images.images.shape[1:]
    columns = np.arange(height * (2 * width + gap)) % (2 * width + gap)
    is_left = columns < width + (gap + 1) // 2 if gap else np.arange(len(columns)) < images.n_pixels
    parts = (
        SubFunction("L", inputs=np.flatnonzero(is_left).tolist(), outputs=range(CLASSES)),
        SubFunction("R", inputs=np.flatnonzero(~is_left).tolist(), outputs=range(CLASSES, 2 * CLASSES)),
    )
    graph = Graph(parts, ignore_pruned_inputs=True)
    drawn = draw_pairs(images, CLASSES, Sets(per_pair, validation_per_pair, test_per_pair), data_seed)
    if not gap:
        sets = Sets(*(PairedImages(images, pairs, pair_targets(images, pairs, CLASSES)) for pairs in drawn))
        return replace(_content(graph, sets, one_hot=(CLASSES, CLASSES)), details=(*DETAILS, "gap"))
    return TaskContent(
        graph,
        *Sets(*(Table(in_one_image(images, pairs, gap), pair_targets(images, pairs, CLASSES)) for pairs in drawn)),
        one_hot=(CLASSES, CLASSES),
        details=DETAILS,
        input_shape=(1, height, 2 * width + gap),
    )


@register
def digits_channels(
    source: Source, per_pair: PairCount, validation_per_pair: PairCount, test_per_pair: PairCount, data_seed: DataSeed
) -> TaskContent:
    """Two digits as the two channels of one image: both are asked for, and they share nothing but their place."""
    images = _images_of(source, SOURCE.version(source))
    parts = (
        SubFunction("first", inputs=(0,), outputs=range(CLASSES)),
        SubFunction("second", inputs=(1,), outputs=range(CLASSES, 2 * CLASSES)),
    )
    drawn = draw_pairs(images, CLASSES, Sets(per_pair, validation_per_pair, test_per_pair), data_seed)
    return TaskContent(
        Graph(parts, ignore_pruned_inputs=True),
        *Sets(*(Table(pixels_of(images, pairs), pair_targets(images, pairs, CLASSES)) for pairs in drawn)),
        one_hot=(CLASSES, CLASSES),
        details=DETAILS,
        input_names=("first", "second"),
        input_shape=(2, *images.images.shape[1:]),
        input_units=blocks(2, images.n_pixels),
    )


def in_one_image(images: Images, pairs: Pairs, gap: int) -> NDArray[np.float32]:
    """Compose pairs as one image with columns of zeros between them, ``(rows, pixels)``, row by row."""
    sides = pixels_of(images, pairs).reshape(len(pairs), 2, *images.images.shape[1:])
    padded = np.pad(sides[:, 0], ((0, 0), (0, 0), (0, gap)))
    return np.concatenate([padded, sides[:, 1]], axis=2).reshape(len(pairs), -1)


def pixels_of(images: Images, pairs: Pairs) -> NDArray[np.float32]:
    """Compose pairs, ``(rows, pixels)``: the left image row by row, then the right one, scaled to [0, 1]."""
    sides = [images.images[indices].reshape(len(pairs), -1) for indices in (pairs.left, pairs.right)]
    return np.hstack(sides).astype(np.float32) / np.float32(images.largest)


@register_as("digits_xor", "mnist_xor")
def xor(
    source: Source, per_pair: PairCount, validation_per_pair: PairCount, test_per_pair: PairCount, data_seed: DataSeed
) -> TaskContent:
    """The exclusive or of two digits from 0 to 7 in three bits: two modules of inputs, one between, one for each bit.

    The module between them is expected at every depth, as in the paper.
    """
    images = _images_of(source, SOURCE.version(source))
    left, right = range(images.n_pixels), range(images.n_pixels, 2 * images.n_pixels)
    parts = (
        SubFunction("L", inputs=left),
        SubFunction("R", inputs=right),
        SubFunction("I", uses=("L", "R")),
        *(SubFunction(f"y{bit}", uses=("I",), outputs=(bit,)) for bit in range(XOR_BITS)),
    )
    graph = Graph(parts, extra_criteria=("middle_layer_separability",), ignore_pruned_inputs=True)
    drawn = draw_pairs(images, XOR_CLASSES, Sets(per_pair, validation_per_pair, test_per_pair), data_seed)
    return _content(graph, Sets(*(PairedImages(images, pairs, xor_targets(images, pairs)) for pairs in drawn)))
