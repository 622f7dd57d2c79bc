"""Which inputs each output sees, against those that it depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import networkx as nx
import numpy as np

from neural_sculpting.analysis import condense, restrict
from neural_sculpting.analysis.condense import BoolArray

Groups = dict[tuple[int, ...], list[int]]
"""Outputs by the inputs that they have in common."""


def seen_inputs(masks: Sequence[BoolArray]) -> BoolArray:
    """Tell from which input a path leads to which output.

    Args:
        masks: one boolean array ``(fan_in, fan_out)`` for each weight layer.

    Returns:
        Boolean ``(inputs, outputs)``.
    """
    kept = condense(masks)
    seen = np.zeros((len(masks[0]), masks[-1].shape[1]), dtype=np.bool_)
    seen[kept[0]] = reduce(_product, restrict(masks, kept))
    return seen


def needed_inputs(expected: nx.DiGraph, shape: tuple[int, int]) -> BoolArray:
    """Tell which output depends on which input: both in one module, or a path of uses between theirs.

    Args:
        expected: a graph of modules.
        shape: how many inputs and outputs there are.

    Returns:
        Boolean ``(inputs, outputs)``.
    """
    needed = np.zeros(shape, dtype=np.bool_)
    for module, outputs in expected.nodes(data="outputs"):
        for used in {module, *nx.ancestors(expected, module)} if outputs else ():
            needed[np.ix_(expected.nodes[used]["inputs"], outputs)] = True
    return needed


def missing_inputs(
    seen: BoolArray, needed: BoolArray, expected: nx.DiGraph, *, ignore_pruned_inputs: bool
) -> BoolArray:
    """Tell which output no longer sees an input that it depends on.

    Args:
        seen: boolean ``(inputs, outputs)``.
        needed: likewise.
        expected: the graph of modules that ``needed`` was made from.
        ignore_pruned_inputs: whether an output must only see one of the inputs of each module that it depends on.

    Returns:
        Boolean ``(inputs, outputs)``; where inputs may go, all inputs of a module of which none is seen.
    """
    if not ignore_pruned_inputs:
        return needed & ~seen
    missing = np.zeros_like(needed)
    for _, inputs in expected.nodes(data="inputs"):
        held = list(inputs)
        missing[held] = needed[held] & ~seen[held].any(axis=0)
    return missing


def grouped(pairs: BoolArray) -> Groups:
    """Gather the outputs that have the same inputs, in order of the first output; outputs without any are left out."""
    groups: Groups = {}
    for output in np.flatnonzero(pairs.any(axis=0)).tolist():
        groups.setdefault(tuple(np.flatnonzero(pairs[:, output]).tolist()), []).append(output)
    return groups


@dataclass(frozen=True)
class EdgeUse:
    """How many edges lie on paths between certain inputs and outputs.

    Attributes:
        edges: all that lie on a path from an input to an output.
        on_such: those on a path between one of the pairs.
        on_such_only: those of them that lie on no other path.
    """

    edges: int
    on_such: int
    on_such_only: int


def count_edges(masks: Sequence[BoolArray], pairs: BoolArray) -> EdgeUse:
    """Count the edges on paths between pairs of an input and an output.

    Args:
        masks: one boolean array ``(fan_in, fan_out)`` for each weight layer.
        pairs: the pairs, boolean ``(inputs, outputs)``.
    """
    kept = condense(masks)
    masks, pairs = restrict(masks, kept), pairs[np.ix_(kept[0], kept[-1])]
    from_inputs = [np.eye(len(pairs), dtype=np.bool_)]
    for mask in masks[:-1]:
        from_inputs.append(_product(from_inputs[-1], mask))
    to_outputs = [np.eye(pairs.shape[1], dtype=np.bool_)]
    for mask in reversed(masks[1:]):
        to_outputs.append(_product(mask, to_outputs[-1]))
    on_such = on_others = on_such_only = 0
    for mask, above, below in zip(masks, from_inputs, reversed(to_outputs), strict=True):
        such, others = (mask & _product(above.T, _product(asked, below.T)) for asked in (pairs, ~pairs))
        on_such += int(such.sum())
        on_others += int((others & ~such).sum())
        on_such_only += int((such & ~others).sum())
    return EdgeUse(on_such + on_others, on_such, on_such_only)


def _product(one: BoolArray, other: BoolArray) -> BoolArray:
    """The Boolean product; floats take the fast matrix product, and counts of paths are only compared with zero."""
    return one.astype(np.float32) @ other.astype(np.float32) > 0
