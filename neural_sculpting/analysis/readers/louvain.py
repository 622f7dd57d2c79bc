"""A baseline: communities of the undirected graph with the most modularity (Blondel et al. 2008)."""

import networkx as nx

from neural_sculpting.analysis.readers.base import Reading, StageGraph
from neural_sculpting.analysis.readers.communities import hierarchy_of, unit_graph

SEED = 0
"""Of the order in which units are moved: the same masks give the same communities."""


def louvain(graph: StageGraph) -> Reading:
    """Read the communities that networkx's ``louvain_communities`` finds among all units as modules."""
    units = unit_graph(graph)
    communities = nx.community.louvain_communities(units, seed=SEED)
    modularity = nx.community.modularity(units, communities) if units.number_of_edges() else 0.0
    return Reading(hierarchy_of(graph, communities), {"modularity": modularity})
