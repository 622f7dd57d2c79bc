"""The accuracies of trials on examples that they do not learn from, dense and sculpted, with their spread."""

from dataclasses import dataclass

import pandas as pd

from neural_sculpting.records.columns import ACCURACIES
from neural_sculpting.records.record import GroupRecord

VALIDATION, TEST_BITS, TEST_EXAMPLES, TEST_BALANCED = ACCURACIES

CONSTANT = "most frequent answer"
STAGES = {"dense": "dense_", "sculpted": "", CONSTANT: "majority_"}
"""What has an accuracy, and how the names of its columns begin."""


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of trials on one set of examples: means with standard deviations, as text.

    Attributes:
        examples: the set, and what is counted where that matters: "validation", "test bits", "test R²".
        of: what is accurate, such as ``sculpted``, with its accuracy.
    """

    examples: str
    of: dict[str, str]


def measures(trials: pd.DataFrame, group: GroupRecord) -> dict[str, str]:
    """Name the columns of accuracies that are known of trials; the second one counts what the first one does."""
    tested, by = bool(trials[TEST_BITS].notna().any()), group.config.pruning.accuracy_by
    by = "bits" if by == "auto" else by
    single = group.layout.layers[-1] == 1  # a bit is an example
    tests = {TEST_BITS: "test"} if single else {TEST_BITS: "test bits", TEST_EXAMPLES: "test examples"}
    if not group.outputs_are_bits:
        names = {VALIDATION: "validation R²", TEST_BITS: "test R²"}
    elif by == "balanced":
        names = {VALIDATION: "validation balanced", TEST_BALANCED: "test balanced", **tests}
    elif single:
        names = {VALIDATION: "validation", **tests}
    else:
        first = tested_by(by)
        names = {VALIDATION: f"validation {by}", first: tests[first], **tests}
    return {column: name for column, name in names.items() if tested or column == VALIDATION}


def tested_by(accuracy_by: str) -> str:
    """Name the column that measures on the test set what ``pruning.accuracy_by`` does on the validation set."""
    return {"examples": TEST_EXAMPLES, "balanced": TEST_BALANCED}.get(accuracy_by, TEST_BITS)


def accuracies_of(trials: pd.DataFrame, group: GroupRecord) -> list[Accuracy]:
    """List the accuracies of trials of one task, ``group`` being one of theirs; a deviation only of several."""
    found = []
    for column, examples in measures(trials, group).items():
        columns = {stage: f"{prefix}{column}" for stage, prefix in STAGES.items()}
        values = {stage: trials[name].astype(float) for stage, name in columns.items() if name in trials}
        spread = {stage: float("nan") if stage == CONSTANT else each.std() for stage, each in values.items()}
        texts = {stage: accuracy_text(each.mean(), group, spread[stage]) for stage, each in values.items()}
        if CONSTANT in texts and not group.outputs_are_bits:
            texts["mean of the numbers"] = texts.pop(CONSTANT)
        found.append(Accuracy(examples, texts))
    return found


def accuracy_text(value: float, group: GroupRecord, deviation: float = float("nan")) -> str:
    """Write an accuracy: "96.2 % ± 0.4", of a regression "0.962 ± 0.004"; a dash where it is not known."""
    if pd.isna(value):
        return "–"
    mean, spread = (f"{100 * value:.1f} %", 100 * deviation) if group.outputs_are_bits else (f"{value:.3f}", deviation)
    decimals = 1 if group.outputs_are_bits else 3
    return mean if pd.isna(deviation) else f"{mean} ± {spread:.{decimals}f}"
