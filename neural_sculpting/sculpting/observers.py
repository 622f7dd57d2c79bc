"""What is shown and logged while networks are sculpted."""

from dataclasses import fields

import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer
from tqdm import tqdm

from neural_sculpting.pruning.attempts import Attempts
from neural_sculpting.pruning.callbacks import IterativePruning
from neural_sculpting.training.module import as_sculpting
from neural_sculpting.trials.layout import Layout


def history_of(pruning: IterativePruning, layout: Layout) -> pd.DataFrame:
    """The attempts of a phase, at least one, as a table: one row for each network and attempt.

    ``target`` is the percentage of the phase's elements that the attempt prunes to; ``units`` and ``edges`` are those
    that are left after it. Steps are missing in the first round of a phase, which the networks of a trial share.
    """
    attempts = Attempts.concatenate(pruning.history)
    history = pd.DataFrame({field.name: getattr(attempts, field.name).numpy() for field in fields(attempts)})
    history = history.drop(columns="ids").rename(columns={"seeds": "seed"})
    history.insert(0, "phase", pruning.phase)
    history["density"] = history["edges"] / layout.edges
    return history


class ProgressLine(Callback):
    """One line on the terminal: phase, attempt, networks still alive, their density. Silent in logs."""

    def __init__(self, pruning: IterativePruning) -> None:
        self.pruning = pruning
        self.line: tqdm[None] | None = None
        self.networks = 0

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the line."""
        self.line = tqdm(
            total=None, desc=f"{self.pruning.phase} pruning", bar_format="{desc} · {elapsed}", leave=False, disable=None
        )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Tell how the attempt went."""
        if self.line is None or self.line.disable:
            return
        attempts = self.pruning.history[-1]
        module = as_sculpting(pl_module)
        alive = len(module.state)
        self.networks = max(self.networks, alive, len(attempts))
        density = float(attempts.edges.double().mean()) / module.layout.edges
        self.line.set_description_str(
            f"{self.pruning.phase} pruning · attempt {int(attempts.attempt[0])} · "
            f"{alive} of {self.networks} networks alive · density {density:.1%}"
        )

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take the line away."""
        self._close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Take the line away before the error is shown."""
        self._close()

    def _close(self) -> None:
        if self.line is not None:
            self.line.close()


class AttemptMetrics(Callback):
    """Sends a summary of every attempt to Lightning's logger; single networks are in the pruning history.

    The logger counts the steps: each phase begins with attempt 0, steps go on through both.
    """

    def __init__(self, pruning: IterativePruning) -> None:
        self.pruning = pruning

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log means over the networks of the attempt, named after the phase."""
        attempts, layout = self.pruning.history[-1], as_sculpting(pl_module).layout
        metrics = {
            "attempt": float(attempts.attempt[0]),
            "networks": float(len(attempts)),
            "accuracy": float(attempts.accuracy.mean()),
            "loss": float(attempts.loss.mean()),
            "accepted": float(attempts.accepted.double().mean()),
            "units": float(attempts.units.double().mean()),
            "edges": float(attempts.edges.double().mean()),
            "density": float(attempts.edges.double().mean()) / layout.edges,
        }
        named = {f"{self.pruning.phase}/{name}": value for name, value in metrics.items()}
        for logger in trainer.loggers:
            logger.log_metrics(named)
