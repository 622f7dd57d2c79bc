"""The Random Hierarchy Model: a class becomes two symbols, each of these again two, level by level.

A symbol has ``SYNONYMS`` pairs that it may become, and no pair belongs to two symbols of a level, so that the last
symbols tell the class. Cagnetti et al. 2023, "How deep neural networks learn compositional data" (arXiv 2307.02129).
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table, divided
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.parameters import Between
from neural_sculpting.tasks.registry import register
from neural_sculpting.tasks.units import blocks

SYMBOLS = 8
"""Of each level, the classes being the first."""

SYNONYMS = 4
MOST_PER_CLASS = 1_536
"""With three levels there are 16,384 sequences of each class, of which as many are drawn."""

Seed = Annotated[int, Between(0, 2**32 - 1)]
Rules = NDArray[np.int64]
"""The pairs of symbols that each symbol may become, ``(symbol, synonym, 2)``."""


@register
def rhm(depth: Annotated[int, Between(2, 3)], graph_seed: Seed, split_seed: Seed) -> TaskContent:
    """A tree of rules over 4 or 8 positions; ``graph_seed`` draws the rules, ``split_seed`` the rows of each set."""
    positions = 2**depth
    numbers = [
        np.random.default_rng([split_seed, label]).permutation(SYNONYMS ** (positions - 1))[:MOST_PER_CLASS]
        for label in range(SYMBOLS)
    ]
    labels = np.tile(np.arange(SYMBOLS), len(numbers[0]))  # in turn, so that every set has as many of each
    rows = derived(labels, np.stack(numbers, axis=1).reshape(-1), rules(depth, graph_seed))
    one_hot = np.eye(SYMBOLS, dtype=np.float32)
    return TaskContent(
        tree(depth),
        *divided(Table(one_hot[rows].reshape(len(rows), -1), one_hot[labels])),
        one_hot=(SYMBOLS,),
        one_hot_inputs=(SYMBOLS,) * positions,
        details=("split_seed",),
        input_names=tuple(f"x{position}" for position in range(positions)),
        output_names=("class",),
        input_shape=(positions, SYMBOLS),
        output_shape=(1, SYMBOLS),
        input_units=blocks(positions, SYMBOLS),
        output_units=blocks(1, SYMBOLS),
    )


def rules(depth: int, seed: int) -> list[Rules]:
    """Draw the rules of each level, the classes first."""
    random = np.random.default_rng(seed)
    pairs = [random.permutation(SYMBOLS**2)[: SYMBOLS * SYNONYMS].reshape(SYMBOLS, SYNONYMS) for _ in range(depth)]
    return [np.stack(np.divmod(level, SYMBOLS), axis=2) for level in pairs]


def derived(labels: NDArray[np.int64], numbers: NDArray[np.int64], levels: list[Rules]) -> NDArray[np.int64]:
    """Derive sequences ``(rows, positions)`` from classes; the digits of ``numbers`` choose among synonyms."""
    symbols = labels[:, None]
    for level in levels:
        choices = numbers[:, None] // SYNONYMS ** np.arange(symbols.shape[1]) % SYNONYMS
        numbers = numbers // SYNONYMS ** symbols.shape[1]
        symbols = level[symbols, choices].reshape(len(labels), -1)
    return symbols


def tree(depth: int) -> Graph:
    """Return the binary tree over the positions; each sub-function is named after the positions below it."""
    parts = []
    for size in (2**level for level in range(1, depth + 1)):
        for first in range(0, 2**depth, size):
            halves = (first, first + size // 2), (first + size // 2, first + size)
            reads = {"inputs": (first, first + 1)} if size == 2 else {"uses": tuple(f"{a}–{b - 1}" for a, b in halves)}
            outputs = (0,) if size == 2**depth else ()
            parts.append(SubFunction(f"{first}–{first + size - 1}", outputs=outputs, **reads))
    return Graph(tuple(parts))
