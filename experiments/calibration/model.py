"""A regularized logistic regression of what is known of an answer, and what was tried beside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from experiments.calibration.evidence import FURTHER
from neural_sculpting.records.confidence import probability

FloatArray = NDArray[np.float64]

STRENGTH = 0.3
"""Of the data against the L2 penalty (``C`` of scikit-learn)."""

RANGES = ("inputs", "outputs", "hidden_layers", "trials", "learned", "examples", "known")
"""What must be within what the tasks that calibrate have."""

CHOSEN = ("support", "left_out", "log_telling", "log_outputs")
"""What the model reads."""

EVIDENCE = (*RANGES, *CHOSEN)
"""Of :func:`~neural_sculpting.records.confidence.evidence_of`."""

FIRST_CHOSEN = ("support", "agreement", "log_known", "log_telling", "whole")
"""What the first model read."""

TRIED = (
    *(("agreement",), FIRST_CHOSEN, *(CHOSEN[:count] for count in range(1, len(CHOSEN))), CHOSEN),
    *((*CHOSEN, name) for name in (*FURTHER, "inputs", "trials", "learned")),
)
"""What models were tried with."""


def claims(rows: pd.DataFrame) -> pd.Series:
    """Whether answers say something that can be calibrated: they divide the inputs, or all rows were known."""
    return rows["divided"].eq(1) | rows["known"].eq(1)


def fitted(rows: pd.DataFrame, names: Sequence[str] = CHOSEN, strength: float = STRENGTH) -> dict[str, Any]:
    """Fit the model to tasks, so that each family counts the same: intercept, slopes, ranges, how many tasks."""
    families = rows.groupby("family")["family"]
    weights = len(rows) / families.ngroups / families.transform("size")
    scaler = StandardScaler().fit(rows[[*names]])
    regression = LogisticRegression(C=strength, max_iter=1000)
    regression.fit(scaler.transform(rows[[*names]]), rows["right"].astype(int), weights)
    slopes = regression.coef_[0] / scaler.scale_
    return {
        "intercept": float(f"{regression.intercept_[0] - slopes @ scaler.mean_:.6g}"),
        "slopes": {name: float(f"{slope:.6g}") for name, slope in zip(names, slopes, strict=True)},
        "ranges": {name: [float(rows[name].min()), float(rows[name].max())] for name in RANGES},
        "tasks": len(rows),
    }


def left_out(rows: pd.DataFrame, names: Sequence[str] = CHOSEN, strength: float = STRENGTH) -> FloatArray:
    """The probability of each task by a model of the other families, wherever its evidence is."""
    found = np.zeros(len(rows))
    for family in rows["family"].unique():
        out = (rows["family"] == family).to_numpy()
        model = fitted(rows[~out], names, strength)
        found[out] = [probability(evidence, model) for evidence in rows[out].to_dict("records")]
    return found
