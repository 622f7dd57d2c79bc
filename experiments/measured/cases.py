"""Tables of numbers made by functions whose hierarchy is known, by family, rows, noise and seed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LEAVES: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "product": lambda a, b: a * b,
    "product of a size": lambda a, b: np.abs(a) * b,
    "bump": lambda a, b: a * np.exp(-(b**2)),
    "sum": lambda a, b: np.tanh(2 * a) + b**2,
    "larger": np.maximum,
    "sine of a sum": lambda a, b: np.sin(a + b),
}
PRODUCTS = ("product", "product of a size", "bump")


class Joint(NamedTuple):
    """A function of two modules.

    Attributes:
        kind: its name, or that of the leaf that it is as.
        function: of both.
        not_first, not_second: kinds that it would divide further, as a product does a product: the truth is not one of
            the hierarchies that the function has then.
    """

    kind: str
    function: Callable[[FloatArray, FloatArray], FloatArray]
    not_first: Sequence[str] = ()
    not_second: Sequence[str] = ()


JOINTS = (
    Joint("product", lambda a, b: np.tanh(a) * b, not_second=PRODUCTS),
    Joint("larger", lambda a, b: np.maximum(a, -b), not_first=("larger",)),
    Joint("sum", lambda a, b: a + np.abs(b), not_first=("sum",)),
    Joint("product", lambda a, b: a / (1 + b**2), not_first=PRODUCTS),
)

Part = tuple[FloatArray, str]
"""Values, and the kind of what computes them."""

Blocks = Mapping[tuple[int, ...], Sequence[int]]
"""The outputs that each set of inputs reaches."""


class Table(NamedTuple):
    """Rows with their truth.

    Attributes:
        rows: inputs ``x0``, ``x1``, …, then outputs.
        outputs: their names.
        expected: modules with ``inputs`` and ``outputs``.
    """

    rows: pd.DataFrame
    outputs: list[str]
    expected: nx.DiGraph


FAMILIES = {
    "apart": "two functions of two inputs each",
    "idle": "the same with four inputs that no output depends on",
    "tree": "a function of two functions of two inputs each",
    "shared": "two functions that share one of two inputs; one has another input, the other a second function of two",
    "three": "two functions that share the second of three functions of two inputs each",
    "apart, classes": "as *apart*; the outputs are whether they are among the upper 30 %",
    "tree, classes": "as *tree*, likewise",
    "no structure": "a random network of four inputs, of which no two act together",
}
INPUTS = {"shared": 5, "three": 6, "idle": 8}


def table(family: str, rows: int, noise: float, seed: int) -> Table:
    """Draw a table: standard normal inputs, outputs with unit variance, and noise of so much standard deviation."""
    random = np.random.default_rng([seed, [*FAMILIES].index(family)])
    inputs = random.normal(size=(rows, INPUTS.get(family, 4)))
    outputs, blocks = _drawn(family.removesuffix(", classes"), inputs, random)
    columns: dict[str, Any] = {f"x{index}": inputs[:, index] for index in range(inputs.shape[1])}
    for number, exact in enumerate(outputs):
        measured = exact + noise * random.normal(size=rows)
        upper = np.where(measured > np.quantile(measured, 0.7), "upper", "lower")
        columns[f"y{number}"] = upper if family.endswith(", classes") else measured
    return Table(pd.DataFrame(columns), [f"y{number}" for number in range(len(outputs))], _expected(blocks))


def draw_leaf(random: np.random.Generator, one: FloatArray, other: FloatArray) -> Part:
    """Draw a function of two inputs; it has unit variance."""
    kind = str(random.choice([*LEAVES]))
    return _scaled(LEAVES[kind](one, other)), kind


def draw_joint(random: np.random.Generator, first: Part, second: Part) -> Part:
    """Draw a function of two modules that divides neither; it has unit variance."""
    fit = [each for each in JOINTS if first[1] not in each.not_first and second[1] not in each.not_second]
    chosen = fit[int(random.integers(len(fit)))]
    return _scaled(chosen.function(first[0], second[0])), chosen.kind


def _drawn(family: str, inputs: FloatArray, random: np.random.Generator) -> tuple[list[FloatArray], Blocks]:
    """Draw the outputs of a family, without noise, and what each block of inputs reaches."""

    def leaf(first: int) -> Part:
        return draw_leaf(random, inputs[:, first], inputs[:, first + 1])

    def joint(first: Part, second: Part) -> FloatArray:
        return draw_joint(random, first, second)[0]

    if family in ("apart", "idle"):
        return [leaf(0)[0], leaf(2)[0]], {(0, 1): [0], (2, 3): [1]}
    if family == "tree":
        return [joint(leaf(0), leaf(2))], {(0, 1): [0], (2, 3): [0]}
    if family == "shared":
        both = leaf(0)
        outputs = [joint(both, (inputs[:, 2], "input")), joint(both, leaf(3))]
        return outputs, {(0, 1): [0, 1], (2,): [0], (3, 4): [1]}
    if family == "three":
        first, both, last = leaf(0), leaf(2), leaf(4)
        return [joint(first, both), joint(last, both)], {(0, 1): [0], (2, 3): [0, 1], (4, 5): [1]}
    weights, shifts, ends = (random.normal(size=size) for size in ((4, 8), 8, 8))
    return [_scaled(np.tanh(1.2 * inputs @ weights + shifts) @ ends)], {(0, 1, 2, 3): [0]}


def _expected(blocks: Blocks) -> nx.DiGraph:
    """A module for each block, and one for each output that several blocks reach; else its block has the output."""
    graph = nx.DiGraph()
    reached = {output for outputs in blocks.values() for output in outputs}
    own = {output: [block for block, outputs in blocks.items() if output in outputs] for output in reached}
    for block, outputs in blocks.items():
        graph.add_node(block, inputs=block, outputs=tuple(output for output in outputs if own[output] == [block]))
    for output, of in own.items():
        if len(of) > 1:
            graph.add_node(output, inputs=(), outputs=(output,))
            graph.add_edges_from((block, output) for block in of)
    return graph


def _scaled(values: FloatArray) -> FloatArray:
    return np.asarray((values - values.mean()) / values.std())
