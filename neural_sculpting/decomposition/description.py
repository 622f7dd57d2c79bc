"""How many bits of the known rows of a function a hierarchy saves: how far the rows speak for it."""

from collections.abc import Collection
from math import lgamma, log, log2

import networkx as nx
import numpy as np

from neural_sculpting.analysis.relations import inputs_seen, relation_of
from neural_sculpting.decomposition.bound_sets import BoundSet
from neural_sculpting.decomposition.sampled_tables import SampledTable


def saved_bits(rows: SampledTable, hierarchy: nx.DiGraph, blocks: Collection[BoundSet]) -> float:
    """Count the outputs of the rows, one bit each, less the bits that write them by way of a hierarchy.

    This is the minimum description length (J. Rissanen, "Modeling by shortest data description", 1978). Written are:
    the module of each input; for each block and each output what it reads, and its value for each combination of that;
    and the position of each output that contradicts rows with the same inputs below it. Codes of one length are
    distinct, so that outputs drawn at random let some hierarchy save s bits or more in about one of 2^s cases.

    Args:
        rows: what is known.
        hierarchy: nodes with ``inputs`` and ``outputs``.
        blocks: the bound sets of the hierarchy.

    Returns:
        The bits that are saved; below 0 where the hierarchy takes more than the outputs themselves.
    """
    cells: list[frozenset[int]] = [*relation_of(hierarchy)]
    n_inputs = rows.inputs.shape[1]
    if unread := frozenset(range(n_inputs)).difference(*cells):
        cells.append(unread)
    count = len(cells)
    written = n_inputs * log2(count) - lgamma(count + 1) / log(2)
    for block in blocks:
        which = 1 if block.inputs in cells else count
        written += which + _combinations(block.inputs, block.outputs, blocks) * log2(block.values)
    below = {output: inputs_seen(hierarchy, each) for each, of in hierarchy.nodes(data="outputs") for output in of}
    for output in np.unique(rows.output_classes, return_index=True)[1].tolist():
        seen = below.get(output, frozenset())
        written += count + _combinations(seen, frozenset([output]), blocks)
        written += _contradictions(rows, seen, output) * log2(rows.outputs.size)
    return float(rows.outputs.size - written)


def _combinations(inputs: frozenset[int], outputs: frozenset[int], blocks: Collection[BoundSet]) -> int:
    """How many combinations of values reach what reads these inputs: of the largest blocks inside, and of others."""
    left, number = inputs, 1
    for block in sorted(blocks, key=lambda each: -len(each.inputs)):
        if block.inputs < inputs and block.inputs <= left and outputs <= block.outputs:
            left, number = left - block.inputs, number * block.values
    return number << len(left)


def _contradictions(rows: SampledTable, inputs: Collection[int], output: int) -> int:
    """How many rows differ in an output from most of those that agree in some inputs."""
    _, same = np.unique(np.packbits(rows.inputs[:, sorted(inputs)], axis=1), axis=0, return_inverse=True)
    ones, number = np.bincount(same.ravel(), rows.outputs[:, output]), np.bincount(same.ravel())
    return int(np.minimum(ones, number - ones).sum())
