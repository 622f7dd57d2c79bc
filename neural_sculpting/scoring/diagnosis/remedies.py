"""Which other thresholds of the analysis would find the expected hierarchy in the same masks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from neural_sculpting.analysis import (
    cluster_units,
    condense,
    join_clusters,
    merge_clusters,
    reachability_features,
    restrict,
)
from neural_sculpting.analysis.clusters import IntArray
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.equivalence import same_hierarchy

MERGING_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
MODULARITY_THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)

MOST_PAIRS = 2**18
"""Pairs of kept units within layers, up to which other thresholds are tried. Time grows with them: clustering one layer
of 512 units, which has that many, takes 30 ms, and up to ten thresholds are tried."""


@dataclass(frozen=True)
class Remedy:
    """Thresholds that find the expected hierarchy; None for one that need not change."""

    merging: float | None
    modularity: float | None


def can_try_thresholds(kept: Sequence[BoolArray]) -> bool:
    """Whether the layers are small enough to be clustered again and again.

    Args:
        kept: for each layer of units which of them condensing keeps.
    """
    return sum(int(layer.sum()) ** 2 for layer in kept) <= MOST_PAIRS


def find_remedy(masks: Sequence[BoolArray], wanted: nx.DiGraph, settings: Mapping[str, Any]) -> Remedy | None:
    """Look for other thresholds that find exactly the expected hierarchy.

    The merging threshold alone is tried first, then the modularity threshold alone, then both; of several values the
    one nearest to the present one counts.

    Args:
        masks: one boolean array ``(fan_in, fan_out)`` for each weight layer.
        wanted: the graph that counts as an exact success.
        settings: the present ``hops``, ``merging_threshold`` and ``modularity_threshold``.
    """
    merging, modularity = settings["merging_threshold"], settings["modularity_threshold"]
    network = _Network(masks, wanted, settings["hops"])

    def candidates() -> Iterator[tuple[list[IntArray], float, Remedy]]:
        now, others = network.clusters(modularity), _nearest_first(MERGING_THRESHOLDS, merging)
        yield from ((now, other, Remedy(other, None)) for other in others)
        changed = list(network.other_clusters(modularity))
        yield from ((clusters, merging, Remedy(None, threshold)) for threshold, clusters in changed)
        yield from ((clusters, other, Remedy(other, threshold)) for threshold, clusters in changed for other in others)

    return next((remedy for clusters, other, remedy in candidates() if network.gives(clusters, other)), None)


class _Network:
    """What does not depend on the thresholds."""

    def __init__(self, masks: Sequence[BoolArray], wanted: nx.DiGraph, hops: int | None) -> None:
        self.masks, self.wanted = masks, wanted
        self.kept = condense(masks)
        self.condensed = restrict(masks, self.kept)
        self.features = reachability_features(self.condensed, hops)

    def clusters(self, modularity: float) -> list[IntArray]:
        """The clusters of all layers but that of the outputs."""
        return [cluster_units(layer, modularity) for layer in self.features]

    def other_clusters(self, modularity: float) -> Iterator[tuple[float, list[IntArray]]]:
        """Modularity thresholds that change some cluster, with the clusters.

        A threshold only decides whether a layer's clusters by modularity are tested. Layers whose clusters are the
        same at either end of the range are the same everywhere between.
        """
        lowest, highest = self.clusters(0.0), self.clusters(1.0)
        decided = [np.array_equal(one, other) for one, other in zip(lowest, highest, strict=True)]
        if all(decided):
            return
        known = {_key(self.clusters(modularity))}
        for threshold in _nearest_first(MODULARITY_THRESHOLDS, modularity):
            clusters = [
                labels if same else cluster_units(layer, threshold)
                for labels, same, layer in zip(lowest, decided, self.features, strict=True)
            ]
            if _key(clusters) not in known:
                known.add(_key(clusters))
                yield threshold, clusters

    def gives(self, clusters: Sequence[IntArray], merging: float) -> bool:
        """Whether a merging threshold joins these clusters to the wanted hierarchy."""
        outputs = np.arange(self.masks[-1].shape[1])
        modules = merge_clusters(self.condensed, [*clusters, outputs], merging)
        if 1 + max(int(layer.max(initial=-1)) for layer in modules) != len(self.wanted):
            return False
        return same_hierarchy(join_clusters(self.masks, self.kept, clusters, merging).graph, self.wanted)


def _key(clusters: Sequence[IntArray]) -> bytes:
    return b"".join(layer.tobytes() for layer in clusters)


def _nearest_first(thresholds: Sequence[float], present: float) -> list[float]:
    others = [threshold for threshold in thresholds if threshold != present]
    return sorted(others, key=lambda threshold: (abs(threshold - present), threshold))
