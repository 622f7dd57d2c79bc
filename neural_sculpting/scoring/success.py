"""Success: is the hierarchy that was found the expected one?"""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.scoring.agreement import adjusted_rand_index

Partition = frozenset[frozenset[int]]


@dataclass(frozen=True)
class Success:
    """What was found as expected in one network.

    Where inputs may go, those that are kept are compared, and each module that is expected to hold inputs must have
    kept one.

    Attributes:
        exact: the graph of modules is the expected one up to the names of the modules, with the same inputs
            and outputs in each. A removed input makes it fail, unless inputs may go.
        input_separability: the inputs are divided among modules as expected. A removed input makes it fail, unless
            inputs may go.
        output_sub_functions: the outputs are divided among modules as expected.
        hidden_unit_separability: no kept hidden unit reaches outputs of two expected modules.
        middle_layer_separability: the modules between those of the inputs and those of the outputs are divided among
            the outputs as these are expected to be.
        input_agreement: how far the partition of the kept inputs agrees with the expected one, as adjusted Rand index:
            1.0 is the same, 0.0 what chance gives. 0.0 also where nothing is left of the inputs of an expected module.
    """

    exact: bool
    input_separability: bool
    output_sub_functions: bool
    hidden_unit_separability: bool
    middle_layer_separability: bool
    input_agreement: float


def score(
    masks: Sequence[BoolArray], hierarchy: Hierarchy, expected: nx.DiGraph, *, ignore_pruned_inputs: bool = False
) -> Success:
    """Compare the hierarchy of a network with the expected one.

    Args:
        masks: the masks of the network, one boolean array ``(fan_in, fan_out)`` for each weight layer.
        hierarchy: what the analysis found in these masks.
        expected: a node for each expected module, with the attributes ``inputs`` and ``outputs``; an edge
            from each module to every module that uses it.
        ignore_pruned_inputs: whether a removed input does no harm as long as its expected module keeps another.

    Returns:
        Whether each criterion holds.
    """
    found, outputs = hierarchy.graph, partition(expected, "outputs")
    left, none_lost = _inputs_left(expected, hierarchy.kept[0])
    wanted = wanted_hierarchy(expected, hierarchy.kept[0], ignore_pruned_inputs=ignore_pruned_inputs)
    return Success(
        exact=same_hierarchy(found, wanted),
        input_separability=partition(found, "inputs") == partition(wanted, "inputs"),
        output_sub_functions=partition(found, "outputs") == outputs,
        hidden_unit_separability=hidden_units_separate(masks, hierarchy.kept, outputs),
        middle_layer_separability=middle_modules_separate(found, outputs),
        input_agreement=_input_agreement(found, left) if none_lost else 0.0,
    )


def wanted_hierarchy(expected: nx.DiGraph, kept: BoolArray, *, ignore_pruned_inputs: bool) -> nx.DiGraph:
    """Return the graph that counts as an exact success for a network that kept certain inputs.

    Args:
        expected: the expected hierarchy; it is not changed.
        kept: the inputs that the network uses, shape (inputs,).
        ignore_pruned_inputs: whether those that it does not use are left out, as long as each expected module has one.
    """
    if not ignore_pruned_inputs:
        return expected
    left, none_lost = _inputs_left(expected, kept)
    return left if none_lost else expected


def with_inputs(graph: nx.DiGraph, kept: BoolArray) -> nx.DiGraph:
    """Return a graph of modules that hold only those inputs that are kept.

    Args:
        graph: a graph of modules; it is not changed.
        kept: shape (inputs,).
    """
    restricted = graph.copy()
    for _, held in restricted.nodes(data=True):
        held["inputs"] = tuple(number for number in held["inputs"] if kept[number])
    return restricted


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


def middle_modules_separate(graph: nx.DiGraph, outputs: Partition) -> bool:
    """Check that the modules without inputs and outputs are divided among the outputs.

    Args:
        graph: a graph of modules in which every output is held.
        outputs: the groups that the outputs are divided into.

    Returns:
        True if each of these modules leads to outputs of one group only, and to each output leads one of them.
    """
    middle = {module for module, held in graph.nodes(data=True) if not held["inputs"] and not held["outputs"]}
    group_of = {output: number for number, group in enumerate(outputs) for output in group}
    served: dict[int, set[int]] = {module: set() for module in middle}
    for module, held in graph.nodes(data="outputs"):
        leading_here = middle & nx.ancestors(graph, module) if held else set()
        if held and not leading_here:
            return False
        for each in leading_here:
            served[each].update(group_of[output] for output in held)
    return all(len(groups) == 1 for groups in served.values())


def _inputs_left(expected: nx.DiGraph, kept: BoolArray) -> tuple[nx.DiGraph, bool]:
    """The expected hierarchy of the kept inputs, and whether each module that is to hold inputs has one left."""
    left = with_inputs(expected, kept)
    return left, len(partition(left, "inputs")) == len(partition(expected, "inputs"))


def _input_agreement(found: nx.DiGraph, expected: nx.DiGraph) -> float:
    """Compare how two graphs divide the same inputs."""
    one, other = (
        {number: place for place, (_, held) in enumerate(graph.nodes(data="inputs")) for number in held}
        for graph in (found, expected)
    )
    return adjusted_rand_index([one[number] for number in sorted(one)], [other[number] for number in sorted(one)])
