"""Where the metrics of the attempts go: Lightning's loggers, chosen by name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
from lightning.pytorch.loggers import CSVLogger, Logger

from neural_sculpting.reporting.records import GroupRecord
from neural_sculpting.schemas import Config


class CountingLogger(CSVLogger):
    """Lightning's CSV logger, with steps that count on; its own begin anew with every save."""

    def __init__(self, folder: Path) -> None:
        super().__init__(save_dir=folder, name="", version="")
        self.steps = count()

    def log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        """Add a row, with the next step where none is given."""
        super().log_metrics(metrics, step=next(self.steps) if step is None else step)


@contextmanager
def open_logger(config: Config, folder: Path, sweep: str) -> Iterator[Logger | None]:
    """The logger of one group, closed at the end; None where none is wanted.

    Args:
        config: the configuration of the group.
        folder: where the group leaves its files.
        sweep: the name of the sweep, under which W&B groups its runs.

    Raises:
        UserError: if W&B is asked for online and there is no key.
    """
    match config.logger.kind:
        case "csv":
            yield CountingLogger(folder)
        case "wandb":
            # Only here, so that nobody waits for W&B who does not use it.
            from neural_sculpting.reporting.wandb import wandb_logger

            with wandb_logger(config, folder, sweep) as logger:
                yield logger
        case "none":
            yield None


def log_result(logger: Logger | None, records: Sequence[GroupRecord]) -> None:
    """Log how the groups of a batch ended, taken together."""
    if logger is None:
        return
    answers = pd.concat([record.answers for record in records])
    logger.log_metrics(
        {
            "success_rate": float(answers["exact"].mean()),
            "trials": float(len(answers)),
            "density": float(answers["density"].mean()),
            "seconds": sum(record.seconds for record in records),
        }
    )
    logger.save()
