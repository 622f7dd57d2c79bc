"""The reader of the paper: clusters of units that reach the same, merged across layers."""

from typing import Any

from neural_sculpting.analysis.hierarchy import analyze
from neural_sculpting.analysis.readers.base import Reading, StageGraph


def paper(
    graph: StageGraph, *, hops: int | None = None, modularity_threshold: float, merging_threshold: float, **_: Any
) -> Reading:
    """Read a hierarchy from the masks alone, see :func:`~neural_sculpting.analysis.hierarchy.analyze`."""
    found = analyze(
        graph.masks, hops=hops, modularity_threshold=modularity_threshold, merging_threshold=merging_threshold
    )
    return Reading(found.graph)
