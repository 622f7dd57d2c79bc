"""What the tasks with a test set reach on average, as lines that fit a terminal."""

import pandas as pd

TESTS = ("test_bit_accuracy", "test_example_accuracy")


def means_lines(trials: pd.DataFrame, width: int = 80) -> list[str]:
    """What tasks with a test set reach on average, a line for each number of hidden layers; none for other tasks.

    Args:
        trials: one row for each trial and selection; those of the sparsest networks count.
        width: where this is too little, a line's name stands above its numbers.
    """
    tested = trials[(trials["selection"] == "sparsest") & trials["test_bit_accuracy"].notna()]
    by_depth = tested.groupby(["task", "hidden_layers"], sort=False)
    means = by_depth[["input_agreement", *TESTS, *(f"dense_{name}" for name in TESTS)]].mean()
    several_tasks = tested["task"].nunique() > 1
    lines = []
    for (task, depth), mean in means.iterrows():
        label = f"{task} {depth}" if several_tasks else f"{depth} layers" if len(means) > 1 else "Means"
        lines.append((label, _numbers(mean)))
    if any(len(f"{label:8} {numbers}") > width for label, numbers in lines):
        return [line for label, numbers in lines for line in (label, f"  {numbers}")]
    return [f"{label:8} {numbers}" for label, numbers in lines]


def _numbers(mean: pd.Series) -> str:
    """The means of one line; where no example can be entirely right the task is a regression."""
    if pd.isna(mean["test_example_accuracy"]):
        return f"test R² {mean['test_bit_accuracy']:.3f} (dense {mean['dense_test_bit_accuracy']:.3f})"
    bits, examples, *dense = (f"{mean[f'{of}{name}']:.1%}" for of in ("", "dense_") for name in TESTS)
    agree = "" if pd.isna(mean["input_agreement"]) else f"inputs agree {mean['input_agreement']:.2f}, "
    return f"{agree}test bits {bits}, examples {examples} (dense {', '.join(dense)})"
