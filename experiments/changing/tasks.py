"""Tasks of eight inputs, two leaves and a top, with functions drawn by a seed, and what may change in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks import Graph, SubFunction
from neural_sculpting.tasks.bit_functions import column_multiplicity
from neural_sculpting.tasks.random_hierarchy import depends_on

Table = NDArray[np.bool_]
Function = Callable[..., Any]

LEAST_BALANCE = 0.3
"""The least share of rows in which a leaf gives either bit."""

CHANGES = ("top", "leaf", "overlap", "merge", "split", "new output", "rows", "complement")
NOTHING = ("rows", "complement")
"""Those for which no output should be said to have fallen; the hierarchy stays the same for top and leaf too."""

SETTLED: Mapping[str, Sequence[int]] = {
    **dict.fromkeys(("top", "new output", *NOTHING), range(8)),
    **dict.fromkeys(("leaf", "overlap"), range(4)),
}
"""The inputs of the leaves whose function stays the same; the units that see only these should be kept."""


@dataclass(frozen=True)
class Change:
    """A task before and after it has changed, and the share of its rows that are known then."""

    before: Graph
    after: Graph
    rows: float = 1.0


def change_of(kind: str, seed: int) -> Change:
    """Draw a task and what becomes of it.

    ``overlap``: the second leaf reads two inputs of the first one too, by another function. ``merge``: one module of
    two bits reads all inputs; ``split`` is the reverse. ``new output``: a further function of both leaves. ``rows``:
    half of the rows are known, and ``complement``: all labels are complemented.
    """
    random = np.random.default_rng([seed, 8])
    first, second, other, wide = (_leaf(random, inputs) for inputs in (4, 4, 4, 6))
    top, another = _tops(random)
    parts = [
        SubFunction("A", range(4), function=_called(first)),
        SubFunction("B", range(4, 8), function=_called(second)),
    ]
    two = Graph((*parts, *_outputs(("A",), ("B",), top)))
    merged = SubFunction("M", range(8), function=_both(_leaf(random, 8), _leaf(random, 8)))
    one = Graph((merged, *_outputs(("M",), ("M",), top)))
    if kind in ("merge", "split"):
        return Change(two, one) if kind == "merge" else Change(one, two)
    after = {
        "top": (*parts, *_outputs(("A",), ("B",), another)),
        "leaf": (parts[0], SubFunction("B", range(4, 8), function=_called(other)), *_outputs(("A",), ("B",), top)),
        "overlap": (*_overlapping(first, wide), *_outputs(("A",), ("B",), top)),
        "new output": (*two.sub_functions, SubFunction("N", uses=("A", "B"), function=another, outputs=(3,))),
        "rows": two.sub_functions,
        "complement": (*parts, *_outputs(("A",), ("B",), top, np.logical_not)),
    }[kind]
    return Change(two, Graph(after), 0.5 if kind == "rows" else 1.0)


def _outputs(
    first: tuple[str, ...], second: tuple[str, ...], top: Function, last: Function = lambda bit: bit
) -> tuple[SubFunction, ...]:
    """An output for each bit of the leaves, and one for the top; all followed by ``last``."""
    if first == second:
        bits = [lambda a, b: last(a), lambda a, b: last(b)]
        uses = first
    else:
        bits, uses = [last, last], (*first, *second)
    outputs = [
        SubFunction(f"Y{number}", (), of, bit, (number,))
        for number, (of, bit) in enumerate(zip((first, second), bits, strict=True))
    ]
    return (*outputs, SubFunction("T", uses=uses, function=lambda a, b: last(top(a, b)), outputs=(2,)))


def _overlapping(first: Table, wide: Table) -> tuple[SubFunction, ...]:
    """Both leaves, of which the second one reads inputs 2 and 3 too."""
    one, other = _called(first), _called(wide)
    return (
        SubFunction("S", inputs=(2, 3)),
        SubFunction("A", (0, 1), ("S",), one),
        SubFunction("B", range(4, 8), ("S",), other),
    )


def _tops(random: np.random.Generator) -> tuple[Function, Function]:
    """Two functions of two bits that depend on both; neither is the other one or its complement."""
    tables = [np.array(bits, dtype=np.bool_).reshape(2, 2) for bits in np.ndindex(2, 2, 2, 2)]
    both = [table for table in tables if depends_on(table, (0, 1))]
    one = both[random.integers(len(both))]
    others = [table for table in both if (table != one).any() and (table == one).any()]
    return _called(one), _called(others[random.integers(len(others))])


def _leaf(random: np.random.Generator, inputs: int) -> Table:
    """Draw the sign of a random quadratic polynomial of bits that no set of inputs enters as a single bit.

    Uniform functions of six or eight inputs would be too complex for the networks.
    """
    bits = np.indices((2,) * inputs).reshape(inputs, -1) * 2.0 - 1
    while True:
        pairs, singles = random.normal(size=(inputs, inputs)), random.normal(size=inputs)
        table: Table = (np.einsum("ij,in,jn->n", pairs, bits, bits) + singles @ bits > 0).reshape((2,) * inputs)
        if _is_prime(table):
            return table


def _is_prime(table: Table) -> bool:
    """Whether all inputs matter, both bits are frequent, and no two inputs or more, but all, act as a single bit."""
    inputs = range(table.ndim)
    if not LEAST_BALANCE <= table.mean() <= 1 - LEAST_BALANCE or not depends_on(table, inputs):
        return False
    return all(
        column_multiplicity(table[..., None], some) > 2 for size in inputs[2:] for some in combinations(inputs, size)
    )


def _called(table: Table) -> Function:
    return lambda *columns: table[tuple(np.asarray(column).astype(np.intp) for column in columns)]


def _both(one: Table, other: Table) -> Function:
    first, second = _called(one), _called(other)
    return lambda *columns: (first(*columns), second(*columns))
