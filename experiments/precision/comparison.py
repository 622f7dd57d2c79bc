"""Rates and means in fp32 and in bf16, and their differences on the same trials."""

from collections.abc import Mapping

import pandas as pd

from experiments.precision.sweeps import PRECISIONS
from neural_sculpting.errors import UserError
from neural_sculpting.paper.figures.measures import mean_interval
from neural_sculpting.paper.figures.tables import NEARLY, NEARLY_SEPARABLE
from neural_sculpting.scoring.differences import paired_difference
from neural_sculpting.scoring.rates import wilson_interval

TRIAL = ["task", "layers", "seed"]
CRITERIA = {
    "exact": "exactly the expected hierarchy",
    "input_separability": "inputs divided as expected",
    NEARLY_SEPARABLE: f"inputs divided nearly so: index at least {NEARLY}",
    "output_sub_functions": "outputs divided as expected",
}
MEASURES = {
    "input_agreement": "agreement of the inputs",
    "dense_test_bit_accuracy": "test accuracy, bits, dense",
    "test_bit_accuracy": "test accuracy, bits, sculpted",
    "dense_test_example_accuracy": "test accuracy, pairs, dense",
    "test_example_accuracy": "test accuracy, pairs, sculpted",
    "density": "density",
    "edges": "edges",
}


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare the precisions on the trials that ran in both.

    Args:
        rows: one for each trial and precision.

    Returns:
        One row for each task and each of ``CRITERIA`` and ``MEASURES``: the number of trials; ``fp32`` and ``bf16``,
        the rate with its 95 % Wilson interval or the mean; ``difference``, bf16 minus fp32, with the 95 % interval of
        Newcombe for paired rates or the t-interval of the mean difference.

    Raises:
        UserError: if a trial is there in one precision alone.
    """
    rows = rows.assign(**{NEARLY_SEPARABLE: rows["input_agreement"] >= NEARLY})
    lines = []
    for task, of_task in rows.groupby("task", sort=False):
        fp32, bf16 = (of_task[of_task["precision"] == name].set_index(TRIAL).sort_index() for name in PRECISIONS)
        if not fp32.index.equals(bf16.index):
            raise UserError(f"{task}: has trials in one precision alone; --run goes on with the sweeps")
        pairs = {name: (fp32[name].astype(float), bf16[name].astype(float)) for name in (*CRITERIA, *MEASURES)}
        lines += [{"task": task, "measure": name, **_rates(*pairs[name])} for name in CRITERIA]
        lines += [{"task": task, "measure": name, **_means(*pairs[name])} for name in MEASURES]
    return pd.DataFrame(lines)


def _rates(fp32: pd.Series, bf16: pd.Series) -> Mapping[str, float]:
    both, gained, lost = int((fp32 * bf16).sum()), int(((1 - fp32) * bf16).sum()), int((fp32 * (1 - bf16)).sum())
    trials = len(fp32)
    difference = paired_difference(both, gained, lost, trials - both - gained - lost)
    values: dict[str, float] = {"trials": trials}
    for name, successes in (("fp32", fp32), ("bf16", bf16)):
        low, high = wilson_interval(int(successes.sum()), trials)
        values |= {name: successes.mean(), f"{name}_low": low, f"{name}_high": high}
    return {**values, "difference": difference.difference, "low": difference.low, "high": difference.high}


def _means(fp32: pd.Series, bf16: pd.Series) -> Mapping[str, float]:
    differences = bf16 - fp32
    low, high = mean_interval(differences.tolist(), lowest=float("-inf"), highest=float("inf"))
    means = {"fp32": fp32.mean(), "bf16": bf16.mean(), "difference": differences.mean()}
    return {"trials": len(fp32), **means, "low": low, "high": high}
