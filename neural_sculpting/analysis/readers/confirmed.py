"""The sparse graph suggests blocks of inputs, the function of the network confirms them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import networkx as nx
import numpy as np

from neural_sculpting.analysis.condense import condense
from neural_sculpting.analysis.readers.base import Examples, Function, Reading, StageGraph
from neural_sculpting.analysis.readers.candidates import Inputs, candidates
from neural_sculpting.analysis.readers.hidden_units import with_units
from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets
from neural_sculpting.decomposition.decomposition import Decomposition, decompose_among
from neural_sculpting.decomposition.functions import CONTEXTS, BitTable, Decomposable, ProbedFunction
from neural_sculpting.decomposition.measured import MeasuredFunction
from neural_sculpting.errors import UserError
from neural_sculpting.tasks.graph import MAX_INPUTS, all_bits

SEED = 0
"""Of the contexts that stand for all of them: the same function gets the same answer."""


def confirmed(
    graph: StageGraph, *, function: Function, examples: Examples | None, modularity_threshold: float = 0.2, **_: Any
) -> Reading:
    """Read the blocks that the sparse graph suggests and the network's function confirms, and what they form together.

    Which outputs depend on an input, and what lies between blocks and outputs, is asked of the function.

    Raises:
        UserError: if there are no examples, as for images.
    """
    if examples is None:
        raise UserError("analysis.reader=confirmed: asks about rows of numbers; for images use paper")
    sets = _bound_sets(decomposable(function, examples, columns_of(examples)))
    suggested = suggested_by(graph, examples, modularity_threshold, sets.used)
    found = reading_of(decompose_among(sets, suggested, has_shared_units(graph)), suggested, examples)
    return replace(found, hierarchy=with_units(found.hierarchy, graph))


def _bound_sets(function: Decomposable) -> BoundSets:
    if not isinstance(function, BitTable):
        return BoundSets(function)
    return _of_table(function.outputs.tobytes(), function.outputs.shape)


@lru_cache(maxsize=16)
def _of_table(outputs: bytes, shape: tuple[int, ...]) -> BoundSets:
    """The bound sets of a table, as far as they were looked at: networks that have learned one task share them."""
    return BoundSets(BitTable(np.frombuffer(outputs, dtype=np.bool_).reshape(shape)))


def columns_of(examples: Examples) -> list[list[int]]:
    """List the inputs of each column of the examples: one, or the codes of a category, or what the examples name."""
    if examples.columns:
        return [[*column] for column in examples.columns]
    sizes = examples.one_hot_inputs or (1,) * examples.inputs.shape[1]
    ends = np.cumsum(sizes).tolist()
    return [[*range(end - size, end)] for size, end in zip(sizes, ends, strict=True)]


def nodes_of(examples: Examples) -> list[list[int]]:
    """List the inputs of the graph that belong to each column."""
    return [[*nodes] for nodes in examples.nodes] or columns_of(examples)


def suggested_by(
    graph: StageGraph, examples: Examples, modularity_threshold: float, used: Collection[int]
) -> dict[Inputs, str]:
    """Suggest sets of columns from a graph; where its inputs have several columns, one of them is a set, too."""
    if not examples.nodes:
        return in_columns(candidates(graph, modularity_threshold), columns_of(examples))
    return in_columns(candidates(graph, modularity_threshold, least=1), examples.nodes, used)


def in_columns(
    found: Mapping[Inputs, str], nodes: Sequence[Sequence[int]], used: Collection[int] | None = None
) -> dict[Inputs, str]:
    """Replace inputs of the graph by their columns, in sets with what suggests them.

    Args:
        found: sets of inputs of the graph.
        nodes: those that each column belongs to.
        used: the columns that count, where an input has several; None for all.
    """
    columns_of_node: dict[int, set[int]] = defaultdict(set)
    for column, of in enumerate(nodes):
        for node in of if used is None or column in used else ():
            columns_of_node[node].add(column)
    sets = {frozenset().union(*(columns_of_node[node] for node in each)): kind for each, kind in found.items()}
    return {each: kind for each, kind in sets.items() if len(each) > 1}


def decomposable(function: Function, examples: Examples, columns: Sequence[Sequence[int]]) -> Decomposable:
    """Prepare a function for questions.

    A function of up to 16 bits is asked for its whole table, one of more bits in random contexts, and any other around
    the examples.
    """
    inputs = examples.inputs.shape[1]
    if not (examples.inputs_are_bits and examples.outputs_are_bits and len(columns) == inputs):
        return MeasuredFunction(function, examples.inputs, columns, examples.targets)
    if inputs <= MAX_INPUTS:
        return BitTable(function(all_bits(inputs).astype(np.float64)) > 0.5)
    return ProbedFunction(function, np.random.default_rng(SEED).integers(2, size=(CONTEXTS, inputs)).astype(float))


def has_shared_units(graph: StageGraph) -> bool:
    """Whether some unit of the last hidden layer leads to several outputs."""
    return bool((graph.masks[-1][condense(graph.masks)[-2]].sum(axis=1) > 1).any())


def reading_of(found: Decomposition, suggested: Mapping[Inputs, str], examples: Examples) -> Reading:
    """Describe a decomposition of columns by their units: each bound set with its values, and what suggested it."""
    columns, ends = nodes_of(examples), examples.output_nodes
    sets = sorted(found.strong, key=lambda each: (len(each.inputs), sorted(each.inputs)))
    evidence: dict[str, Any] = {
        "blocks": [_described(each, suggested, columns, ends) for each in sets],
        "suggested": [_units(each, columns) for each in suggested],
        "identifiable": found.identifiable,
    }

    def named(graph: nx.DiGraph) -> nx.DiGraph:
        of_inputs = in_units(graph, columns)
        return in_output_units(of_inputs, ends) if ends else of_inputs

    refinement = None if found.refinement is None else named(found.refinement)
    return Reading(named(found.hierarchy), evidence, tuple(map(named, found.alternatives)), refinement=refinement)


def in_units(graph: nx.DiGraph, columns: Sequence[Sequence[int]]) -> nx.DiGraph:
    """Copy a hierarchy of columns with the units of the columns as inputs.

    A unit whose columns are in several modules is in the one that has most of them, the first of equals.
    """
    copy, having = graph.copy(), Counter[tuple[Any, int]]()
    for module, inputs in graph.nodes(data="inputs"):
        having.update((module, unit) for column in inputs for unit in columns[column])
    home: dict[int, Any] = {}
    for (module, unit), _ in having.most_common():
        home.setdefault(unit, module)
    for module, members in copy.nodes.items():
        members["inputs"] = tuple(sorted(unit for unit, at in home.items() if at == module))
    return copy


def in_output_units(graph: nx.DiGraph, units: Sequence[int]) -> nx.DiGraph:
    """Copy a hierarchy with the unit of each output, such as one for all classes, as outputs.

    A unit whose outputs are in several modules is in the last of them, to which the others lead.
    """
    copy, order = graph.copy(), [*nx.topological_sort(graph)]
    having = {module: {units[output] for output in graph.nodes[module]["outputs"]} for module in order}
    home = {unit: module for module in order for unit in having[module]}
    for module, of in having.items():
        copy.nodes[module]["outputs"] = tuple(sorted(unit for unit in of if home[unit] == module))
        copy.add_edges_from((module, home[unit]) for unit in sorted(of) if home[unit] != module)
    return copy


def _described(
    found: BoundSet, suggested: Mapping[Inputs, str], columns: Sequence[Sequence[int]], ends: Sequence[int]
) -> dict[str, Any]:
    return {
        "inputs": _units(found.inputs, columns),
        "outputs": sorted({ends[output] for output in found.outputs} if ends else found.outputs),
        "values": found.values,
        "chance": found.chance,
        "suggested_by": suggested.get(found.inputs, "function"),
    }


def _units(inputs: Inputs | tuple[int, ...], columns: Sequence[Sequence[int]]) -> list[int]:
    return sorted({unit for index in inputs for unit in columns[index]})
