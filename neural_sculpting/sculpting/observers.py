"""What is shown and reported while networks are sculpted."""

import time
from dataclasses import dataclass, fields
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer
from numpy.typing import NDArray
from tqdm import tqdm

from neural_sculpting.networks.layout import Layout
from neural_sculpting.pruning.attempts import Attempts
from neural_sculpting.pruning.callbacks import IterativePruning
from neural_sculpting.training.module import as_sculpting


def history_of(pruning: IterativePruning, layout: Layout) -> pd.DataFrame:
    """The attempts of a phase, at least one, as a table: one row for each network and attempt.

    ``target`` is the percentage of the phase's elements that the attempt prunes to; ``units`` and ``edges`` count what
    is left after it. Steps are missing in the first round of a phase, which the networks of a trial share.
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
        """Show how the attempt went."""
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
        """Remove the line."""
        self._close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Remove the line before the error is shown."""
        self._close()

    def _close(self) -> None:
        if self.line is not None:
            self.line.close()


@dataclass(frozen=True)
class AttemptReport:
    """What one attempt did to the networks that took part: one value each, ``(network,)``.

    Attributes:
        phase: ``unit`` or ``edge``.
        attempt: its number in the phase; 0 is the first round, in which nothing is pruned.
        seed: that of the trial.
        unit_step: percent; NaN in the first round of unit pruning, which the networks of a trial share.
        edge_step: percent; NaN in unit pruning and in the first round of edge pruning.
        accuracy: on the validation set, a share of 1.
        loss: on the validation set.
        accepted: whether the attempt is accepted.
        units: hidden units that are left.
        edges: edges that are left.
        density: edges that are left as a share of all.
    """

    phase: str
    attempt: int
    seed: NDArray[np.int64]
    unit_step: NDArray[np.float64]
    edge_step: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    loss: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    units: NDArray[np.int64]
    edges: NDArray[np.int64]
    density: NDArray[np.float64]

    @classmethod
    def of(cls, phase: str, attempts: Attempts, layout: Layout) -> "AttemptReport":
        """Report an attempt."""
        names = ("unit_step", "edge_step", "accuracy", "loss", "accepted", "units", "edges")
        values: dict[str, NDArray[Any]] = {name: getattr(attempts, name).numpy() for name in names}
        density = values["edges"] / layout.edges
        return cls(phase, int(attempts.attempt[0]), seed=attempts.seeds.numpy(), density=density, **values)


@runtime_checkable
class AttemptObserver(Protocol):
    """Notified of every attempt."""

    def attempt(self, report: AttemptReport) -> None:
        """Take the report of an attempt, right after it."""


class Reporter(Callback):
    """Notifies an observer of every attempt.

    Attributes:
        pruning: the phase that is running; set before it starts.
        seconds: how long the observer took so far.
    """

    pruning: IterativePruning

    def __init__(self, observer: AttemptObserver) -> None:
        self.observer = observer
        self.seconds = 0.0

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report the attempts of an earlier process again, where the phase resumes: its reports may be lost."""
        self.report(self.pruning, as_sculpting(pl_module).layout)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report the attempt that has just been judged."""
        self.report(self.pruning, as_sculpting(pl_module).layout, latest=True)

    def report(self, pruning: IterativePruning, layout: Layout, latest: bool = False) -> None:
        """Report all attempts of a phase so far, or the latest one."""
        began = time.perf_counter()
        for attempts in pruning.history[-1:] if latest else pruning.history:
            self.observer.attempt(AttemptReport.of(pruning.phase, attempts, layout))
        self.seconds += time.perf_counter() - began
