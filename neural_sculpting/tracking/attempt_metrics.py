"""The metrics of attempts: means over networks, and ``metrics.csv``, written by Lightning's own logger."""

from collections.abc import Sequence
from itertools import count
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch.loggers import CSVLogger

from neural_sculpting.errors import writing
from neural_sculpting.records.record import GroupRecord

METRICS = ("accuracy", "loss", "accepted", "units", "edges", "density")


def means(report: pd.DataFrame) -> dict[str, float]:
    """How many networks took part in an attempt, and the means over those with a finite number; NaN without any."""
    values = {name: report[name].to_numpy(np.float64) for name in METRICS}
    finite = {name: column[np.isfinite(column)] for name, column in values.items()}
    averages = {name: float(column.mean()) if len(column) else nan for name, column in finite.items()}
    return {"networks": float(len(report)), **averages}


def means_by_seed(
    report: pd.DataFrame, seeds: Sequence[int], unit_steps: Sequence[float], edge_steps: Sequence[float]
) -> dict[int, dict[str, float]]:
    """The same by seed, for the trials with these steps that have a network that took part.

    Networks that share a first round have no steps yet; a report may contain networks of other trials.
    """
    theirs = report[report["seed"].isin(seeds)]
    for name, steps in (("unit_step", unit_steps), ("edge_step", edge_steps)):
        theirs = theirs[theirs[name].isna() | theirs[name].isin(steps)]
    values = theirs[list(METRICS)].astype(np.float64)
    trials = values.where(np.isfinite(values)).groupby(theirs["seed"])
    averages = trials.mean()
    averages.insert(0, "networks", trials.size().astype(np.float64))
    rows: dict[int, dict[str, float]] = averages.to_dict("index")
    return rows


class CsvTracker:
    """Writes a row of means over networks for each attempt, numbered throughout, and one for the results."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "metrics.csv"
        self.logger = CSVLogger(folder, name="", version="")
        self.steps = count()

    def attempt(self, report: pd.DataFrame) -> None:
        """Add the row of an attempt."""
        values = {"attempt": float(report["attempt"].iat[0]), **means(report)}
        metrics: dict[str, Any] = {f"{report['phase'].iat[0]}/{name}": value for name, value in values.items()}
        with writing(self.file):
            self.logger.log_metrics(metrics, step=next(self.steps))

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Add the row of the results of all groups together, which completes the file."""
        trials = pd.concat([record.selected_trials for record in records])
        known = trials["exact"].dropna()
        results: dict[str, Any] = {
            **({"success_rate": float(known.mean())} if len(known) else {}),
            "trials": float(len(trials)),
            "density": float(trials["density"].mean()),
            "seconds": sum(record.seconds for record in records),
        }
        with writing(self.file):
            self.logger.log_metrics(results, step=next(self.steps))
            self.logger.save()
