"""The sparse graph suggests blocks of inputs, the function of the network confirms them."""

from collections.abc import Collection, Mapping
from typing import Any

import networkx as nx
import numpy as np

from neural_sculpting.analysis.condense import condense
from neural_sculpting.analysis.readers.base import Examples, Function, Reading, StageGraph
from neural_sculpting.analysis.readers.candidates import Inputs, candidates
from neural_sculpting.decomposition.bound_sets import BoundSets
from neural_sculpting.decomposition.decomposition import Decomposition, decompose_among
from neural_sculpting.decomposition.functions import CONTEXTS, Decomposable, BitTable, ProbedFunction
from neural_sculpting.tasks.graph import MAX_INPUTS, all_bits

SEED = 0
"""Of the contexts that stand for all of them: the same function gets the same answer."""


def confirmed(
    graph: StageGraph,
    *,
    function: Function,
    examples: Examples | None,
    modularity_threshold: float = 0.2,
    **_: Any,
) -> Reading:
    """Read the blocks that the sparse graph suggests and the network's function confirms, and what they form together.

    Which outputs depend on an input, and what lies between blocks and outputs, is asked of the function.
    """
    proposed = candidates(graph, modularity_threshold)
    bits = bits_of(function, graph.layers[0])
    return reading_of(decompose_among(BoundSets(bits), proposed, has_shared_units(graph)), proposed)


def bits_of(function: Function, inputs: int) -> Decomposable:
    """Ask a function of bits for its whole table, or if that is too large, prepare to ask it in random contexts."""
    if inputs <= MAX_INPUTS:
        return BitTable(function(all_bits(inputs).astype(np.float64)) > 0.5)
    return ProbedFunction(function, np.random.default_rng(SEED).integers(2, size=(CONTEXTS, inputs)).astype(float))


def has_shared_units(graph: StageGraph) -> bool:
    """Whether some unit of the last hidden layer leads to several outputs."""
    return bool((graph.masks[-1][condense(graph.masks)[-2]].sum(axis=1) > 1).any())


def reading_of(found: Decomposition, proposed: Mapping[Inputs, str]) -> Reading:
    """Describe a decomposition: each bound set with its values, and what suggested it."""
    blocks = [
        {
            "inputs": sorted(each.inputs),
            "outputs": sorted(each.outputs),
            "values": each.values,
            "chance": each.chance,
            "suggested_by": proposed.get(each.inputs, "function"),
        }
        for each in sorted(found.strong, key=lambda each: (len(each.inputs), sorted(each.inputs)))
    ]
    evidence = {"blocks": blocks, "identifiable": found.identifiable}
    return Reading(found.hierarchy, evidence, found.alternatives)
