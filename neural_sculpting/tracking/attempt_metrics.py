"""The metrics of attempts: means over networks, and ``metrics.csv``, written by Lightning's own logger."""

from collections.abc import Sequence
from itertools import count
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch.loggers import CSVLogger

from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.observers import AttemptReport

METRICS = ("accuracy", "loss", "accepted", "units", "edges", "density")


def means(report: AttemptReport) -> dict[str, float]:
    """How many networks took part in an attempt, and the means over those with a finite number; NaN without any."""
    values = {name: getattr(report, name).astype(np.float64) for name in METRICS}
    finite = {name: column[np.isfinite(column)] for name, column in values.items()}
    averages = {name: float(column.mean()) if len(column) else nan for name, column in finite.items()}
    return {"networks": float(len(report.seed)), **averages}


def means_by_seed(
    report: AttemptReport, seeds: Sequence[int], unit_steps: Sequence[float], edge_steps: Sequence[float]
) -> dict[int, dict[str, float]]:
    """The same for each trial alone.

    Args:
        report: an attempt of networks of these trials and maybe of others.
        seeds: one for each trial, distinct.
        unit_steps: the steps of their networks, percent; networks that share a first round have none yet.
        edge_steps: likewise.

    Returns:
        The means of each trial that has a network that took part, by its seed.
    """
    theirs = np.isin(report.seed, seeds)
    for steps, chosen in ((report.unit_step, unit_steps), (report.edge_step, edge_steps)):
        theirs &= np.isnan(steps) | np.isin(steps, chosen)
    values = pd.DataFrame({name: getattr(report, name)[theirs] for name in METRICS}, dtype=np.float64)
    trials = values.where(np.isfinite(values)).groupby(report.seed[theirs])
    averages = trials.mean()
    averages.insert(0, "networks", trials.size().astype(np.float64))
    rows: dict[int, dict[str, float]] = averages.to_dict("index")
    return rows


class CsvTracker:
    """A row for each attempt with means over its networks, with continuous steps, and one for the results.

    Args:
        folder: of the file ``metrics.csv``.
    """

    def __init__(self, folder: Path) -> None:
        self.logger = CSVLogger(folder, name="", version="")
        self.steps = count()

    def attempt(self, report: AttemptReport) -> None:
        """Add the row of an attempt."""
        values = {"attempt": float(report.attempt), **means(report)}
        self._add({f"{report.phase}/{name}": value for name, value in values.items()})

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Add the row of the results of all groups together; the file is complete from here on."""
        trials = pd.concat([record.selected_trials for record in records])
        known = trials["exact"].dropna()
        results = {
            **({"success_rate": float(known.mean())} if len(known) else {}),
            "trials": float(len(trials)),
            "density": float(trials["density"].mean()),
            "seconds": sum(record.seconds for record in records),
        }
        self._add(results)
        self.logger.save()

    def _add(self, row: dict[str, Any]) -> None:
        self.logger.log_metrics(row, step=next(self.steps))
