"""What stands beside networks in studies of sampled rows and measured tables, and what a hierarchy meets there."""

from contextlib import suppress

import networkx as nx

from neural_sculpting.methods import DoesNotApply
from neural_sculpting.methods.no_network.boosted_trees import boosted_trees
from neural_sculpting.scoring.answers import criteria_met
from neural_sculpting.tasks import Task

CRITERIA = ("exact", "relation", "refines")


def boosted(task: Task) -> nx.DiGraph | None:
    """Read the hierarchy of boosted trees; None where they do not apply."""
    with suppress(DoesNotApply):
        return boosted_trees(task).hierarchy
    return None


def met(found: nx.DiGraph | None, expected: nx.DiGraph) -> dict[str, int]:
    """Whether a hierarchy meets each of the criteria, 1 or 0; none of them where there is no hierarchy."""
    of_found = dict.fromkeys(CRITERIA, False) if found is None else criteria_met(found, expected)
    return {name: int(of_found[name]) for name in CRITERIA}
