"""Means over the networks of an attempt, or over those of each trial."""

from collections.abc import Sequence
from math import nan

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.sculpting.observers import AttemptReport

METRICS = ("accuracy", "loss", "accepted", "units", "edges", "density")


def means(report: AttemptReport) -> dict[str, float]:
    """How many networks took part in an attempt, and the means over those with a finite number; NaN without any."""
    return {
        "networks": float(len(report.seed)),
        **{name: _mean(getattr(report, name).astype(np.float64)) for name in METRICS},
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
    averages = {name: _means(getattr(report, name)[theirs], trial, len(seeds)) for name in METRICS}
    return [
        {"networks": float(count), **{name: values[place] for name, values in averages.items()}} if count else None
        for place, count in enumerate(counts.tolist())
    ]


def _mean(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else nan


def _means(values: NDArray[np.float64], trial: NDArray[np.int64], trials: int) -> list[float]:
    """The mean over the networks of each trial that have a finite number."""
    finite = np.isfinite(values)
    counts = np.bincount(trial[finite], minlength=trials).tolist()
    sums = np.bincount(trial[finite], weights=values[finite], minlength=trials).tolist()
    return [total / count if count else nan for total, count in zip(sums, counts, strict=True)]


def _among(steps: NDArray[np.float64], chosen: Sequence[float]) -> NDArray[np.bool_]:
    among: NDArray[np.bool_] = np.isnan(steps) | np.isin(steps, chosen)
    return among
