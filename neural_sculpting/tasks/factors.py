"""One image that shows two independent factors: a shape and a color."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.images.pairs import Sets
from neural_sculpting.tasks.parameters import Between
from neural_sculpting.tasks.registry import register
from neural_sculpting.tasks.units import blocks

SIDE, SIZE = 16, 7
"""Pixels of an image and of a shape, in each direction."""

NOISE = 0.05
"""Standard deviation, at every pixel of every channel."""

COLORS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "yellow": (1, 1, 0)}
ENDS = (60, 80)
"""Of the 100 places of a shape, in random order: the first are for training, the next for validation, then test."""

Count = Annotated[int, Between(1, 10_000)]
Bits = NDArray[np.bool_]


@register
def factors(
    per_combination: Count,
    validation_per_combination: Count,
    test_per_combination: Count,
    data_seed: Annotated[int, Between(0, 2**32 - 1)],
) -> TaskContent:
    """Shape (4 outputs), color (4), and whether it is a red square: that follows from the first two.

    Sets have the same number of images of each shape and color, at places that no other set has for it.
    """
    counts = Sets(per_combination, validation_per_combination, test_per_combination)
    parts = (
        SubFunction("image", inputs=(0,)),
        SubFunction("shape", uses=("image",), outputs=range(4)),
        SubFunction("color", uses=("image",), outputs=range(4, 8)),
        SubFunction("red square", uses=("shape", "color"), outputs=(8,)),
    )
    return TaskContent(
        Graph(parts, ignore_pruned_inputs=True, scored_by="relation"),
        *_drawn(counts, np.random.default_rng(data_seed)),
        one_hot=(4, 4, 1),
        details=("validation_per_combination", "test_per_combination", "data_seed"),
        input_names=("image",),
        output_names=(*shapes(), *COLORS, "red square"),
        input_shape=(3, SIDE, SIDE),
        input_units=blocks(1, 3 * SIDE**2),
    )


def shapes() -> dict[str, Bits]:
    """Return which pixels each shape fills, ``(7, 7)``."""
    reach = SIZE // 2
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return {
        "square": np.ones((SIZE, SIZE), dtype=np.bool_),
        "disc": row**2 + column**2 <= reach**2 + 1,
        "triangle": 2 * abs(column) <= row + reach,
        "cross": (abs(row) <= 1) | (abs(column) <= 1),
    }


def _drawn(counts: Sets[int], random: np.random.Generator) -> Sets[Table]:
    rows: list[list[NDArray[np.float32]]] = [[], [], []]
    targets: list[list[NDArray[np.float32]]] = [[], [], []]
    for shape, mask in enumerate(shapes().values()):
        for color, channels in enumerate(COLORS.values()):
            row = np.eye(9, dtype=np.float32)[[shape, 4 + color]].sum(axis=0)
            row[8] = shape == color == 0
            places = np.split(random.permutation((SIDE - SIZE + 1) ** 2), ENDS)
            for number, (of_set, count) in enumerate(zip(places, counts, strict=True)):
                drawn = random.choice(of_set, count)
                rows[number].append(_images(mask, channels, drawn, random))
                targets[number].append(np.tile(row, (count, 1)))
    return Sets(*(Table(np.vstack(each), np.vstack(of)) for each, of in zip(rows, targets, strict=True)))


def _images(
    mask: Bits, channels: tuple[int, ...], places: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.float32]:
    """Draw a shape at each place, ``(places, 3 · 16 · 16)``, with noise."""
    images = NOISE * random.standard_normal((len(places), 3, SIDE, SIDE), dtype=np.float32)
    figure = np.multiply.outer(np.array(channels, dtype=np.float32), mask)
    for image, top, left in zip(images, *np.divmod(places, SIDE - SIZE + 1), strict=True):
        image[:, top : top + SIZE, left : left + SIZE] += figure
    return images.reshape(len(places), -1)
