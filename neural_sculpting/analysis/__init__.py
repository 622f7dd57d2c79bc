"""From the masks of one network to its modules and their hierarchy: pure functions, one step each."""

from neural_sculpting.analysis.clusters import cluster_units, reachability_features, separability_verdict
from neural_sculpting.analysis.condense import check_masks, condense, restrict
from neural_sculpting.analysis.hierarchy import (
    Hierarchy,
    analyze,
    graph_from_json,
    graph_to_json,
    hierarchy_from_graph,
    hierarchy_size,
    join_clusters,
    merge_clusters,
    module_graph,
)

__all__ = [
    "Hierarchy",
    "analyze",
    "check_masks",
    "cluster_units",
    "condense",
    "graph_from_json",
    "graph_to_json",
    "hierarchy_from_graph",
    "hierarchy_size",
    "join_clusters",
    "merge_clusters",
    "module_graph",
    "reachability_features",
    "restrict",
    "separability_verdict",
]
