"""The metrics of a batch as ``metrics.csv``, written by Lightning's own logger."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
from lightning.pytorch.loggers import CSVLogger

from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.observers import AttemptReport
from neural_sculpting.tracking.means import means


class CsvTracker:
    """A row for each attempt with means over its networks, steps counting on, and one for the results.

    Args:
        folder: where the file goes.
    """

    def __init__(self, folder: Path) -> None:
        self.logger = CSVLogger(folder, name="", version="")
        self.steps = count()

    def attempt(self, report: AttemptReport) -> None:
        """Add the row of an attempt."""
        values = {"attempt": float(report.attempt), **means(report)}
        named: dict[str, Any] = {f"{report.phase}/{name}": value for name, value in values.items()}
        self.logger.log_metrics(named, step=next(self.steps))

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Add the row of the results: those of all groups, taken together. The file is whole from here on."""
        answers = pd.concat([record.selected_trials for record in records])
        known = answers["exact"].dropna()
        results: dict[str, Any] = {
            **({"success_rate": float(known.mean())} if len(known) else {}),
            "trials": float(len(answers)),
            "density": float(answers["density"].mean()),
            "seconds": sum(record.seconds for record in records),
        }
        self.logger.log_metrics(results, step=next(self.steps))
        self.logger.save()
