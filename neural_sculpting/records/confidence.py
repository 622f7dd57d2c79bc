"""How probable it is that an answer is right: a logistic regression, calibrated on tasks with a known answer.

It is fitted by ``experiments/calibration``, which also tests it, on tasks of other families. An answer is right if its
blocks of inputs, and the outputs that each of them reaches, are those of the task, or finer ones that the whole truth
table confirms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import exp, log
from typing import TYPE_CHECKING, Any

import numpy as np

from neural_sculpting.analysis.relations import divides_inputs, relation_of
from neural_sculpting.records.answers import POOLED, networks_of
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.tasks.graph import all_bits

if TYPE_CHECKING:
    from neural_sculpting.records.cell import Cell

MOST_INPUTS = 12
"""Of a task for whose confidence networks are asked; with more it is not known."""

Evidence = Mapping[str, Any]
"""See :func:`evidence_of`."""


@cache
def calibration() -> dict[str, Any]:
    """Read the fitted model: ``intercept``, ``slopes`` and ``ranges`` by the evidence, how many ``tasks``, and more."""
    stored: dict[str, Any] = json.loads(files("neural_sculpting.records").joinpath("confidence.json").read_bytes())
    return stored


def confidence_of(cell: Cell) -> float | None:
    """The probability that what the networks of a cell say is right; None where it is not known.

    That is where there is no evidence (:func:`evidence_of`), or none that the model covers (:func:`is_covered`).
    """
    evidence, model = evidence_of(cell), calibration()
    return probability(evidence, model) if evidence and is_covered(evidence, model) else None


def is_covered(evidence: Evidence, model: Mapping[str, Any]) -> bool:
    """Whether an answer claims something, and the tasks that a model is calibrated on have such evidence.

    An answer that divides no inputs is right if there is nothing to find. Where not all rows are known, how often that
    is so differs from one kind of task to another, and no evidence tells it.
    """
    claims = evidence["divided"] or evidence["known"] == 1
    return bool(claims) and all(low <= evidence[name] <= high for name, (low, high) in model["ranges"].items())


def probability(evidence: Evidence, model: Mapping[str, Any]) -> float:
    """Compute the probability that an answer is right by a logistic regression."""
    return 1 / (1 + exp(-model["intercept"] - sum(slope * evidence[name] for name, slope in model["slopes"].items())))


def evidence_of(cell: Cell) -> dict[str, float] | None:
    """What is known of an answer without the truth; None of answers of a kind that is not calibrated.

    Those are answers of readers that read each network alone, and all but truth tables, see :func:`is_truth_table`.

    Returns:
        ``inputs``, ``outputs`` with their logarithm ``log_outputs``, ``hidden_layers``, ``trials``; ``learned``, the
        share of trials that learned the task; ``examples``, how many there are, and ``known``, the share of the rows of
        the truth table that are among them; ``support`` of the module that has the least, as :func:`log_odds` of
        trials; ``left_out``, the number of inputs that no module has; ``log_telling``, the logarithm of the number of
        seen rows in which the output that varies least has its rarer value, as the networks have it; and ``divided``,
        1.0 if the answer divides the inputs, else 0.0.
    """
    answer, group = cell.networks_answer, cell.first_group
    if answer is None or answer.reader not in POOLED or not is_truth_table(group):
        return None
    functions = [each.function for each in networks_of(cell) if each.function]
    if not functions:  # only masks are stored
        return None
    rows = all_bits(group.layout.layers[0])
    if group.example_rows is not None:
        rows = np.unique(group.example_rows > 0.5, axis=0)
    ones = np.mean([function(rows.astype(np.float64)) for function in functions], axis=0) > 0.5
    rarer = min(np.minimum(ones.sum(axis=0), (~ones).sum(axis=0)).tolist())
    least = min(support for _, support in answer.hierarchy.nodes(data="support"))
    return {
        "inputs": group.layout.layers[0],
        "outputs": group.layout.layers[-1],
        "log_outputs": log(group.layout.layers[-1]),
        "hidden_layers": len(group.layout.layers) - 2,
        "trials": answer.trials,
        "learned": answer.learned / answer.trials,
        "examples": group.set_sizes[0],
        "known": len(rows) / 2 ** group.layout.layers[0],
        "support": log_odds(least * answer.learned, answer.learned),
        "left_out": group.layout.layers[0] - sum(map(len, relation_of(answer.hierarchy))),
        "log_telling": log(rarer + 0.5),
        "divided": float(divides_inputs(answer.hierarchy)),
    }


def log_odds(count: float, number: int) -> float:
    """The logarithm of the odds of a share, with half a count more on either side, so that it is finite."""
    return log((count + 0.5) / (number - count + 0.5))


def is_truth_table(group: GroupRecord) -> bool:
    """Whether perceptrons learn few bits from bits, and the rows that decide what is accepted are those they learn."""
    bits = group.inputs_are_bits and group.outputs_are_bits and not group.one_hot and not group.one_hot_inputs
    few = group.config.arch.name == "mlp" and group.layout.layers[0] <= MOST_INPUTS
    return bits and few and len({*group.set_sizes[:2]}) == 1
