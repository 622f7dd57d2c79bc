"""Whether networks are better than answers that need no input, such as always the most frequent class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.records.accuracies import tested_by
from neural_sculpting.records.record import GroupRecord

if TYPE_CHECKING:
    from neural_sculpting.records.cell import Cell

LEARNED = "sculpted"
"""The status of a network that performs its task."""

DEVIATIONS = 1.645
"""Standard errors by which chance alone exceeds an accuracy once in twenty times."""

RARE = "; if classes are rare, try training.class_weights=balanced pruning.accuracy_by=balanced"


def majority_warning(cell: Cell) -> str:
    """Warn where dense networks are, on average, no better than always answering the most frequent class; else empty.

    Test rows count as well as those of the validation set, by which the best epoch is chosen. Where the hierarchy is
    known, it says more.
    """
    if cell.expected is not None or "majority_accuracy" not in cell.trials:  # older tables do not have the column
        return ""
    group = cell.first_group
    accuracy_by = group.config.pruning.accuracy_by
    columns = (tested_by(accuracy_by), "test"), ("accuracy", "validation")
    means = [
        (rows, *(cell.trials[f"{of}_{column}"].mean() for of in ("dense", "majority"))) for column, rows in columns
    ]
    poor = [mean for mean in means if mean[1] <= mean[2]]  # not where they are missing
    if not poor:
        return ""
    rows, dense, majority = poor[0]
    if not group.outputs_are_bits:
        return f"dense networks explain {dense:.1%} of the variance of {rows} rows: no more than answering the mean"
    advice = "" if group.config.training.class_weights and accuracy_by == "balanced" else RARE
    return (
        f"dense networks have {'a balanced' if accuracy_by == 'balanced' else 'an'} accuracy of {dense:.1%} on {rows} "
        f"rows, always answering the most frequent class has {majority:.1%}{advice}"
    )


def have_learned(networks: pd.DataFrame, group: GroupRecord) -> NDArray[np.bool_]:
    """Which networks perform their task, and better than chance could without the inputs: rows of any table of them.

    Where other examples validate than those that are learned, the accuracy there must exceed that of the best constant
    answer by 1.645 standard errors of a share of so many rows: else there is no sign that inputs and outputs belong
    together, and what a network computes says nothing about them. The share of variance explained must exceed 1.645²
    divided by the rows, as it is at most the square of the correlation, whose standard error is the root of that.

    Args:
        networks: with the columns ``status``, ``accuracy`` and ``majority_accuracy``; without the last, as in older
            tables, the status alone counts.
        group: their group.
    """
    learned: NDArray[np.bool_] = networks["status"].eq(LEARNED).to_numpy(dtype=np.bool_)
    if len(group.set_sizes) < 2 or "majority_accuracy" not in networks:
        return learned
    accuracy, constant = (networks[name].to_numpy(dtype=np.float64) for name in ("accuracy", "majority_accuracy"))
    rows, by = group.set_sizes[1], group.config.pruning.accuracy_by
    if group.one_hot and by in ("auto", "bits"):  # of three classes, or more, none at all is right in most bits
        constant = np.maximum(constant, 1 - len(group.one_hot) / sum(group.one_hot))
    asked = constant + DEVIATIONS * np.sqrt(constant * (1 - constant) / rows)
    better: NDArray[np.bool_] = accuracy > (asked if group.outputs_are_bits else DEVIATIONS**2 / rows)
    return learned & better
