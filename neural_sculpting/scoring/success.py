"""Success: is the hierarchy that was found the expected one?"""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.equivalence import same_hierarchy

Partition = frozenset[frozenset[int]]


@dataclass(frozen=True)
class Success:
    """What was found as expected in one network.

    Attributes:
        exact: the graph of modules is the expected one up to the names of the modules, with the same inputs
            and outputs in each. A removed input makes it fail.
        input_separability: the inputs are divided among modules as expected. A removed input makes it fail.
        output_sub_functions: the outputs are divided among modules as expected.
        hidden_unit_separability: no kept hidden unit reaches outputs of two expected modules.
    """

    exact: bool
    input_separability: bool
    output_sub_functions: bool
    hidden_unit_separability: bool


def score(masks: Sequence[BoolArray], hierarchy: Hierarchy, expected: nx.DiGraph) -> Success:
    """Compare the hierarchy of a network with the expected one.

    Args:
        masks: the masks of the network, one boolean array ``(fan_in, fan_out)`` for each weight layer.
        hierarchy: what the analysis found in these masks.
        expected: a node for each expected module, with the attributes ``inputs`` and ``outputs``; an edge
            from each module to every module that uses it.

    Returns:
        Whether each criterion holds.
    """
    found, outputs = hierarchy.graph, partition(expected, "outputs")
    return Success(
        exact=same_hierarchy(found, expected),
        input_separability=partition(found, "inputs") == partition(expected, "inputs"),
        output_sub_functions=partition(found, "outputs") == outputs,
        hidden_unit_separability=hidden_units_separate(masks, hierarchy.kept, outputs),
    )


def partition(graph: nx.DiGraph, ends: str) -> Partition:
    """Tell how the modules of a graph divide the inputs, or the outputs, among them.

    Args:
        graph: a graph of modules, found or expected.
        ends: the attribute to look at, "inputs" or "outputs".

    Returns:
        The set of the sets that are not empty.
    """
    return frozenset(frozenset(held) for _, held in graph.nodes(data=ends) if held)


def hidden_units_separate(masks: Sequence[BoolArray], kept: Sequence[BoolArray], outputs: Partition) -> bool:
    """Check that every kept hidden unit serves one group of outputs only.

    Args:
        masks: one boolean array ``(fan_in, fan_out)`` for each weight layer.
        kept: for each layer of units which of them are left after condensing.
        outputs: the groups that the outputs are divided into.

    Returns:
        False if a path leads from some kept hidden unit to outputs of two groups.
    """
    groups = np.zeros((masks[-1].shape[1], len(outputs)), dtype=np.bool_)
    for column, group in enumerate(outputs):
        groups[sorted(group), column] = True
    reached = groups
    for layer in range(len(masks) - 1, 0, -1):
        reached = masks[layer].astype(np.float32) @ reached.astype(np.float32) > 0
        if (reached[kept[layer]].sum(axis=1) > 1).any():
            return False
    return True
