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

    Every batch has its own curves, as each begins with attempt 0. So has each batch of the same name, as when memory
    splits one; a number distinguishes them. All are plotted over ``attempt``, which is in every row.
    """

    def __init__(self, run: SafeRun) -> None:
        self.run = run
        self._begun: Counter[str] = Counter()

    def add(self, report: pd.DataFrame, row: Mapping[str, float], batch: str = "") -> None:
        """Add the metrics of an attempt as a row; of a batch with a name where the run logs several."""
        phase, attempt = report["phase"].iat[0], int(report["attempt"].iat[0])
        if attempt == 0 and report[["unit_step", "edge_step"]].isna().to_numpy().all():  # of the dense networks
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
    """A run that logs one batch after another. It begins with the first attempt, so that a mistake leaves nothing."""

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.curves: Curves | None = None
        self._configs: dict[Config, None] = {}

    def add(self, groups: Sequence[SeedGroup]) -> Curves:
        """Add another batch; return what its attempts are logged to."""
        configs = [group.config.model_copy(update={"seed": 0}) for group in groups]
        new = [config for config in configs if config not in self._configs]
        self._configs.update(dict.fromkeys(new))
        config = config_of_sweep(list(self._configs), [seed for group in groups for seed in group.seeds])
        if self.curves is None:
            job_type = "sweep" if self.session.ends_here else "batch"
            self.curves = Curves(self.session.begin(self.name, job_type, config, tags_of(groups[0].config)))
        elif new:
            del config["seed"]  # known at the end
            self.curves.run.configure(config)
            self.curves.run.tag(tags_of(groups[0].config))
        return self.curves


class BatchTracker:
    """Logs the attempts of one batch as means over its networks.

    They go to the run of the sweep under the name of the batch, or where another process ends the sweep to a run that
    ends with the batch.
    """

    def __init__(self, session: Session, groups: Sequence[SeedGroup]) -> None:
        self.groups = groups
        self._curves: Curves | None = None
        seeds = {seed for group in groups for seed in group.seeds}
        title = title_of(groups[0].config) + (f" seed {next(iter(seeds))}" if len(seeds) == 1 else "")
        if session.ends_here:
            session.sweep_run = session.sweep_run or SweepRun(session, session.folder.name)
            self.sweep, self.name = session.sweep_run, title
        else:
            self.sweep, self.name = SweepRun(session, f"{session.folder.name} {title}"), ""

    def attempt(self, report: pd.DataFrame) -> None:
        """Add a row."""
        with self.sweep.session.safely():
            if self._curves is None:
                self._curves = self.sweep.add(self.groups)
            self._curves.add(report, means(report), self.name)

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Summarize the batch."""
        with self.sweep.session.safely():
            if self._curves is not None:
                prefix = self._curves.prefix(self.name)
                self._curves.run.summarize({f"{prefix}{name}": value for name, value in summary_of(records).items()})

    def runs_to_end(self) -> list[SafeRun]:
        """The run that ends with the batch, if it has begun."""
        return [] if self.sweep.session.ends_here or self.sweep.curves is None else [self.sweep.curves.run]


class TrialsTracker:
    """Logs the attempts of each trial, as means over its networks, to a run for each trial, by its job."""

    def __init__(self, session: Session, groups: Sequence[SeedGroup]) -> None:
        self.session = session
        self.groups = groups
        self.curves: dict[int, Curves] = {}

    def attempt(self, report: pd.DataFrame) -> None:
        """Add a row to the run of every trial that takes part; the first one begins it."""
        with self.session.safely():
            for group in self.groups:
                pruning = group.config.pruning
                rows = means_by_seed(report, group.seeds, pruning.steps_of("unit"), pruning.steps_of("edge"))
                for seed, job in zip(group.seeds, group.jobs, strict=True):
                    if seed in rows:
                        self._curves_of(group.config, seed, job).add(report, rows[seed])

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Summarize every trial, with the hierarchy that it found and its picture."""
        for record in records:
            for _, trial in record.selected_trials.iterrows():
                with self.session.safely():
                    run = self.curves[int(trial["job"])].run
                    run.summarize(summary_of_trial(record, trial))
                    if record.config.pictures != "none" and trial["status"] != "failed":
                        run.log({"picture": svg(picture_of(record, trial))})

    def runs_to_end(self) -> list[SafeRun]:
        """The runs of all trials that have begun."""
        return [curves.run for curves in self.curves.values()]

    def _curves_of(self, config: Config, seed: int, job: int) -> Curves:
        if job not in self.curves:
            name = f"{title_of(config)} seed {seed} job {job}"
            values = config_of_trial(config, seed, job)
            self.curves[job] = Curves(self.session.begin(name, "trial", values, tags_of(config)))
        return self.curves[job]


@contextmanager
def track(session: Session, groups: Sequence[SeedGroup]) -> Iterator[BatchTracker | TrialsTracker]:
    """Track a batch; the runs that belong to it alone end with it."""
    tracker = (TrialsTracker if session.config.runs == "trial" else BatchTracker)(session, groups)
    failed = True
    try:
        yield tracker
        failed = False
    finally:
        finish_all(tracker.runs_to_end(), failed)
