"""What the row of a task has: whether its answer is right, what is known of it, and what else was tried."""

import json
from math import log
from typing import Any

import numpy as np

from experiments.calibration.cases import Case, is_right
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.records.answers import networks_of
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.confidence import evidence_of, log_odds
from neural_sculpting.records.null_readings import nulls_of
from neural_sculpting.tasks.graph import all_bits

FURTHER = ("agreement", "log_known", "whole", "divided", "disagreement", "rewired", "ceiling")
"""Evidence that models were tried with."""

OF_TASK = ("way", "wrong_labels", "idle_inputs", "answered")


def row_of(cell: Cell, case: Case) -> dict[str, Any]:
    """The row of a task; without an answer there is nothing to be right or wrong."""
    of_task = {"way": case.way, "answered": cell.networks_answer is not None}
    of_task |= {name: case.options.get(name, 0) for name in ("wrong_labels", "idle_inputs")}
    if cell.networks_answer is None:
        return of_task
    graph, evidence = cell.networks_answer.hierarchy, evidence_of(cell)
    assert evidence is not None  # all tasks are truth tables, read by the confirmed reader
    right = {"right": int(is_right(graph, case.graph)), "agreement_share": cell.networks_answer.agreement.share}
    return {
        **of_task,
        **right,
        **evidence,
        **_further(cell, evidence["known"]),
        "hierarchy": json.dumps(graph_to_json(graph)),
    }


def _further(cell: Cell, known: float) -> dict[str, float]:
    """What models were tried with beside :func:`evidence_of`; see the page for what each is."""
    assert cell.networks_answer is not None
    found, ceiling = cell.networks_answer.hierarchy, cell.first_group.ceiling
    rows = all_bits(cell.first_group.layout.layers[0]).astype(np.float64)
    ones = np.mean([each.function(rows) for each in networks_of(cell) if each.function], axis=0)
    return {
        "agreement": log_odds(cell.networks_answer.agreement.count, cell.networks_answer.trials),
        "log_known": log(known),
        "whole": float(known == 1),
        "disagreement": float(np.minimum(ones, 1 - ones).mean()),
        "rewired": nulls_of(cell, cell.networks_answer).rewired.share,
        "ceiling": float(ceiling is not None and relation_of(ceiling.hierarchy) == relation_of(found)),
    }
