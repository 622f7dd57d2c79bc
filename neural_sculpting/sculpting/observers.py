"""Progress line and reports while networks are sculpted."""

import sys
import time
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer
from tqdm import tqdm

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.state import TrialState
from neural_sculpting.pruning.attempts import Attempts
from neural_sculpting.pruning.callbacks import IterativePruning
from neural_sculpting.training.module import as_sculpting


def history_of(phase: str, history: Sequence[Attempts], layout: Architecture) -> pd.DataFrame:
    """Convert attempts of a phase to a table: one row for each network and attempt.

    Attempt 0 is the first round, in which nothing is pruned. ``target`` is the percentage of the phase's elements that
    the attempt prunes to, ``units`` and ``edges`` count what remains, accuracy and loss are of the validation set.
    Steps are percentages, missing in the first round of a phase, which the networks of a trial share.
    """
    values = {name: values.numpy() for name, values in vars(Attempts.concatenate(history)).items() if name != "ids"}
    values = {"seed": values.pop("seeds"), **values}
    return pd.DataFrame({"phase": phase, **values, "density": values["edges"] / layout.edges})


class ProgressLine(Callback):
    """One line on the terminal with phase, attempt, networks still alive and their density. Silent in logs."""

    def __init__(self, pruning: IterativePruning) -> None:
        self.pruning = pruning
        self.line: tqdm[None] | None = None
        self.networks = 0

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the line."""
        self.line = tqdm(
            total=None,
            desc=f"{self.pruning.phase} pruning",
            bar_format="{desc} · {elapsed}",
            leave=False,
            disable=getattr(sys.stderr, "closed", True) or None,  # None: silent where it is no terminal
        )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show the attempt."""
        if self.line is None or self.line.disable:
            return
        attempts, module = self.pruning.history[-1], as_sculpting(pl_module)
        alive = len(module.state)
        self.networks = max(self.networks, alive, len(attempts))
        density = float(attempts.edges.double().mean()) / module.layout.edges
        self.line.set_description_str(
            f"{self.pruning.phase} pruning · attempt {int(attempts.attempt[0])} · "
            f"{alive} of {self.networks} networks alive · density {density:.1%}"
        )

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remove the line."""
        if self.line is not None:
            self.line.close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Remove the line before the error is shown."""
        self.on_fit_end(trainer, pl_module)


@runtime_checkable
class AttemptObserver(Protocol):
    """Notified of every attempt."""

    def attempt(self, report: pd.DataFrame) -> None:
        """Receive the rows of :func:`history_of` right after an attempt."""


@runtime_checkable
class NetworkObserver(AttemptObserver, Protocol):
    """Also given the networks, which results keep as they are at the end alone."""

    def accepted(self, phase: str, attempt: int, networks: TrialState, layout: Architecture) -> None:
        """Receive networks as they are accepted after an attempt: first those that end with it, then the others."""


class Reporter(Callback):
    """Notifies an observer of every attempt of the running phase, and counts the seconds that the observer takes."""

    pruning: IterativePruning

    def __init__(self, observer: AttemptObserver) -> None:
        self.observer = observer
        self.seconds = 0.0
        self._ended = 0

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report the attempts of an earlier process again when the phase resumes: its reports may be lost."""
        self.report(self.pruning, as_sculpting(pl_module).layout)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Count the batches that have left before the attempt."""
        self._ended = len(self.pruning.finished)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report the attempt that just ended."""
        module = as_sculpting(pl_module)
        self.report(self.pruning, module.layout, latest=True)
        if isinstance(self.observer, NetworkObserver):
            began = time.perf_counter()
            for networks in (*self.pruning.finished[self._ended :], module.state):
                self.observer.accepted(module.phase, module.attempt - 1, networks, module.layout)
            self.seconds += time.perf_counter() - began

    def report(self, pruning: IterativePruning, layout: Architecture, latest: bool = False) -> None:
        """Report all attempts of a phase so far, or the latest one."""
        began = time.perf_counter()
        for attempts in pruning.history[-1:] if latest else pruning.history:
            self.observer.attempt(history_of(pruning.phase, [attempts], layout))
        self.seconds += time.perf_counter() - began
