"""Means over the networks of an attempt, or over those of each trial."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.sculpting.observers import AttemptReport

METRICS = ("accuracy", "loss", "accepted", "units", "edges", "density")


def means(report: AttemptReport) -> dict[str, float]:
    """How many networks took part in an attempt, and the means over them."""
    return {
        "networks": float(len(report.seed)),
        **{name: float(np.mean(getattr(report, name), dtype=np.float64)) for name in METRICS},
    }


def means_of_trials(
    report: AttemptReport, seeds: Sequence[int], unit_steps: Sequence[float], edge_steps: Sequence[float]
) -> list[dict[str, float] | None]:
    """The same for each trial alone.

    Args:
        report: an attempt of networks of these trials and maybe of others.
        seeds: one for each trial, distinct.
        unit_steps: the steps of their networks, percent; networks that share a first round have none yet.
        edge_steps: alike.

    Returns:
        One for each trial; None where none of its networks took part.
    """
    theirs = _among(report.unit_step, unit_steps) & _among(report.edge_step, edge_steps) & np.isin(report.seed, seeds)
    order = np.argsort(seeds)
    trial = order[np.searchsorted(seeds, report.seed[theirs], sorter=order)]
    counts = np.bincount(trial, minlength=len(seeds))
    sums = {
        name: np.bincount(trial, weights=getattr(report, name)[theirs], minlength=len(seeds)).tolist()
        for name in METRICS
    }
    return [
        {
            "networks": float(count),
            **{name: values[place] / count for name, values in sums.items()},
        }
        if count
        else None
        for place, count in enumerate(counts.tolist())
    ]


def _among(steps: NDArray[np.float64], chosen: Sequence[float]) -> NDArray[np.bool_]:
    among: NDArray[np.bool_] = np.isnan(steps) | np.isin(steps, chosen)
    return among
