"""How far probabilities can be trusted: reliability in bins of equal size, and proper scores."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.scoring.rates import wilson_interval

BINS, SIMULTANEOUS = 5, 0.05

FloatArray = NDArray[np.float64]


def reliability(probability: FloatArray, right: FloatArray) -> pd.DataFrame:
    """Divide tasks into five bins of equal size by their probability, and count how many are right in each.

    Intervals are Wilson's, simultaneous for all bins by Bonferroni: 99 % each.
    """
    level = 1 - SIMULTANEOUS / BINS
    lines: list[dict[str, object]] = []
    for members in np.array_split(np.argsort(probability, kind="stable"), BINS):
        mean, count = float(probability[members].mean()), int(right[members].sum())
        low, high = wilson_interval(count, len(members), level)
        of_bin = {"bin": len(lines) + 1, "tasks": len(members)}
        said = {
            "confidence": mean,
            "confidence_low": probability[members].min(),
            "confidence_high": probability[members].max(),
        }
        observed = {"right": count / len(members), "right_low": low, "right_high": high}
        lines.append({**of_bin, **said, **observed, "within": "yes" if low <= mean <= high else "no"})
    return pd.DataFrame(lines)


def scores(probability: FloatArray, right: FloatArray) -> dict[str, FloatArray]:
    """The Brier score and the log score (with probabilities from 0.01 to 0.99) of each task."""
    clipped = np.clip(probability, 0.01, 0.99)
    return {"Brier": (probability - right) ** 2, "log": -np.log(np.where(right == 1, clipped, 1 - clipped))}
