"""A hierarchy that a notebook shows as a picture, and that prints as a tree."""

from typing import Any

import networkx as nx

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures.drawing import draw_hierarchy
from neural_sculpting.views.terminal.hierarchies import hierarchy_lines


class ShownHierarchy(nx.DiGraph):  # type: ignore[misc]  # networkx has no types
    """A graph of modules: nodes with ``inputs`` and ``outputs``, edges from the used to the using module.

    Args:
        graph: such a graph; None for an empty one, which networkx itself creates.
        labels: how inputs and outputs are named.
    """

    def __init__(self, graph: nx.DiGraph | None = None, labels: Labels = NUMBERED, **attributes: Any) -> None:
        super().__init__(graph, **attributes)
        self.labels = labels

    def __str__(self) -> str:
        return "\n".join(hierarchy_lines(self, self.labels)) or "no modules"

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return draw_hierarchy(self, self.labels)
