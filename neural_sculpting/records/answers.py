"""The answer to the task of a cell: what its trials say together, beside what chance and the examples alone give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.readers import Reading, StageGraph
from neural_sculpting.analysis.readers.pooled import TrialNetwork, pool
from neural_sculpting.nulls.rewired import rewired
from neural_sculpting.records.ceilings import ceiling_columns
from neural_sculpting.records.majority import have_learned
from neural_sculpting.records.record import Null
from neural_sculpting.scoring.answers import Answer, Share, answer_of, criteria_met
from neural_sculpting.scoring.means import Mean

if TYPE_CHECKING:
    from neural_sculpting.records.cell import Cell
    from neural_sculpting.records.sweep import Sweep

POOLED = ("confirmed",)
"""Readers whose answer is a reading of all networks together; of others it is the hierarchy that most trials found."""

CRITERIA = ("exact", "relation", "refines")
"""Criteria of an answer."""


def answer_of_networks(cell: Cell) -> Answer | None:
    """Find the hierarchy that the trials of a cell support together; None if none learned the task."""
    if cell.reading is not None:
        reading = cell.reading
        identifiable, others = str(reading.evidence.get("identifiable", "")), reading.alternatives
        table, finer = cell.first_group.ceiling, reading.refinement
        if table is not None and table.whole and same_hierarchy(table.hierarchy, reading.hierarchy):
            identifiable, others = table.identifiable, table.alternatives  # of all blocks, suggested by networks or not
        known = finer is None or any(same_hierarchy(finer, each) for each in (reading.hierarchy, *others))
        further = {"identifiable": identifiable, "alternatives": others, "refinement": None if known else finer}
        return supported(cell, reading.hierarchy, **further)
    return supported(cell, cell.hierarchies[0].graph) if cell.hierarchies and any(cell.learned) else None


def supported(cell: Cell, hierarchy: nx.DiGraph, **further: Any) -> Answer:
    """Make a hierarchy the answer of a cell, with the support of its trials and ``further`` attributes."""
    found = [graph for graph, has_learned in zip(cell.compared, cell.learned, strict=True) if has_learned]
    return answer_of(hierarchy, cell.first_group.config.analysis.reader, found, len(cell.trials), **further)


def reading_of_cell(cell: Cell) -> Reading | None:
    """Read the networks of a cell as one; None of readers that read each alone, and where there are none."""
    if cell.first_group.config.analysis.reader in POOLED and (networks := list(networks_of(cell))):
        return read_together(cell, networks)
    return None


def read_together(cell: Cell, networks: list[TrialNetwork]) -> Reading:
    """Read networks of a cell as one."""
    group = cell.first_group
    examples = group.about_task.examples
    assert examples is not None  # a reader has asked it
    return pool(networks, examples, group.config.analysis.modularity_threshold)


def networks_of(cell: Cell, null: Null | None = None) -> Iterator[TrialNetwork]:
    """The networks of a cell that learned the task and whose weights are stored.

    The selected ones have their functions, so that each trial counts once. A ``null`` replaces masks, given the seed of
    their trial; functions stay what they are.
    """
    groups = {number: cell.sweep.groups[number] for number in cell.trials["group"].unique().tolist()}
    able = {each: have_learned(group.networks, group) & group.packed.has_values() for each, group in groups.items()}
    for _, trial in cell.trials[cell.learned].iterrows():
        number, group = int(trial["group"]), groups[int(trial["group"])]
        of_trial = group.networks["seed"].eq(trial["seed"])
        for network in np.flatnonzero(of_trial & able[number]).tolist():
            seed = int(trial["seed"])
            masks = group.masks_under(network, null, seed) if null else group.masks_of(network)
            graph = StageGraph(tuple(masks))
            function = group.about_task.function_of(group.packed, network) if network == trial["network"] else None
            yield TrialNetwork((number, int(trial["seed"])), graph, function)


def null_answers(cell: Cell) -> dict[str, nx.DiGraph]:
    """What the same reading of all networks gives with other candidates: of rewired masks, and of dense networks.

    There are none where the reader does not read networks together, or no trial learned the task.
    """
    if cell.first_group.config.analysis.reader not in POOLED:
        return {}
    nulls: dict[str, Null] = {"rewired": rewired, "dense": lambda masks, _: [np.ones_like(mask) for mask in masks]}
    found = {name: list(networks_of(cell, null)) for name, null in nulls.items()}
    return {name: read_together(cell, networks).hierarchy for name, networks in found.items() if networks}


def answer_rows(sweep: Sweep) -> pd.DataFrame:
    """Make a row for each cell: the answer to its task, beside the expected hierarchy and the ceiling.

    Columns beside the settings of the cell: ``reader``, ``trials``, ``learned``, ``lost``, ``agreement`` with
    ``agreement_low`` and ``agreement_high``, ``confidence``, the probability that the answer is right (missing: not
    known), ``exact``, ``relation`` and ``refines`` (missing where no hierarchy is expected), ``alternatives`` and
    ``hierarchy`` (as JSON), ``answer_source`` (``source`` of :class:`~.scoring.answers.Answer`; empty where there is
    none), ``null_rewired_rate``; ``lesion_score``, ``lesion_low``, ``lesion_high`` and ``random_lesion_score``, see
    :class:`~.lesions.CellLesions`; ``stability_inputs``, ``stability_inputs_low``, ``stability_inputs_high`` and
    ``stability_reach``, between seeds; and the columns of :func:`ceiling_columns`.
    """
    return pd.DataFrame([_row(cell) for cell in sweep.cells])


def _row(cell: Cell) -> dict[str, Any]:
    answer = cell.answer
    common = {
        **cell.keys,
        "reader": cell.first_group.config.analysis.reader,
        "trials": len(cell.trials),
        "learned": int(cell.learned.sum()),
        "lost": int(cell.trials["status"].eq("lost").sum()),
    }
    met = met_by(cell, answer.hierarchy if answer else None)
    if answer is None:
        share, rest = Share.of(0, len(cell.trials)), {"alternatives": "[]", "hierarchy": "", "null_rewired_rate": pd.NA}
        rest["answer_source"] = ""
    else:
        share = answer.agreement
        rest = {
            "alternatives": json.dumps([graph_to_json(each) for each in answer.alternatives]),
            "hierarchy": json.dumps(graph_to_json(answer.hierarchy)),
            "answer_source": answer.source,
            "null_rewired_rate": cell.nulls.rewired.share if cell.nulls else pd.NA,
        }
    agreement = {"agreement": share.share, "agreement_low": share.low, "agreement_high": share.high}
    return {
        **common,
        **agreement,
        "confidence": pd.NA if cell.confidence is None else cell.confidence,
        **met,
        **rest,
        **_tested(cell),
        **ceiling_columns(cell.first_group.ceiling, cell.expected),
    }


def _tested(cell: Cell) -> dict[str, float]:
    """Whether hierarchies predict what breaks, and agree between seeds; NaN where that is not known."""
    lesions, seeds, unknown = cell.lesions, cell.stability.seeds, Mean.of([])
    own, control = (lesions.own, lesions.control) if lesions else (unknown, unknown)
    inputs, reach = (seeds.inputs, seeds.reach) if seeds else (unknown, unknown)
    return {
        **{"lesion_score": own.mean, "lesion_low": own.low, "lesion_high": own.high},
        "random_lesion_score": control.mean,
        **{"stability_inputs": inputs.mean, "stability_inputs_low": inputs.low, "stability_inputs_high": inputs.high},
        "stability_reach": reach.mean,
    }


def met_by(cell: Cell, graph: nx.DiGraph | None) -> dict[str, Any]:
    """Whether a hierarchy meets each of ``CRITERIA``; missing where there is none, or none is expected."""
    if cell.expected is None or graph is None:
        return dict.fromkeys(CRITERIA, pd.NA)
    return criteria_met(graph, cell.expected)
