"""Tasks of which only some rows are known: what is learned, with what is left out and what misleads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from experiments.measured.cases import draw_joint, draw_leaf
from neural_sculpting.tasks import Graph, SubFunction
from neural_sculpting.tasks.random_hierarchy import random_hierarchy
from neural_sculpting.tasks.unstructured import unstructured

FAST = ("pruning=fast", "training=levels", "analysis.reader=confirmed")
"""Of tasks that would take minutes each: edges set aside one by one are many attempts."""

LEAVES = 8
"""Inputs that count, except where there are more."""


@dataclass(frozen=True, eq=False)
class Case:
    """What is given to :func:`neural_sculpting.sculpt`, and what should be found.

    Attributes:
        task: a graph of sub-functions, or a table.
        parameters: of the task.
        expected: nodes with ``inputs`` and ``outputs``.
        measured: whether inputs are numbers.
        settings: overrides.
        pruned: overrides in place of those by which the study prunes.
        hidden: widths of hidden layers; empty for those of the study.
    """

    task: Any
    parameters: Mapping[str, Any]
    expected: nx.DiGraph
    measured: bool = False
    settings: Sequence[str] = field(default=())
    pruned: Sequence[str] = field(default=())
    hidden: Sequence[int] = field(default=())


def tree(seed: int, depth: int = 3, leaves: int = LEAVES) -> Graph:
    """A tree of sub-functions of two bits each, in levels: with one output at depth 3 of eight leaves."""
    return random_hierarchy(depth=depth, fan_in=2, reuse=1, sub_functions=leaves // 2, uses=1, graph_seed=seed)


def rows(level: float, seed: int) -> Case:
    """Some of the rows of a tree's truth table."""
    graph = tree(seed)
    return Case(graph, {"rows": level} if level < 1 else {}, graph.hierarchy(4))


UNSEEN = 5000
"""Added to the seeds of what was drawn later, for the rule by which the known rows answer in place of networks."""


def shallow(level: float, seed: int) -> Case:
    """Some of the rows of functions side by side."""
    graph = random_hierarchy(depth=1, fan_in=2, reuse=1, sub_functions=3, uses=1, graph_seed=seed + UNSEEN)
    pruned = ("pruning=levels", "analysis.reader=confirmed")
    return Case(graph, {"rows": level}, graph.hierarchy(2), pruned=pruned, hidden=[24] * 2)


def reused(level: float, seed: int) -> Case:
    """Some of the rows of functions that others share."""
    graph = random_hierarchy(depth=2, fan_in=2, reuse=2, sub_functions=3, uses=1, graph_seed=seed + UNSEEN)
    return Case(graph, {"rows": level}, graph.hierarchy(3), hidden=[24] * 3)


def structureless(level: float, seed: int) -> Case:
    """Some of the rows of a function without structure."""
    graph = unstructured(6, 2 + seed % 2, function_seed=seed + UNSEEN)
    return Case(graph, {"rows": level}, graph.hierarchy(2), hidden=[24] * 2)


def idle(level: float, seed: int) -> Case:
    """Inputs that nothing depends on, beside those of a tree; 1,000 examples."""
    graph = tree(seed)
    return Case(graph, {"idle_inputs": int(level), "samples": 1000}, graph.hierarchy(4))


def labels(level: float, seed: int) -> Case:
    """Examples with wrong labels: 1,000 of a tree."""
    graph = tree(seed)
    settings = ("pruning/accuracy=measured",) if level else ()
    return Case(graph, {"wrong_labels": level, "samples": 1000}, graph.hierarchy(4), settings=settings)


def size(level: float, seed: int) -> Case:
    """Several trees side by side: more inputs than can be enumerated; 3,000 examples."""
    trees = [tree(seed + 100 * number) for number in range(int(level) // LEAVES)]
    graph = side_by_side(trees)
    return Case(graph, {"samples": 3000}, graph.hierarchy(4))


def deep(level: float, seed: int) -> Case:
    """So many examples of a tree of depth 4 on sixteen bits, whose truth table has 65,536 rows."""
    graph = tree(seed + 100, depth=4, leaves=16)
    return Case(graph, {"samples": int(level)}, graph.hierarchy(5), pruned=FAST, hidden=[24] * 5)


def side_by_side(graphs: Sequence[Graph]) -> Graph:
    """Put graphs into one, each with inputs and outputs of its own."""
    parts: list[SubFunction] = []
    inputs = outputs = 0
    for number, graph in enumerate(graphs):
        parts += [_moved(part, f"{number}.", inputs, outputs) for part in graph.sub_functions]
        inputs, outputs = inputs + graph.n_inputs, outputs + graph.n_outputs
    return Graph(tuple(parts))


def _moved(part: SubFunction, prefix: str, inputs: int, outputs: int) -> SubFunction:
    return replace(
        part,
        name=prefix + part.name,
        inputs=tuple(inputs + index for index in part.inputs),
        uses=tuple(prefix + name for name in part.uses),
        outputs=tuple(outputs + index for index in part.outputs),
    )


def real(level: float, seed: int) -> Case:
    """A tree of functions of numbers, of so many standard normal inputs (four or eight); 2,000 rows."""
    random = np.random.default_rng([seed, int(level)])
    inputs = random.normal(size=(2000, int(level)))
    expected, signals = nx.DiGraph(), []
    for number in range(inputs.shape[1] // 2):
        signals.append((draw_leaf(random, inputs[:, 2 * number], inputs[:, 2 * number + 1]), number))
        expected.add_node(number, inputs=(2 * number, 2 * number + 1), outputs=())
    while len(signals) > 1:
        upper = []
        for (one, first), (other, second) in zip(signals[::2], signals[1::2], strict=True):
            name = len(expected)
            expected.add_node(name, inputs=(), outputs=())
            expected.add_edges_from([(first, name), (second, name)])
            upper.append((draw_joint(random, one, other), name))
        signals = upper
    [((output, _), root)] = signals
    expected.nodes[root]["outputs"] = (0,)
    table = pd.DataFrame({**{f"x{index}": inputs[:, index] for index in range(inputs.shape[1])}, "y": output})
    return Case(table, {"outputs": ["y"]}, expected, measured=True, pruned=FAST, hidden=[24, 24, 24])


DIRECTIONS: Mapping[str, tuple[Callable[[float, int], Case], Sequence[float]]] = {
    "rows": (rows, (1.0, 0.75, 0.5, 0.3, 0.2, 0.1)),
    "rows of depth 1": (shallow, (0.75, 0.5, 0.3)),
    "rows of depth 2": (reused, (0.75, 0.5, 0.3)),
    "no structure": (structureless, (0.75, 0.5, 0.3)),
    "idle inputs": (idle, (0, 8, 16, 24)),
    "wrong labels": (labels, (0.0, 0.02, 0.05, 0.1)),
    "examples of depth 4": (deep, (500, 700, 1000, 3000)),
    "numbers": (real, (4, 8)),
    "size": (size, (8, 16)),
}
"""How a case of each direction is made, and its levels."""
