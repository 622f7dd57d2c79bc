"""Which inputs each output sees, against those that it depends on.

Arrays of pairs are boolean ``(inputs, outputs)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate

import networkx as nx
import numpy as np

from neural_sculpting.analysis import condense, restrict
from neural_sculpting.analysis.condense import BoolArray, boolean_product


def seen_inputs(masks: Sequence[BoolArray]) -> BoolArray:
    """Find the pairs between which there is a path."""
    kept = condense(masks)
    seen = np.zeros((len(masks[0]), masks[-1].shape[1]), dtype=np.bool_)
    seen[kept[0]] = reduce(boolean_product, restrict(masks, kept))
    return seen


def needed_inputs(expected: nx.DiGraph, shape: tuple[int, int]) -> BoolArray:
    """Find the pairs in one module, or with a path of uses between their modules.

    Args:
        expected: a graph of modules.
        shape: the number of inputs and of outputs.
    """
    needed = np.zeros(shape, dtype=np.bool_)
    for module, outputs in expected.nodes(data="outputs"):
        for used in {module, *nx.ancestors(expected, module)} if outputs else ():
            needed[np.ix_(expected.nodes[used]["inputs"], outputs)] = True
    return needed


def missing_inputs(
    seen: BoolArray, needed: BoolArray, expected: nx.DiGraph, *, ignore_pruned_inputs: bool
) -> BoolArray:
    """Find the pairs whose output depends on the input and does not see it.

    With ``ignore_pruned_inputs`` an output must only see one of the inputs of each module that it depends on; of a
    module of which it sees none all inputs are missing.
    """
    if not ignore_pruned_inputs:
        return needed & ~seen
    missing = np.zeros_like(needed)
    for _, inputs in expected.nodes(data="inputs"):
        rows = list(inputs)
        missing[rows] = needed[rows] & ~seen[rows].any(axis=0)
    return missing


def grouped(pairs: BoolArray) -> dict[tuple[int, ...], list[int]]:
    """Group the outputs that have the same inputs, in order of the first output; those without any are left out."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for output in np.flatnonzero(pairs.any(axis=0)).tolist():
        groups.setdefault(tuple(np.flatnonzero(pairs[:, output]).tolist()), []).append(output)
    return groups


@dataclass(frozen=True)
class EdgeUse:
    """Counts of edges on paths between certain inputs and outputs.

    Attributes:
        edges: on a path from any input to any output.
        on_such: on a path between one of the pairs.
        on_such_only: on such a path and on no other.
    """

    edges: int
    on_such: int
    on_such_only: int


def count_edges(masks: Sequence[BoolArray], pairs: BoolArray) -> EdgeUse:
    """Count the edges on paths between pairs of an input and an output."""
    kept = condense(masks)
    masks, pairs = restrict(masks, kept), pairs[np.ix_(kept[0], kept[-1])]
    from_inputs = accumulate(masks[:-1], boolean_product, initial=np.eye(len(pairs), dtype=np.bool_))
    to_outputs = [np.eye(pairs.shape[1], dtype=np.bool_)]
    for mask in reversed(masks[1:]):
        to_outputs.append(boolean_product(mask, to_outputs[-1]))
    on_such = on_others = on_such_only = 0
    for mask, above, below in zip(masks, from_inputs, reversed(to_outputs), strict=True):
        such, others = (mask & boolean_product(above.T, boolean_product(ends, below.T)) for ends in (pairs, ~pairs))
        on_such += int(such.sum())
        on_others += int((others & ~such).sum())
        on_such_only += int((such & ~others).sum())
    return EdgeUse(on_such + on_others, on_such, on_such_only)
