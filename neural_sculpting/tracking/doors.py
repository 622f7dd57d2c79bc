"""The doors of this room: check a configuration, track a batch, begin and end a sweep."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from neural_sculpting.config.schemas import LoggerConfig

if TYPE_CHECKING:
    from neural_sculpting.tracking.base import Tracker, Trials

# W&B and what CSV takes are imported only where they are chosen, so that nobody waits for what they do not use.

_begun: set[Path] = set()


def check_tracking(config: LoggerConfig) -> None:
    """Check that what is asked for can be had, before any work starts.

    Raises:
        UserError: if W&B is asked for online and there is no key.
    """
    if config.kind == "wandb":
        from neural_sculpting.tracking.wandb_mode import mode_of

        mode_of(config)


def begin_sweep(folder: Path) -> None:
    """Note that this process is the one that ends a sweep; others that compute parts of it leave that to it.

    Args:
        folder: the folder of the sweep.
    """
    _begun.add(folder.resolve())


@contextmanager
def open_tracker(parts: Sequence["Trials"], group: Path, sweep: Path) -> Iterator["Tracker | None"]:
    """What tracks a batch, closed at its end; None where nothing is wanted.

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
            from neural_sculpting.tracking.csv_metrics import CsvTracker

            yield CsvTracker(group)
        case "wandb":
            from neural_sculpting.tracking.wandb_session import session_of
            from neural_sculpting.tracking.wandb_sweep import track_batch
            from neural_sculpting.tracking.wandb_trials import track_trials

            session = session_of(config, sweep, ends_here=sweep.resolve() in _begun)
            track = track_trials if config.runs == "trial" else track_batch
            with track(session, parts) as tracker:
                yield tracker
        case "none":
            yield None


def finish_sweep(config: LoggerConfig, folder: Path, complete: bool) -> None:
    """Log the tables of a sweep where they are wanted, and close what is still open. Never raises for W&B.

    Args:
        config: where metrics go.
        folder: the folder of the sweep, with the groups that are finished.
        complete: whether every job has its rows.
    """
    try:
        if config.kind == "wandb":
            from neural_sculpting.tracking.wandb_closing import close_sweep
            from neural_sculpting.tracking.wandb_session import session_of

            close_sweep(session_of(config, folder, ends_here=True), complete)
    finally:
        _begun.discard(folder.resolve())
