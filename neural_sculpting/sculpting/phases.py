"""The phases of a batch, by default hidden units first and then edges: started, or resumed from a checkpoint."""

import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, Trainer

from neural_sculpting.config.schemas import Config, PruningConfig, TrainerConfig
from neural_sculpting.interruption import Interrupted
from neural_sculpting.networks.state import TrialState
from neural_sculpting.pruning.callbacks import EdgePruning, IterativePruning, Options, UnitPruning
from neural_sculpting.pruning.scores import EDGE_CRITERIA, UNIT_CRITERIA, find_criterion
from neural_sculpting.sculpting import checkpoints
from neural_sculpting.sculpting.batch import Batch
from neural_sculpting.sculpting.checkpoints import AtomicCheckpointIO, BatchCheckpoint, Checkpointing
from neural_sculpting.sculpting.devices import accelerator_of, threads_of
from neural_sculpting.sculpting.observers import AttemptObserver, ProgressLine, Reporter
from neural_sculpting.training import module as training
from neural_sculpting.training.module import SculptingModule

DONE = "done"
"""The phase in a checkpoint that is written when all phases are over."""


def phases_of(pruning: PruningConfig, batch: Batch) -> list[IterativePruning]:
    """Create the callbacks of the phases that a configuration asks for, in their order, with the steps of a batch."""
    accuracy, found, errors = (pruning.accuracy_threshold, pruning.accuracy_drop), {}, pruning.standard_errors
    for name, phase in (("unit", pruning.unit), ("edge", pruning.edge)):
        limit = inf if phase.limit is None or phase.limit == 100 else phase.limit
        halvings = inf if phase.halvings is None else phase.halvings
        found[name] = Options(limit, phase.schedule == "geometric", phase.slack, halvings, standard_errors=errors)
    units = UnitPruning(
        find_criterion(pruning.unit.criterion, UNIT_CRITERIA), batch.unit_steps, *accuracy, found["unit"]
    )
    settings = pruning.edge
    of_edges = replace(found["edge"], tail=settings.tail, order=settings.order, groups=settings.groups)
    edges = EdgePruning(find_criterion(pruning.edge.criterion, EDGE_CRITERIA), batch.edge_steps, *accuracy, of_edges)
    return [{"unit": units, "edge": edges}[name] for name in pruning.phases]


class Phases:
    """The phases of a batch, saved as they run, and their time since ``began`` (``perf_counter``)."""

    def __init__(
        self,
        module: SculptingModule,
        config: Config,
        batch: Batch,
        began: float,
        observer: AttemptObserver | None = None,
        checkpoint: BatchCheckpoint | None = None,
    ) -> None:
        self.phases = phases_of(config.pruning, batch)
        self._module = module
        self._trainer = config.trainer
        self._reporter = Reporter(observer) if observer is not None else None
        self._checkpoint = checkpoint
        self._set_aside: list[TrialState] = []
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
            All networks in the order of their ids; those that never learned, or failed, are as the phase left them in
            which that was known.
        """
        phase = self._restored()
        if phase == DONE:
            return self._final()
        names = [each.phase for each in self.phases]
        first = 0 if phase is None else names.index(phase)
        for index, pruning in enumerate(self.phases[first:], start=first):
            resumes = index == first and phase is not None
            if len(self._module.state) or resumes:
                self._fit(pruning, resumes)
            if index + 1 < len(self.phases):
                self._set_aside_failures(pruning, self.phases[index + 1])
        final = self._final()
        self._save_result(final)
        return final

    def clear(self) -> None:
        """Release large tensors."""
        for pruning in self.phases:
            pruning.finished.clear()
        self._set_aside.clear()

    def _restored(self) -> str | None:
        """Restore the checkpoint, if any; return the phase in which it was written."""
        stored = self._checkpoint.load() if self._checkpoint is not None else None
        if stored is None:
            return None
        carried = stored["callbacks"][checkpoints.KEY]
        self._earlier_seconds = carried["seconds"]
        for pruning in self.phases:
            if (earlier := carried["earlier"].get(pruning.phase)) is not None:
                self._restore(pruning, earlier)
        self._set_aside = [TrialState.of_plain(each) for each in carried["set_aside"]]
        return str(stored[training.KEY]["phase"])

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

    def _set_aside_failures(self, pruning: IterativePruning, following: IterativePruning) -> None:
        """Set aside networks that never learned or failed; the others continue with the following phase."""
        pruned = pruning.result()
        learned = pruned.schedule.reached & ~pruned.failed
        aside = pruned.take(~learned)
        self._set_aside.append(replace(aside, ids=aside.ids * len(following.steps)))
        self._module.state = pruned.take(learned)

    def _final(self) -> TrialState:
        last = self.phases[-1]
        final = TrialState.concatenate([*self._set_aside, *([last.result()] if last.finished else [])])
        return final.take(final.ids.argsort())

    def _carried(self) -> dict[str, Any]:
        """What a checkpoint needs beside the state of the running phase."""
        over = self.phases[: len(self._set_aside)]
        return {
            "seconds": self.seconds,
            "set_aside": [each.plain() for each in self._set_aside],
            "earlier": {pruning.phase: pruning.state_dict() for pruning in over},
        }

    def _save_result(self, final: TrialState) -> None:
        """Save the result if due: other batches and the analysis may still take long."""
        if self._checkpoint is None or not self._checkpoint.is_due:
            return
        saving, last = Checkpointing(self._checkpoint, self._carried), self.phases[-1]
        last.finished.clear()
        self._set_aside = [final]
        states = saving.state_dict() | {"earlier": {each.phase: each.state_dict() for each in self.phases}}
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
    with _settings(threads_of(config, rows * module.layout.macs), tf32=config.precision == "tf32"):
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
