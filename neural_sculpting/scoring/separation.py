"""How far sub-functions are apart in a network, where all or nothing says too little: in convolutions and attention."""

from collections.abc import Sequence
from functools import reduce

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.relations import inputs_seen, outputs_reached
from neural_sculpting.analysis.units import ends_of_units
from neural_sculpting.scoring.diagnosis.paths import needed_inputs


def stray_path_share(weights: Sequence[NDArray[np.floating]], expected: nx.DiGraph) -> float:
    """Compute the share of paths that lead from an input to an output that does not depend on it.

    A path weighs the product of the sizes of its weights, and a skip 1.

    Args:
        weights: their sizes, ``(units, units of the next stage)`` for each stage.
        expected: the true hierarchy.

    Returns:
        From 0 to 1; NaN where no path is left.
    """
    paths = reduce(np.matmul, [np.abs(each).astype(np.float64) for each in weights])
    related = needed_inputs(expected, paths.shape)
    known = sorted(number for _, inputs in expected.nodes(data="inputs") for number in inputs)
    total = float(paths[known].sum())
    return float(paths[known][~related[known]].sum()) / total if total else np.nan


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
