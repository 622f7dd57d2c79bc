"""The answer where some rows of a truth table are known: of networks, of the rows alone, or none if these are few."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import networkx as nx

from neural_sculpting.analysis.readers.pooled import together
from neural_sculpting.analysis.relations import divides_inputs, inputs_seen, is_refinement
from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets
from neural_sculpting.decomposition.description import saved_bits
from neural_sculpting.decomposition.sampled_tables import SampledTable
from neural_sculpting.records.answers import networks_of, supported
from neural_sculpting.scoring.answers import Answer, Source

if TYPE_CHECKING:
    from neural_sculpting.records.cell import Cell

ASKED_BITS = 7
"""What a hierarchy must save of the known outputs: of random ones about one in a hundred does."""


def answer_of_cell(cell: Cell) -> Answer | None:
    """Find the answer to the task of a cell; None if no trial learned it.

    It is what the networks say, except where some rows of a truth table are known, see :func:`source_of`.
    """
    answer, ceiling, reading = cell.networks_answer, cell.first_group.ceiling, cell.reading
    rows = _known_rows(cell)
    if answer is None or reading is None or ceiling is None or rows is None:
        return answer
    blocks = [
        BoundSet(frozenset(each["inputs"]), frozenset(each["outputs"]), each["values"])
        for each in reading.evidence["blocks"]
    ]
    source = source_of(rows, answer.hierarchy, blocks, ceiling.hierarchy)
    if source == "rows":
        found = supported(cell, ceiling.hierarchy, alternatives=ceiling.alternatives)
        return replace(found, identifiable=ceiling.identifiable, source=source)
    return answer if source == "networks" else replace(supported(cell, _undivided(rows)), source=source)


def source_of(rows: SampledTable, by_networks: nx.DiGraph, blocks: Collection[BoundSet], by_rows: nx.DiGraph) -> Source:
    """Choose between what networks say, in these blocks, and what known rows say without them.

    The rows decide if they save more bits with their own hierarchy (:func:`~.decomposition.description.saved_bits`), at
    least ``ASKED_BITS``, unless that of the networks refines it: they see further where rows say nothing more. If
    neither saves so many, nothing is to be claimed.
    """
    sets = BoundSets(rows)
    own = {block for module in by_rows for block in sets.of_one_bit(inputs_seen(by_rows, module))}
    of_rows, of_networks = saved_bits(rows, by_rows, own), saved_bits(rows, by_networks, blocks)
    if of_rows >= ASKED_BITS and of_rows > of_networks and not is_refinement(by_networks, by_rows):
        return "rows"
    return "networks" if of_networks >= ASKED_BITS or not divides_inputs(by_networks) else "neither"


def _known_rows(cell: Cell) -> SampledTable | None:
    """The rows that are stored, with the outputs that the networks learned; None but of some rows of a truth table."""
    group = cell.first_group
    examples, some = group.about_task.examples, group.ceiling is not None and not group.ceiling.whole
    functions = [each.function for each in networks_of(cell) if each.function] if some else []
    if not functions or examples is None or examples.one_hot_inputs or examples.columns or group.one_hot:
        return None
    return SampledTable(examples.inputs > 0.5, together(functions, examples)(examples.inputs) > 0.5)


def _undivided(rows: SampledTable) -> nx.DiGraph:
    graph = nx.DiGraph()
    inputs, outputs = (tuple(range(each.shape[1])) for each in (rows.inputs, rows.outputs))
    graph.add_node(0, inputs=inputs, outputs=outputs)
    return graph
