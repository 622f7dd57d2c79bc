"""One run of W&B for a whole sweep; in worker processes one for each batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from neural_sculpting.config.schemas import Config
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.observers import AttemptReport
from neural_sculpting.tracking.base import Trials
from neural_sculpting.tracking.means import means
from neural_sculpting.tracking.wandb_config import of_sweep, tags_of, title_of
from neural_sculpting.tracking.wandb_curves import Curves
from neural_sculpting.tracking.wandb_results import summary_of
from neural_sculpting.tracking.wandb_session import SafeRun, Session


class SweepRun:
    """A run that takes batches one after another. It begins with the first attempt, so that a mistake leaves nothing.

    Args:
        session: what the run belongs to.
        name: its name.
    """

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.run: SafeRun | None = None
        self.curves: Curves | None = None
        self._configs: dict[Config, None] = {}

    def add(self, parts: Sequence[Trials]) -> Curves:
        """Take another batch; return what takes its attempts."""
        configs = [part.config.model_copy(update={"seed": 0}) for part in parts]
        new = [config for config in configs if config not in self._configs]
        self._configs.update(dict.fromkeys(new))
        config = of_sweep(list(self._configs), [seed for part in parts for seed in part.seeds])
        if self.run is None or self.curves is None:
            self.run = self.session.begin(self.name, "sweep" if self.session.ends_here else "batch", config)
            self.curves = Curves(self.run)
        elif new:
            self.run.configure({key: value for key, value in config.items() if key != "seed"})  # known at the end
        self.run.tag(tags_of(parts[0].config))
        return self.curves

    def finish(self, failed: bool) -> None:
        """End the run, if it has begun."""
        if self.run is not None:
            self.run.finish(failed)


class BatchTracker:
    """Logs the attempts of one batch, as means over its networks.

    Args:
        sweep: the run that takes them.
        parts: the trials of the batch.
        name: that of the batch among the metrics of the run; empty where the run takes no other.
    """

    def __init__(self, sweep: SweepRun, parts: Sequence[Trials], name: str) -> None:
        self.sweep = sweep
        self.parts = parts
        self.name = name
        self._curves: Curves | None = None

    def attempt(self, report: AttemptReport) -> None:
        """Add a row."""
        with self.sweep.session.safely():
            if self._curves is None:
                self._curves = self.sweep.add(self.parts)
            self._curves.add(report, means(report), self.name)

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Summarize the batch."""
        with self.sweep.session.safely():
            if self._curves is not None:
                prefix = self._curves.prefix(self.name)
                self._curves.run.summarize({f"{prefix}{name}": value for name, value in summary_of(records).items()})


@contextmanager
def track_batch(session: Session, parts: Sequence[Trials]) -> Iterator[BatchTracker]:
    """What tracks a batch: in the run of the sweep, which stays open, or in one of its own that ends with it."""
    seeds = {seed for part in parts for seed in part.seeds}
    title = title_of(parts[0].config) + (f" seed {next(iter(seeds))}" if len(seeds) == 1 else "")
    if session.ends_here:
        session.sweep_run = session.sweep_run or SweepRun(session, session.folder.name)
        yield BatchTracker(session.sweep_run, parts, title)
        return
    sweep, failed = SweepRun(session, f"{session.folder.name} {title}"), True
    try:
        yield BatchTracker(sweep, parts, name="")
        failed = False
    finally:
        sweep.finish(failed)
