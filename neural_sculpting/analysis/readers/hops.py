"""The reader of the paper, nearsighted: units are compared by what they reach within few layers."""

from typing import Any

from neural_sculpting.analysis.readers.base import Reading, StageGraph
from neural_sculpting.analysis.readers.paper import paper


def hops(graph: StageGraph, *, hops: int | None = None, **settings: Any) -> Reading:
    """Read as :func:`~neural_sculpting.analysis.readers.paper.paper` with ``hops``, of the next layer alone if None."""
    return paper(graph, hops=hops or 1, **settings)
