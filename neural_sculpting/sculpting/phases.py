"""Both phases of a batch, hidden units first and then edges: begun, or gone on with where another process stopped."""

import time
from dataclasses import replace
from typing import Any

from lightning.pytorch import Callback

from neural_sculpting.config.schemas import Config
from neural_sculpting.interruption import Interrupted
from neural_sculpting.networks.state import TrialState
from neural_sculpting.pruning.callbacks import EdgePruning, IterativePruning, UnitPruning
from neural_sculpting.pruning.scores import EDGE_CRITERIA, UNIT_CRITERIA, find_criterion
from neural_sculpting.sculpting import checkpoints
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint, Checkpointing
from neural_sculpting.sculpting.fitting import fit
from neural_sculpting.sculpting.observers import AttemptObserver, ProgressLine, Reporter, TimedObserver, report_all
from neural_sculpting.training import module as training
from neural_sculpting.training.module import SculptingModule

DONE = "done"
"""Stands in a checkpoint in place of a phase when both are over."""


class Phases:
    """The phases of one batch, and how long they have taken.

    Args:
        module: holds the networks.
        config: what is pruned and how far; where and how networks are trained.
        began: when work on the batch began, as ``time.perf_counter`` tells it.
        observer: hears of every attempt.
        checkpoint: where the batch is kept meanwhile.

    Attributes:
        units: pruning of hidden units.
        edges: pruning of edges.
    """

    def __init__(
        self,
        module: SculptingModule,
        config: Config,
        began: float,
        observer: AttemptObserver | None = None,
        checkpoint: BatchCheckpoint | None = None,
    ) -> None:
        unit, edge = config.pruning.unit, config.pruning.edge
        accuracy = (config.pruning.accuracy_threshold, config.pruning.accuracy_drop)
        self.units = UnitPruning(find_criterion(unit.criterion, UNIT_CRITERIA), unit.step, *accuracy)
        self.edges = EdgePruning(find_criterion(edge.criterion, EDGE_CRITERIA), edge.step, *accuracy)
        self._module = module
        self._trainer = config.trainer
        self._observer = TimedObserver(observer) if observer is not None else None
        self._checkpoint = checkpoint
        self._set_aside: TrialState | None = None
        self._began = began
        self._earlier_seconds = 0.0

    @property
    def seconds(self) -> float:
        """How long the batch has taken, in earlier processes too, without what the observer took."""
        observed = self._observer.seconds if self._observer is not None else 0.0
        return self._earlier_seconds + time.perf_counter() - self._began - observed

    def run(self) -> TrialState:
        """Prune to the end.

        Returns:
            All networks in the order of their ids; those that never learned, or failed, are as unit pruning left them.

        Raises:
            Interrupted: where the run is asked to stop; what was done is in the checkpoint.
        """
        phase = self._restored()
        if phase == DONE:
            return self._final()
        if phase in (None, self.units.phase):
            self._fit(self.units, goes_on=phase is not None)
            self._part()
        if len(self._module.state) or phase == self.edges.phase:
            self._fit(self.edges, goes_on=phase == self.edges.phase)
        final = self._final()
        self._keep(final)
        return final

    def clear(self) -> None:
        """Let go of what is large."""
        self.units.finished.clear()
        self.edges.finished.clear()
        self._set_aside = None

    def _restored(self) -> str | None:
        """Take over what the checkpoint holds; return the phase that it was written in, None where there is none."""
        stored = self._checkpoint.load() if self._checkpoint is not None else None
        if stored is None:
            return None
        carried, phase = stored["callbacks"][checkpoints.KEY], str(stored[training.KEY]["phase"])
        self._earlier_seconds = carried["seconds"]
        if phase != self.units.phase:
            self._take_over(self.units, carried["units"])
            self._set_aside = TrialState.of_plain(carried["set_aside"])
        if phase == DONE:
            self._take_over(self.edges, carried["edges"])
        return phase

    def _take_over(self, pruning: IterativePruning, stored: dict[str, Any]) -> None:
        pruning.load_state_dict(stored)
        if self._observer is not None:
            report_all(pruning, self._observer, self._module.layout)

    def _fit(self, pruning: IterativePruning, goes_on: bool) -> None:
        """Run one phase to its end."""
        saving = Checkpointing(self._checkpoint, self._carried)
        callbacks: list[Callback] = [pruning, saving]
        if self._trainer.progress_bar:
            callbacks.append(ProgressLine(pruning))
        if self._observer is not None:
            callbacks.append(Reporter(pruning, self._observer))
        path = self._checkpoint.path if self._checkpoint is not None and goes_on else None
        fit(self._module, callbacks, self._trainer, path)
        if saving.interrupted:
            raise Interrupted

    def _part(self) -> None:
        """Set networks that never learned or failed aside; edges are pruned of the others."""
        pruned = self.units.result()
        learned = pruned.schedule.reached & ~pruned.failed
        aside = pruned.take(~learned)
        self._set_aside = replace(aside, ids=aside.ids * len(self.edges.steps))
        self._module.state = pruned.take(learned)

    def _final(self) -> TrialState:
        """All networks in the order of their ids."""
        parts = [] if self._set_aside is None else [self._set_aside]
        if self.edges.finished:
            parts.append(self.edges.result())
        final = TrialState.concatenate(parts)
        return final.take(final.ids.argsort())

    def _carried(self) -> dict[str, Any]:
        """What a checkpoint needs beside the phase that it is written in."""
        aside = self._set_aside
        return {
            "seconds": self.seconds,
            "set_aside": None if aside is None else aside.plain(),
            "units": None if aside is None else self.units.state_dict(),
        }

    def _keep(self, final: TrialState) -> None:
        """Keep the result until it is stored, where it is time: analyzing it and other batches may take long."""
        if self._checkpoint is None or not self._checkpoint.is_due:
            return
        saving = Checkpointing(self._checkpoint, self._carried)
        self.edges.finished.clear()
        self._set_aside = final
        held = {**saving.state_dict(), "edges": self.edges.state_dict()}
        values = {"callbacks": {checkpoints.KEY: held}, training.KEY: {"phase": DONE}}
        self._checkpoint.write_values(values)
