"""The Boolean tasks of Patil et al. 2023, "Neural Sculpting" (arXiv 2305.18402).

Bits are written x0x1x2x3. In a task with the parameter ``uses``, the outputs with even numbers are ``uses`` copies of
one function, and those with odd numbers of another.
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from neural_sculpting.tasks.bit_functions import BooleanFunction, Column
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.parameters import Between
from neural_sculpting.tasks.registry import register

F = ("0011", "1010", "1100")
G = ("0101", "1001", "1111")

Uses = Annotated[int, Between(1, 64)]


def matches(*patterns: str) -> BooleanFunction:
    """Return a function with one bit for each pattern: whether the inputs match it."""
    rows = [np.array([bit == "1" for bit in pattern]) for pattern in patterns]

    def function(*columns: Column) -> tuple[Column, ...]:
        bits = np.stack(columns, axis=1)
        return tuple((bits == row).all(axis=1) for row in rows)

    return function


def member_of(patterns: Sequence[str]) -> BooleanFunction:
    """Return a function with one bit: whether the inputs match any of the patterns."""
    each_pattern = matches(*patterns)
    return lambda *columns: np.any(each_pattern(*columns), axis=0)


@register
def boolean_sep() -> Graph:
    """Input separable: two functions that share nothing, each of two inputs."""

    def both_parities(first: Column, second: Column) -> tuple[Column, Column]:
        return first ^ second, ~(first ^ second)

    return Graph(
        (
            SubFunction("A", inputs=(0, 1), function=both_parities, outputs=(0, 1)),
            SubFunction("B", inputs=(2, 3), function=both_parities, outputs=(2, 3)),
        )
    )


@register
def boolean_reused(uses: Uses) -> Graph:
    """Reused: one sub-function of all inputs serves two groups of outputs.

    A network with one hidden layer cannot show the reuse. The expected hierarchy is the same there: such a
    network counts as a failure, as it does in the paper.
    """
    return Graph(
        (
            SubFunction("A", inputs=range(4), function=matches("1010", "1100", "0011")),
            SubFunction("E", uses=("A",), function=lambda p, q, _: p | q, outputs=range(0, 2 * uses, 2)),
            SubFunction("O", uses=("A",), function=lambda p, _, r: p | r, outputs=range(1, 2 * uses, 2)),
        )
    )


@register
def boolean_sep_reused() -> Graph:
    """Input separable and reused: three sub-functions, each used by two of the three outputs."""
    pairs = [
        SubFunction(name, inputs=(first, first + 1), function=np.logical_and)
        for name, first in (("A", 0), ("B", 2), ("C", 4))
    ]
    outputs = [
        SubFunction(f"{one}{other}", uses=(one, other), function=np.logical_or, outputs=(number,))
        for number, (one, other) in enumerate((("A", "B"), ("A", "C"), ("B", "C")))
    ]
    return Graph((*pairs, *outputs))


@register
def boolean_single() -> Graph:
    """Neither input separable nor reused: one function of all inputs in every output."""
    return Graph((SubFunction("A", inputs=range(4), function=member_of(F), outputs=range(4)),))


@register
def boolean_overlap(overlap: Annotated[int, Between(0, 4)], uses: Uses) -> Graph:
    """Two functions of four inputs each that share ``overlap`` inputs, every one in ``uses`` outputs.

    The inputs of the first function only, the shared ones, and those of the second only are a module each. Such a
    module computes nothing: it passes its inputs on to the functions that use it.
    """
    own_f, shared, own_g = range(4 - overlap), range(4 - overlap, 4), range(4, 8 - overlap)
    even, odd = range(0, 2 * uses, 2), range(1, 2 * uses, 2)
    if not shared:
        first = SubFunction("E", inputs=own_f, function=member_of(F), outputs=even)
        second = SubFunction("O", inputs=own_g, function=member_of(G), outputs=odd)
        return Graph((first, second), extra_criteria=("hidden_unit_separability",))
    groups = (("own_F", own_f), ("shared", shared), ("own_G", own_g))
    gathered = [SubFunction(name, inputs=inputs) for name, inputs in groups if inputs]
    names = [part.name for part in gathered]
    first = SubFunction("E", uses=tuple(names[:2]), function=member_of(F), outputs=even)
    second = SubFunction("O", uses=tuple(names[-2:]), function=member_of(G), outputs=odd)
    return Graph((*gathered, first, second), extra_criteria=("hidden_unit_separability",))


@register
def boolean_hierarchy(uses: Uses) -> Graph:
    """Two functions of four inputs each, combined by a third that serves two groups of outputs.

    The module between them shows in networks with three or more hidden layers. In shallower ones it is merged with
    all outputs.
    """

    def one_without_the_other(first: Column, second: Column) -> tuple[Column, Column]:
        return first & ~second, ~first & second

    return Graph(
        (
            SubFunction("A", inputs=range(4), function=member_of(F)),
            SubFunction("B", inputs=range(4, 8), function=member_of(G)),
            SubFunction("I", uses=("A", "B"), function=one_without_the_other, shows_from=3),
            SubFunction("E", uses=("I",), function=lambda first, _: first, outputs=range(0, 2 * uses, 2)),
            SubFunction("O", uses=("I",), function=lambda _, second: second, outputs=range(1, 2 * uses, 2)),
        )
    )
