"""Whether networks are better than always answering the most frequent class."""

from neural_sculpting.records.accuracies import tested_by
from neural_sculpting.records.cell import Cell

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
