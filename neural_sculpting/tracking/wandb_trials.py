"""One run of W&B for each trial."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.observers import AttemptReport
from neural_sculpting.tracking.base import Trials
from neural_sculpting.tracking.means import means_of_trials
from neural_sculpting.tracking.wandb_config import of_trial, tags_of, title_of
from neural_sculpting.tracking.wandb_curves import Curves
from neural_sculpting.tracking.wandb_results import picture, summary_of_trial
from neural_sculpting.tracking.wandb_session import Session, finish_all


class TrialsTracker:
    """Logs the attempts of each trial to a run of its own, as means over the trial's networks.

    Args:
        session: what the runs belong to.
        parts: the trials of the batch.

    Attributes:
        runs: those that have begun, by the numbers of their jobs.
    """

    def __init__(self, session: Session, parts: Sequence[Trials]) -> None:
        self.session = session
        self.parts = parts
        self.runs: dict[int, Curves] = {}

    def attempt(self, report: AttemptReport) -> None:
        """Add a row to the run of every trial that takes part; the first one begins it."""
        with self.session.safely():
            for part in self.parts:
                pruning = part.config.pruning
                rows = means_of_trials(report, part.seeds, pruning.unit.step, pruning.edge.step)
                for seed, job, row in zip(part.seeds, part.jobs, rows, strict=True):
                    if row is not None:
                        self._run(part, seed, job).add(report, row)

    def result(self, records: Sequence[GroupRecord]) -> None:
        """Summarize every trial, with the hierarchy that it found and its picture."""
        for record in records:
            for _, trial in record.selected_trials.iterrows():
                with self.session.safely():
                    run = self.runs[int(trial["job"])].run
                    run.summarize(summary_of_trial(record, trial))
                    if record.config.pictures != "none" and trial["status"] != "failed":
                        run.log({"picture": picture(record, trial)})

    def _run(self, part: Trials, seed: int, job: int) -> Curves:
        if job not in self.runs:
            name = f"{title_of(part.config)} seed {seed} job {job}"
            run = self.session.begin(name, "trial", of_trial(part.config, seed, job))
            run.tag(tags_of(part.config))
            self.runs[job] = Curves(run)
        return self.runs[job]


@contextmanager
def track_trials(session: Session, parts: Sequence[Trials]) -> Iterator[TrialsTracker]:
    """What tracks a batch; the runs of its trials end with it."""
    tracker, failed = TrialsTracker(session, parts), True
    try:
        yield tracker
        failed = False
    finally:
        finish_all([curves.run for curves in tracker.runs.values()], failed)
