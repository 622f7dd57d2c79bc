"""The vision tasks of Patil et al. 2023: two images of digits side by side.

The tasks ``digits_*`` and ``mnist_*`` are the same. They differ in what ``conf/task`` sets for them: the source of the
images, the number of pairs and the settings of training, pruning and analysis that suit it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import PairedImages
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.images import (
    ALLOWED_SOURCES,
    XOR_CLASSES,
    Images,
    Pairs,
    Sets,
    draw_pairs,
    load_images,
    memory_of,
    pair_targets,
    xor_targets,
)
from neural_sculpting.tasks.parameters import Between, File
from neural_sculpting.tasks.registry import register_as

log = logging.getLogger(__name__)

SHARES = Sets(training=0.6, validation=0.2, test=0.2)
"""How the images of each class are divided: no image is in two sets. A test set that the source comes with stays whole;
the other images are then divided into training and validation in the same proportion, 3 to 1."""

CLASSES = 10
XOR_BITS = 3

DETAILS = ("validation_per_pair", "test_per_pair", "data_seed")
"""Parameters that few people change: a task is not named by them."""

SOURCE = File(ALLOWED_SOURCES)
Source = Annotated[str, SOURCE]
PairCount = Annotated[int, Between(1, 10_000)]
DataSeed = Annotated[int, Between(0, 2**32 - 1)]


@lru_cache(maxsize=2)
def _images_of(source: str, version: object) -> Images:
    """Load images once for all tasks of a sweep; those of another version of the source are loaded anew."""
    return load_images(source)


@dataclass(frozen=True)
class Kind:
    """What is asked about two digits side by side.

    Attributes:
        classes: how many digits there are, from 0 on.
        graph: makes the graph from the pixels of the left and of the right image.
        targets: the answers, shape (rows, n_outputs).
        one_hot: as in :class:`~neural_sculpting.tasks.base.TaskContent`.
    """

    classes: int
    graph: Callable[[range, range], Graph]
    targets: Callable[[Images, Pairs], NDArray[np.float32]]
    one_hot: tuple[int, ...] = ()

    def content(self, source: str, per_pair: Sets[int], seed: int) -> TaskContent:
        """Load the images and draw the pairs."""
        images = _images_of(source, SOURCE.version(source))
        drawn = draw_pairs(images, self.classes, per_pair, SHARES, seed)
        graph = self.graph(range(images.n_pixels), range(images.n_pixels, 2 * images.n_pixels))
        log.info("pairs of images from %s: %s", images.source, memory_of(images, drawn, graph.n_outputs))
        sets = Sets(*(PairedImages(images, pairs, self.targets(images, pairs)) for pairs in drawn))
        height, width = images.images.shape[1:]
        return TaskContent(graph, **sets._asdict(), one_hot=self.one_hot, image_shape=(height, width), details=DETAILS)


def _pair_graph(left: range, right: range) -> Graph:
    parts = (
        SubFunction("L", inputs=left, outputs=range(CLASSES)),
        SubFunction("R", inputs=right, outputs=range(CLASSES, 2 * CLASSES)),
    )
    return Graph(parts, ignore_pruned_inputs=True)


def _xor_graph(left: range, right: range) -> Graph:
    parts = (
        SubFunction("L", inputs=left),
        SubFunction("R", inputs=right),
        SubFunction("I", uses=("L", "R")),
        *(SubFunction(f"y{bit}", uses=("I",), outputs=(bit,)) for bit in range(XOR_BITS)),
    )
    return Graph(parts, extra_criteria=("middle_layer_separability",), ignore_pruned_inputs=True)


PAIR = Kind(CLASSES, _pair_graph, lambda images, pairs: pair_targets(images, pairs, CLASSES), (CLASSES, CLASSES))
XOR = Kind(XOR_CLASSES, _xor_graph, xor_targets)
PAIRS, XORS = ("digits_pair", "mnist_pair"), ("digits_xor", "mnist_xor")


def graph_of_images(name: str, image_shape: tuple[int, int]) -> Graph | None:
    """The sub-functions of a vision task, without loading its images.

    Args:
        name: of the family.
        image_shape: (height, width) of one image.

    Returns:
        None where the name is not that of a task of this file.
    """
    kind = PAIR if name in PAIRS else XOR if name in XORS else None
    pixels = prod(image_shape)
    return kind.graph(range(pixels), range(pixels, 2 * pixels)) if kind else None


@register_as(*PAIRS)
def pair(
    source: Source, per_pair: PairCount, validation_per_pair: PairCount, test_per_pair: PairCount, data_seed: DataSeed
) -> TaskContent:
    """Both digits: two functions that share nothing, each of one image, with one output for each of ten classes.

    Args:
        source: of the images, as in :func:`~neural_sculpting.tasks.images.load_images`.
        per_pair: training pairs for each ordered pair of classes.
        validation_per_pair: likewise, to validate with.
        test_per_pair: likewise, to test with.
        data_seed: of the division of the images and of the pairs. All trials share them.
    """
    return PAIR.content(source, Sets(per_pair, validation_per_pair, test_per_pair), data_seed)


@register_as(*XORS)
def xor(
    source: Source, per_pair: PairCount, validation_per_pair: PairCount, test_per_pair: PairCount, data_seed: DataSeed
) -> TaskContent:
    """The exclusive or of two digits from 0 to 7 in three bits: two modules of inputs, one between, one for each bit.

    The module between them is expected at every depth, as in the paper. The parameters are those of :func:`pair`.
    """
    return XOR.content(source, Sets(per_pair, validation_per_pair, test_per_pair), data_seed)
