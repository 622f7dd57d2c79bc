"""What logs the attempts and results of a batch to W&B: one run for the sweep, or one for each trial."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pandas as pd

from neural_sculpting.config.schemas import Config, SeedGroup
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.tracking.attempt_metrics import means, means_by_seed
from neural_sculpting.tracking.wandb_results import (
    config_of_sweep,
    config_of_trial,
    summary_of,
    summary_of_trial,
    svg,
    tags_of,
    title_of,
)
from neural_sculpting.tracking.wandb_session import SafeRun, Session, finish_all
from neural_sculpting.views.pictures.trial_pictures import picture_of


class Curves:
    """Names the metrics of attempts ``<phase>/<metric>``; in a run of several batches ``<batch>/<phase>/<metric>``.

    Every batch has curves of its own, as each begins with attempt 0; so have the parts of a batch that memory splits,
    which a number distinguishes. All are plotted over ``attempt``, which is in every row.
    """

    def __init__(self, run: SafeRun) -> None:
        self.run = run
        self._begun: Counter[str] = Counter()

    def add(self, report: pd.DataFrame, row: Mapping[str, float], batch: str = "") -> None:
        """Add the metrics of an attempt as a row; of a batch with a name where the run logs several."""
        phase, attempt = report["phase"].iat[0], int(report["attempt"].iat[0])
        if (phase, attempt) == ("unit", 0):
            self._begun[batch] += 1
        prefix = f"{self.prefix(batch)}{phase}/"
        if attempt == 0:
            self.run.plot(f"{prefix}*", over="attempt")
        metrics = {f"{prefix}{name}": value for name, value in row.items()}
        self.run.log({"phase": phase, "attempt": attempt, **metrics})

    def prefix(self, batch: str = "") -> str:
        """What the metrics of the latest batch of a name begin with; empty or ending with ``/``."""
        count = self._begun[batch]
        name = batch if count <= 1 else f"{batch} batch {count}".lstrip()
        return f"{name}/" if name else ""


class SweepRun:
    """A run that logs batches one after another. It begins with the first attempt, so that a mistake leaves nothing."""

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.curves: Curves | None = None
        self._configs: dict[Config, None] = {}

    def add(self, parts: Sequence[SeedGroup]) -> Curves:
        """Add another batch; return what its attempts are logged to."""
        configs = [part.config.model_copy(update={"seed": 0}) for part in parts]
        new = [config for config in configs if config not in self._configs]
        self._configs.update(dict.fromkeys(new))
        config = config_of_sweep(list(self._configs), [seed for part in parts for seed in part.seeds])
        if self.curves is None:
            job_type = "sweep" if self.session.ends_here else "batch"
            self.curves = Curves(self.session.begin(self.name, job_type, config, tags_of(parts[0].config)))
        elif new:
            del config["seed"]  # known at the end
            self.curves.run.configure(config)
            self.curves.run.tag(tags_of(parts[0].config))
        return self.curves


class BatchTracker:
    """Logs the attempts of one batch, as means over its networks, under its name where the run logs several."""

    def __init__(self, sweep: SweepRun, parts: Sequence[SeedGroup], name: str) -> None:
        self.sweep = sweep
        self.parts = parts
        self.name = name
        self._curves: Curves | None = None

    def attempt(self, report: pd.DataFrame) -> None:
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


class TrialsTracker:
    """Logs the attempts of each trial to a run of its own, by its job, as means over the trial's networks."""

    def __init__(self, session: Session, parts: Sequence[SeedGroup]) -> None:
        self.session = session
        self.parts = parts
        self.runs: dict[int, Curves] = {}

    def attempt(self, report: pd.DataFrame) -> None:
        """Add a row to the run of every trial that takes part; the first one begins it."""
        with self.session.safely():
            for part in self.parts:
                pruning = part.config.pruning
                rows = means_by_seed(report, part.seeds, pruning.unit.step, pruning.edge.step)
                for seed, job in zip(part.seeds, part.jobs, strict=True):
                    if seed in rows:
                        self._run(part.config, seed, job).add(report, rows[seed])

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Summarize every trial, with the hierarchy that it found and its picture."""
        for record in records:
            for _, trial in record.selected_trials.iterrows():
                with self.session.safely():
                    run = self.runs[int(trial["job"])].run
                    run.summarize(summary_of_trial(record, trial))
                    if record.config.pictures != "none" and trial["status"] != "failed":
                        run.log({"picture": svg(picture_of(record, trial))})

    def _run(self, config: Config, seed: int, job: int) -> Curves:
        if job not in self.runs:
            name = f"{title_of(config)} seed {seed} job {job}"
            values = config_of_trial(config, seed, job)
            self.runs[job] = Curves(self.session.begin(name, "trial", values, tags_of(config)))
        return self.runs[job]


@contextmanager
def track_batch(session: Session, parts: Sequence[SeedGroup]) -> Iterator[BatchTracker]:
    """Track a batch in the run of the sweep, which stays open, or in one of its own that ends with it."""
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
        if sweep.curves is not None:
            sweep.curves.run.finish(failed)


@contextmanager
def track_trials(session: Session, parts: Sequence[SeedGroup]) -> Iterator[TrialsTracker]:
    """Track a batch in runs of its trials, which end with it."""
    tracker, failed = TrialsTracker(session, parts), True
    try:
        yield tracker
        failed = False
    finally:
        finish_all([curves.run for curves in tracker.runs.values()], failed)
