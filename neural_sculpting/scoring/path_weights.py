"""What the paths through a network weigh: each the product of the sizes of its weights.

They are the *edge-weight products* of Patil, Michael, Dovrolis, "Neural Sculpting" (NeurIPS 2023). Weights are
``(units, units of the next stage)`` for each stage, zero where pruned.
"""

from collections.abc import Sequence
from functools import reduce

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.diagnosis.paths import needed_inputs

Weights = Sequence[NDArray[np.floating]]


def path_weights(weights: Weights) -> NDArray[np.float64]:
    """Sum the weights of the paths from each unit of the first stage to each of the last, ``(first, last)``."""
    return reduce(np.matmul, [np.abs(each).astype(np.float64) for each in weights])


def within_and_across(weights: Weights, expected: nx.DiGraph) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Divide what paths from inputs to outputs weigh, by whether the output depends on the input.

    Args:
        weights: of the whole network.
        expected: the true hierarchy; inputs that no module has are left out.

    Returns:
        A weight for each pair inside of sub-functions, ``(pairs,)``, and for each pair across.
    """
    paths = path_weights(weights)
    related: BoolArray = needed_inputs(expected, paths.shape)
    known = sorted(number for _, inputs in expected.nodes(data="inputs") for number in inputs)
    return paths[known][related[known]], paths[known][~related[known]]


def units_of_share(weights: Weights, share: float = 0.9) -> list[int]:
    """Count, for each hidden stage, the fewest units from which paths to the outputs make up a share of their weight.

    What a unit weighs is the sum of its paths to all outputs. Where no path is left there are 0.
    """
    counts = []
    for stage in range(1, len(weights)):
        of_unit = np.sort(path_weights(weights[stage:]).sum(axis=1))[::-1]
        reached = np.cumsum(of_unit)
        # Rounding must not ask for one unit more.
        counts.append(int(np.searchsorted(reached, share * reached[-1] * (1 - 1e-12)) + 1) if reached[-1] else 0)
    return counts
