"""Small networks and hierarchies made up by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

SETTINGS = {"hops": None, "merging_threshold": 0.9, "modularity_threshold": 0.2}


def hierarchy(modules: Mapping[Any, tuple[Sequence[int], Sequence[int]]], edges: Any = ()) -> nx.DiGraph:
    """A graph from the inputs and outputs of each module, and pairs (used, user): ``"AC BC"`` for single letters."""
    graph = nx.DiGraph()
    for name, (inputs, outputs) in modules.items():
        graph.add_node(name, inputs=tuple(inputs), outputs=tuple(outputs))
    graph.add_edges_from(tuple(pair) for pair in (edges.split() if isinstance(edges, str) else edges))
    return graph


def mask_of(rows: str) -> NDArray[np.bool_]:
    """A mask, or features, from a row of 0 and 1 for each unit."""
    return np.array([[sign == "1" for sign in row] for row in rows.split()])


def masks_of(*layers: str) -> list[NDArray[np.bool_]]:
    """Masks of a network: ``masks_of("10 01", "11 11")`` has two units in each of its layers."""
    return [mask_of(layer) for layer in layers]


SEPARATE = hierarchy({"A": ((0, 1), (0, 1)), "B": ((2, 3), (2, 3))})
"""That of boolean_sep."""

SEPARATE_MASKS = ("10 10 01 01", "1100 0011")

REUSED = hierarchy({"A": (range(4), ()), "E": ((), (0, 2)), "O": ((), (1, 3))}, "AE AO")
"""That of boolean_reused with two uses."""

REUSED_MASKS = ("1 1 1 1", "11", "1010 0101")
