"""Check what tracks a sweep, track its batches, begin and end it.

The command line imports this file before any work starts: W&B and what CSV needs are imported only where they are
chosen.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from neural_sculpting.config.schemas import LoggerConfig, SeedGroup

if TYPE_CHECKING:
    from neural_sculpting.records.record import GroupRecord
    from neural_sculpting.records.sweep import Sweep
    from neural_sculpting.sculpting.observers import AttemptReport

_begun: set[Path] = set()


class Tracker(Protocol):
    """Logs the attempts and results of a batch."""

    def attempt(self, report: "AttemptReport") -> None:
        """Log an attempt, right after it."""

    def result(self, records: Sequence["GroupRecord"]) -> None:
        """Log the results of the groups of the batch."""


def check_tracking(config: LoggerConfig) -> None:
    """Check that what is asked for is available, before any work starts.

    Raises:
        UserError: if W&B is asked for online and there is no key.
    """
    if config.kind == "wandb":
        from neural_sculpting.tracking.wandb_session import mode_of

        mode_of(config)


def begin_sweep(folder: Path) -> None:
    """Note that this process is the one that ends the sweep of a folder; others compute only parts of it."""
    _begun.add(folder.resolve())


@contextmanager
def open_tracker(parts: Sequence[SeedGroup], group: Path, sweep: Path) -> Iterator[Tracker | None]:
    """Open what tracks a batch, and close it at the end; None where nothing is wanted.

    Args:
        parts: the trials of the batch.
        group: the folder of its first group, for files that belong to it.
        sweep: the folder of the sweep.

    Raises:
        UserError: if W&B is asked for online and there is no key.
    """
    config = parts[0].config.logger
    match config.kind:
        case "csv":
            from neural_sculpting.tracking.attempt_metrics import CsvTracker

            yield CsvTracker(group)
        case "wandb":
            from neural_sculpting.tracking.wandb_session import session_of
            from neural_sculpting.tracking.wandb_trackers import track_batch, track_trials

            session = session_of(config, sweep, ends_here=sweep.resolve() in _begun)
            track = track_trials if config.runs == "trial" else track_batch
            with track(session, parts) as tracker:
                yield tracker
        case "none":
            yield None


def finish_sweep(config: LoggerConfig, folder: Path, sweep: "Sweep | None" = None) -> None:
    """Log the tables of a sweep where they are wanted, and close what is still open. Never raises for W&B.

    Args:
        config: where metrics go.
        folder: the folder of the sweep.
        sweep: its tables, where all of them were written. Else it failed, and W&B gets what is in the folder.
    """
    try:
        if config.kind == "wandb":
            from neural_sculpting.tracking.wandb_closing import close_sweep
            from neural_sculpting.tracking.wandb_session import session_of

            close_sweep(session_of(config, folder, ends_here=True), sweep)
    finally:
        _begun.discard(folder.resolve())
