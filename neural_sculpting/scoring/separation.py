"""How far sub-functions are apart in a network, where all or nothing says too little: in convolutions and attention."""

from collections.abc import Sequence

import networkx as nx
import numpy as np

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.relations import inputs_seen, outputs_reached
from neural_sculpting.analysis.units import ends_of_units
from neural_sculpting.scoring.path_weights import Weights, within_and_across


def stray_path_share(weights: Weights, expected: nx.DiGraph) -> float:
    """Compute the share of paths that lead from an input to an output that does not depend on it, by their weight.

    A skip weighs 1.

    Args:
        weights: ``(units, units of the next stage)`` for each stage, see :mod:`~.path_weights`.
        expected: the true hierarchy.

    Returns:
        From 0 to 1; NaN where no path is left.
    """
    within, across = (float(each.sum()) for each in within_and_across(weights, expected))
    return across / (within + across) if within + across else np.nan


def stray_unit_share(masks: Sequence[BoolArray], expected: nx.DiGraph) -> float:
    """Compute the share of hidden nodes that belong to no module.

    A node may belong to a module that sees all inputs below it, and reaches all outputs above it. So one that mixes the
    inputs of two functions is astray, unless it serves only outputs of a module that combines them.

    Args:
        masks: the graph of the network, ``(units, units of the next stage)`` for each stage.
        expected: the true hierarchy.

    Returns:
        From 0 to 1; NaN where no hidden node is left.
    """
    modules = [(inputs_seen(expected, module), outputs_reached(expected, module)) for module in expected]
    known = frozenset().union(*(seen for seen, _ in modules))
    ends = [of for _, of in ends_of_units(masks)]
    astray = [not any(below & known <= seen and above <= reached for seen, reached in modules) for below, above in ends]
    return float(np.mean(astray)) if astray else np.nan
