"""Both phases of a batch, hidden units first and then edges: started, or resumed from a checkpoint."""

import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, Trainer

from neural_sculpting.config.schemas import Config, TrainerConfig
from neural_sculpting.interruption import Interrupted
from neural_sculpting.networks.stacks import macs
from neural_sculpting.networks.state import TrialState
from neural_sculpting.pruning.callbacks import EdgePruning, IterativePruning, UnitPruning
from neural_sculpting.pruning.scores import EDGE_CRITERIA, UNIT_CRITERIA, find_criterion
from neural_sculpting.sculpting import checkpoints
from neural_sculpting.sculpting.batch import Batch
from neural_sculpting.sculpting.checkpoints import AtomicCheckpointIO, BatchCheckpoint, Checkpointing
from neural_sculpting.sculpting.devices import accelerator_of, threads_of
from neural_sculpting.sculpting.observers import AttemptObserver, ProgressLine, Reporter
from neural_sculpting.training import module as training
from neural_sculpting.training.module import SculptingModule

DONE = "done"
"""The phase in a checkpoint that is written when both phases are over."""


class Phases:
    """Both phases of a batch, saved as they run, and their time since ``began`` (``perf_counter``)."""

    def __init__(
        self,
        module: SculptingModule,
        config: Config,
        batch: Batch,
        began: float,
        observer: AttemptObserver | None = None,
        checkpoint: BatchCheckpoint | None = None,
    ) -> None:
        pruning = config.pruning
        accuracy = (pruning.accuracy_threshold, pruning.accuracy_drop)
        self.units = UnitPruning(find_criterion(pruning.unit.criterion, UNIT_CRITERIA), batch.unit_steps, *accuracy)
        self.edges = EdgePruning(find_criterion(pruning.edge.criterion, EDGE_CRITERIA), batch.edge_steps, *accuracy)
        self._module = module
        self._trainer = config.trainer
        self._reporter = Reporter(observer) if observer is not None else None
        self._checkpoint = checkpoint
        self._set_aside: TrialState | None = None
        self._began = began
        self._earlier_seconds = 0.0

    @property
    def seconds(self) -> float:
        """The time of the batch, in earlier processes too, without the observer's time."""
        observed = self._reporter.seconds if self._reporter is not None else 0.0
        return self._earlier_seconds + time.perf_counter() - self._began - observed

    def run(self) -> TrialState:
        """Prune to the end, or raise ``Interrupted`` if the run is asked to stop, after saving a checkpoint.

        Returns:
            All networks in the order of their ids; those that never learned, or failed, are as unit pruning left them.
        """
        phase = self._restored()
        if phase == DONE:
            return self._final()
        if phase in (None, self.units.phase):
            self._fit(self.units, resumes=phase is not None)
            self._set_aside_failures()
        if len(self._module.state) or phase == self.edges.phase:
            self._fit(self.edges, resumes=phase == self.edges.phase)
        final = self._final()
        self._save_result(final)
        return final

    def clear(self) -> None:
        """Release large tensors."""
        self.units.finished.clear()
        self.edges.finished.clear()
        self._set_aside = None

    def _restored(self) -> str | None:
        """Restore the checkpoint, if any; return the phase in which it was written."""
        stored = self._checkpoint.load() if self._checkpoint is not None else None
        if stored is None:
            return None
        carried, phase = stored["callbacks"][checkpoints.KEY], str(stored[training.KEY]["phase"])
        self._earlier_seconds = carried["seconds"]
        if phase != self.units.phase:
            self._restore(self.units, carried["units"])
            self._set_aside = TrialState.of_plain(carried["set_aside"])
        if phase == DONE:
            self._restore(self.edges, carried["edges"])
        return phase

    def _restore(self, pruning: IterativePruning, stored: dict[str, Any]) -> None:
        pruning.load_state_dict(stored)
        if self._reporter is not None:
            self._reporter.report(pruning, self._module.layout)

    def _fit(self, pruning: IterativePruning, resumes: bool) -> None:
        saving = Checkpointing(self._checkpoint, self._carried)
        callbacks: list[Callback] = [pruning, saving]
        if self._trainer.progress_bar:
            callbacks.append(ProgressLine(pruning))
        if self._reporter is not None:
            self._reporter.pruning = pruning
            callbacks.append(self._reporter)
        path = self._checkpoint.path if self._checkpoint is not None and resumes else None
        fit(self._module, callbacks, self._trainer, path)
        if saving.interrupted:
            raise Interrupted

    def _set_aside_failures(self) -> None:
        """Set aside networks that never learned or failed; the others continue with edge pruning."""
        pruned = self.units.result()
        learned = pruned.schedule.reached & ~pruned.failed
        aside = pruned.take(~learned)
        self._set_aside = replace(aside, ids=aside.ids * len(self.edges.steps))
        self._module.state = pruned.take(learned)

    def _final(self) -> TrialState:
        states = [] if self._set_aside is None else [self._set_aside]
        if self.edges.finished:
            states.append(self.edges.result())
        final = TrialState.concatenate(states)
        return final.take(final.ids.argsort())

    def _carried(self) -> dict[str, Any]:
        """What a checkpoint needs beside the state of the running phase."""
        aside = self._set_aside
        return {
            "seconds": self.seconds,
            "set_aside": None if aside is None else aside.plain(),
            "units": None if aside is None else self.units.state_dict(),
        }

    def _save_result(self, final: TrialState) -> None:
        """Save the result if due: other batches and the analysis may still take long."""
        if self._checkpoint is None or not self._checkpoint.is_due:
            return
        saving = Checkpointing(self._checkpoint, self._carried)
        self.edges.finished.clear()
        self._set_aside = final
        states = {**saving.state_dict(), "edges": self.edges.state_dict()}
        values = {"callbacks": {checkpoints.KEY: states}, training.KEY: {"phase": DONE}}
        self._checkpoint.write(lambda path: checkpoints.write_tensors(values, path))


def fit(
    module: SculptingModule, callbacks: Sequence[Callback], config: TrainerConfig, checkpoint: Path | None = None
) -> None:
    """Run one phase to its end: one fit of Lightning's Trainer, each of its epochs one attempt.

    The callbacks prune and end the fit. It resumes from ``checkpoint``, if any.
    """
    accelerator = accelerator_of(config)
    rows = min(module.settings.batch_size, len(module.examples.training))
    with _settings(threads_of(config, macs(module.layout, rows)), tf32=config.precision == "tf32"):
        trainer = Trainer(
            accelerator=accelerator,
            devices=1,
            precision="bf16-mixed" if config.precision == "bf16" else "32-true",
            max_epochs=-1,
            callbacks=list(callbacks),
            plugins=[
                AtomicCheckpointIO(),
                LightningEnvironment(),
            ],  # also in Slurm jobs: their signals are handled here
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        try:
            trainer.fit(module, train_dataloaders=[0], ckpt_path=checkpoint, weights_only=True)
        except SystemExit as stop:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from stop


@contextmanager
def _settings(threads: int, tf32: bool) -> Iterator[None]:
    """Set torch's threads and precision; silence Lightning's hints on what a round does without on purpose."""
    lightning = logging.getLogger("lightning.pytorch")
    before = torch.get_num_threads(), torch.get_float32_matmul_precision(), lightning.level
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    lightning.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_float32_matmul_precision(before[1])
        lightning.setLevel(before[2])
