"""The criteria of success: one function for each, of a hierarchy beside the expected one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.analysis.condense import BoolArray, boolean_product
from neural_sculpting.analysis.equivalence import is_expected
from neural_sculpting.analysis.relations import is_refinement, relation_of

Partition = frozenset[frozenset[int]]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The hierarchy of a network beside the expected one.

    Attributes:
        masks: one boolean array ``(fan_in, fan_out)`` for each weight layer.
        hierarchy: what the analysis found in these masks.
        expected: a node for each expected module, with the attributes ``inputs`` and ``outputs``; an edge from each
            module to every module that uses it.
        ignore_pruned_inputs: whether pruned inputs are left out of the comparison, as long as each expected module
            with inputs keeps one.
    """

    masks: Sequence[BoolArray]
    hierarchy: Hierarchy
    expected: nx.DiGraph
    ignore_pruned_inputs: bool = False

    @property
    def found(self) -> nx.DiGraph:
        """The graph of the modules that were found."""
        return self.hierarchy.graph

    @property
    def kept(self) -> tuple[BoolArray, ...]:
        """For each layer of units which of them condensing keeps."""
        return self.hierarchy.kept

    @cached_property
    def expected_of_kept(self) -> nx.DiGraph:
        """The expected hierarchy of the inputs that the network kept."""
        return self.expected if self.kept[0].all() else with_inputs(self.expected, self.kept[0])

    @cached_property
    def keeps_every_part(self) -> bool:
        """Whether each expected module with inputs kept one."""
        return len(partition(self.expected_of_kept, "inputs")) == len(partition(self.expected, "inputs"))

    @property
    def wanted(self) -> nx.DiGraph:
        """The graph that counts as an exact success."""
        return self.expected_of_kept if self.ignore_pruned_inputs and self.keeps_every_part else self.expected


def exact(compared: Comparison) -> bool:
    """Whether the graphs are equal up to the names of the modules, with the same inputs and outputs in each."""
    return is_expected(compared.found, compared.wanted)


def relation(compared: Comparison) -> bool:
    """Whether the inputs are divided as expected, and each block of them reaches the expected outputs.

    A block is the inputs of one module. It reaches the outputs of that module and of all to which a path leads; what is
    between, and how outputs are grouped, does not matter.
    """
    return relation_of(compared.found) == relation_of(compared.wanted)


def refines(compared: Comparison) -> bool:
    """Whether the blocks of inputs are those of :func:`relation`, or finer, see :func:`~.relations.is_refinement`."""
    return is_refinement(compared.found, compared.wanted)


def input_separability(compared: Comparison) -> bool:
    """Whether the inputs are divided among modules as expected."""
    return partition(compared.found, "inputs") == partition(compared.wanted, "inputs")


def output_sub_functions(compared: Comparison) -> bool:
    """Whether the outputs are divided among modules as expected."""
    return partition(compared.found, "outputs") == partition(compared.expected, "outputs")


def hidden_unit_separability(compared: Comparison) -> bool:
    """Whether no path leads from any kept hidden unit to outputs of two expected modules."""
    masks, outputs = compared.masks, partition(compared.expected, "outputs")
    reached = np.zeros((masks[-1].shape[1], len(outputs)), dtype=np.bool_)
    for column, group in enumerate(outputs):
        reached[sorted(group), column] = True
    for layer in range(len(masks) - 1, 0, -1):
        reached = boolean_product(masks[layer], reached)
        if (reached[compared.kept[layer]].sum(axis=1) > 1).any():
            return False
    return True


def middle_layer_separability(compared: Comparison) -> bool:
    """Whether the modules between inputs and outputs are divided among the outputs as these are expected to be.

    Each module without inputs and outputs must lead to outputs of one expected module only, and each output must be
    reached from one of them.
    """
    graph, outputs = compared.found, partition(compared.expected, "outputs")
    middle = {module for module, ends in graph.nodes(data=True) if not ends["inputs"] and not ends["outputs"]}
    group_of = {output: number for number, group in enumerate(outputs) for output in group}
    served: dict[int, set[int]] = {module: set() for module in middle}
    for module, numbers in graph.nodes(data="outputs"):
        leading_here = middle & nx.ancestors(graph, module) if numbers else set()
        if numbers and not leading_here:
            return False
        for each in leading_here:
            served[each].update(group_of[output] for output in numbers)
    return all(len(groups) == 1 for groups in served.values())


def input_agreement(compared: Comparison) -> float:
    """Compute how far the partition of the kept inputs agrees with the expected one, as adjusted Rand index.

    It is 1.0 for equal partitions, 0.0 for what chance gives, and 0.0 where an expected module kept none of its inputs.
    """
    if not compared.keeps_every_part:
        return 0.0
    return agreement_of_inputs(compared.found, compared.expected_of_kept)


def agreement_of_inputs(found: nx.DiGraph, expected: nx.DiGraph) -> float:
    """Compute the adjusted Rand index of how two graphs of modules divide the inputs of the expected one.

    The found one may have more: idle inputs, which belong to no expected module.
    """
    numbers = sorted(number for _, inputs in expected.nodes(data="inputs") for number in inputs)
    return adjusted_rand_index(modules_of_inputs(found, numbers), modules_of_inputs(expected, numbers))


def modules_of_inputs(graph: nx.DiGraph, inputs: Iterable[int]) -> list[int]:
    """Number the module of each input; one that no module has is by itself."""
    module_of = {number: at for at, (_, members) in enumerate(graph.nodes(data="inputs")) for number in members}
    return [module_of.get(number, -1 - number) for number in inputs]


def with_inputs(graph: nx.DiGraph, kept: BoolArray) -> nx.DiGraph:
    """Copy a graph of modules without the inputs that are not kept, ``(inputs,)``."""
    restricted = graph.copy()
    for attributes in restricted.nodes.values():
        attributes["inputs"] = tuple(number for number in attributes["inputs"] if kept[number])
    return restricted


def partition(graph: nx.DiGraph, ends: str) -> Partition:
    """Return the sets into which modules divide the ``inputs`` or the ``outputs``, without empty ones."""
    return frozenset(frozenset(numbers) for _, numbers in graph.nodes(data=ends) if numbers)


def adjusted_rand_index(one: ArrayLike, other: ArrayLike) -> float:
    """Compare two partitions of the same things by the pairs of things that they put together.

    With the sums over C(n, 2) of the sizes n of all cells, rows and columns of the contingency table::

        (cells - expected) / ((rows + columns) / 2 - expected),  expected = rows * columns / C(things, 2)

    Hubert & Arabie, "Comparing partitions", Journal of Classification 2 (1985), equation 5.

    Args:
        one: the group of each thing, as a number, ``(things,)``.
        other: likewise.

    Returns:
        1.0 for equal partitions, around 0 for unrelated ones; it may be negative.
    """
    _, rows = np.unique(one, return_inverse=True)
    _, columns = np.unique(other, return_inverse=True)
    table = np.zeros((rows.max(initial=0) + 1, columns.max(initial=0) + 1), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    in_cells, in_rows, in_columns = _pairs(table), _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    if in_cells == in_rows == in_columns:  # equal partitions; the quotient may be 0/0
        return 1.0
    things, by_chance = _pairs(table.sum()), in_rows * in_columns  # all times C(things, 2): whole numbers, no rounding
    return 2 * (in_cells * things - by_chance) / ((in_rows + in_columns) * things - 2 * by_chance)


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
