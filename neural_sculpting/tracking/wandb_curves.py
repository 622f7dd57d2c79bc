"""The rows of attempts in a run of W&B: names that make curves, and what they are plotted over."""

from collections import Counter
from collections.abc import Mapping

from neural_sculpting.sculpting.observers import AttemptReport
from neural_sculpting.tracking.wandb_session import SafeRun


class Curves:
    """Names the metrics of attempts ``<phase>/<metric>``; in a run of several batches ``<batch>/<phase>/<metric>``.

    Every batch has curves of its own, as every one begins with attempt 0; so have the parts of a batch that memory
    splits. They are told apart by a number. All are plotted over ``attempt``, which stands in every row.

    Args:
        run: takes the rows.
    """

    def __init__(self, run: SafeRun) -> None:
        self.run = run
        self._begun: Counter[str] = Counter()

    def add(self, report: AttemptReport, row: Mapping[str, float], batch: str = "") -> None:
        """Add the row of an attempt.

        Args:
            report: the attempt.
            row: its metrics.
            batch: the name of the batch, where the run takes several.
        """
        if (report.phase, report.attempt) == ("unit", 0):
            self._begun[batch] += 1
        prefix = f"{self.prefix(batch)}{report.phase}/"
        if report.attempt == 0:
            self.run.plot(f"{prefix}*", over="attempt")
        metrics = {f"{prefix}{name}": value for name, value in row.items()}
        self.run.log({"phase": report.phase, "attempt": report.attempt, **metrics})

    def prefix(self, batch: str = "") -> str:
        """What stands before the names of the batch that began last under this name; empty or ending with ``/``."""
        count = self._begun[batch]
        name = batch if count <= 1 else f"{batch} batch {count}".lstrip()
        return f"{name}/" if name else ""
