"""Where the attempts of a sweep and its results are logged while it runs: as CSV, to Weights & Biases, or nowhere.

The command line imports this file before any work starts: W&B and Lightning's logger are imported only where they are
chosen.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from neural_sculpting.config.schemas import LoggerConfig, SeedGroup

if TYPE_CHECKING:
    from neural_sculpting.records.sweep import Sweep
    from neural_sculpting.tracking.attempt_metrics import CsvTracker
    from neural_sculpting.tracking.wandb_trackers import BatchTracker, TrialsTracker

_begun: set[Path] = set()


def check_tracking(config: LoggerConfig) -> None:
    """Check the settings before any work starts: a UserError where W&B is asked for online and there is no key."""
    if config.kind == "wandb":
        from neural_sculpting.tracking.wandb_session import mode_of

        mode_of(config)


def begin_sweep(folder: Path) -> None:
    """Note that this process is the one that ends the sweep of a folder; others compute only some of its groups."""
    _begun.add(folder.resolve())


@contextmanager
def open_tracker(
    groups: Sequence[SeedGroup], folder: Path, sweep: Path
) -> Iterator["CsvTracker | BatchTracker | TrialsTracker | None"]:
    """Open what tracks a batch of groups, and close it at the end; None where nothing is wanted.

    Args:
        groups: those of the batch.
        folder: of its first group, for files that belong to the batch.
        sweep: the folder of the sweep.

    Raises:
        UserError: if W&B is asked for online and there is no key.
    """
    config = groups[0].config.logger
    match config.kind:
        case "csv":
            from neural_sculpting.tracking.attempt_metrics import CsvTracker

            yield CsvTracker(folder)
        case "wandb":
            from neural_sculpting.tracking.wandb_session import session_of
            from neural_sculpting.tracking.wandb_trackers import track

            with track(session_of(config, sweep, ends_here=sweep.resolve() in _begun), groups) as tracker:
                yield tracker
        case "none":
            yield None


def finish_sweep(config: LoggerConfig, folder: Path, sweep: "Sweep | None" = None) -> None:
    """Log the tables of a sweep where they are wanted, and close what is still open. Never raises for W&B.

    Without a ``sweep``, as when writing its tables failed, W&B gets what is finished in the folder.
    """
    try:
        if config.kind == "wandb":
            from neural_sculpting.tracking.wandb_closing import close_sweep
            from neural_sculpting.tracking.wandb_session import session_of

            close_sweep(session_of(config, folder, ends_here=True), sweep)
    finally:
        _begun.discard(folder.resolve())
