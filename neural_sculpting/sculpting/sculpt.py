"""Sculpt all networks of a group in one batch: hidden units first, then edges."""

import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import Logger
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.pruning.callbacks import EdgePruning, IterativePruning, UnitPruning
from neural_sculpting.pruning.schedule import start
from neural_sculpting.pruning.scores import EDGE_CRITERIA, UNIT_CRITERIA, find_criterion
from neural_sculpting.schemas import Config, PruningConfig, TrainerConfig, TrainingConfig
from neural_sculpting.sculpting.observers import AttemptMetrics, ProgressLine, history_of
from neural_sculpting.tasks import Task
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import RoundSettings
from neural_sculpting.trials.layout import Layout, unpack_edges
from neural_sculpting.trials.network import Networks
from neural_sculpting.trials.state import TrialState
from neural_sculpting.trials.streams import start_parameters


@dataclass(frozen=True)
class SculptedNetworks:
    """The networks of a group as sculpting left them, in the order trial, unit step, edge step.

    Attributes:
        layout: their shape.
        table: one row for each network: ``seed``, ``unit_step``, ``edge_step``, ``reached`` (whether it ever
            reached the accuracy threshold), ``accuracy``, ``loss``.
        masks: ``(network, edge)``, true for the edges that are left.
        parameters: ``(network, parameter)``, float32.
        history: one row for each network and attempt.
        seconds: wall time.
    """

    layout: Layout
    table: pd.DataFrame
    masks: NDArray[np.bool_]
    parameters: NDArray[np.float32]
    history: pd.DataFrame
    seconds: float

    @classmethod
    def concatenate(cls, batches: Sequence["SculptedNetworks"]) -> "SculptedNetworks":
        """The networks of several batches of one shape, one batch after another."""
        if len(batches) == 1:
            return batches[0]
        return cls(
            layout=batches[0].layout,
            table=pd.concat([batch.table for batch in batches], ignore_index=True),
            masks=np.concatenate([batch.masks for batch in batches]),
            parameters=np.concatenate([batch.parameters for batch in batches]),
            history=pd.concat([batch.history for batch in batches], ignore_index=True),
            seconds=sum(batch.seconds for batch in batches),
        )

    def only(
        self, seeds: Sequence[int], unit_steps: Sequence[float], edge_steps: Sequence[float]
    ) -> "SculptedNetworks":
        """The networks of some trials with some of their steps, in the order of the seeds.

        Wall time is shared among the networks in equal parts.
        """
        table = self.table
        steps = table["unit_step"].isin(unit_steps) & (table["edge_step"].isin(edge_steps) | table["edge_step"].isna())
        rank = table["seed"].map({seed: rank for rank, seed in enumerate(seeds)})
        chosen = rank[steps & rank.notna()].sort_values(kind="stable").index.to_numpy()
        history = self.history[
            self.history["seed"].isin(seeds)
            & (self.history["unit_step"].isin(unit_steps) | self.history["unit_step"].isna())
            & (self.history["edge_step"].isin(edge_steps) | self.history["edge_step"].isna())
        ]
        return SculptedNetworks(
            layout=self.layout,
            table=table.loc[chosen].reset_index(drop=True),
            masks=self.masks[chosen],
            parameters=self.parameters[chosen],
            history=history.reset_index(drop=True),
            seconds=self.seconds * len(chosen) / len(table),
        )

    def masks_of(self, network: int) -> list[NDArray[np.bool_]]:
        """The masks of one network, ``(fan_in, fan_out)`` for each weight layer."""
        return unpack_edges(self.masks[network], self.layout)


def sculpt_networks(task: Task, config: Config, seeds: Sequence[int], logger: Logger | None = None) -> SculptedNetworks:
    """Train and prune one network for each seed and pair of steps, all in one batch.

    Args:
        task: the examples.
        config: checked, with the paper's settings filled in; its own seed is not looked at.
        seeds: distinct.
        logger: gets the metrics of every attempt.

    Raises:
        UserError: if the accelerator is not there.
    """
    began = time.perf_counter()
    layout = Layout((task.n_inputs, *config.arch.hidden, task.n_outputs))
    units, edges = _phases(config.pruning)
    inputs, targets = torch.from_numpy(task.inputs), torch.from_numpy(task.targets)
    module = SculptingModule(layout, inputs, targets, round_settings(config.training), untrained(seeds, layout))
    with _threads(config.trainer.threads):
        unit_pruned = _fit(module, units, config.trainer, logger)
        learned = unit_pruned.schedule.reached
        results = [unit_pruned.take(~learned)]
        results[0].ids *= len(edges.steps)
        if learned.any():
            module.state = unit_pruned.take(learned)
            results.append(_fit(module, edges, config.trainer, logger))
    final = TrialState.concatenate(results)
    final = final.take(final.ids.argsort())
    return _sculpted(final, layout, [units, edges], time.perf_counter() - began)


def untrained(seeds: Sequence[int], layout: Layout) -> TrialState:
    """One dense network for each seed, as it starts."""
    networks = Networks.untrained(start_parameters(list(seeds), layout))
    unknown = torch.full((len(seeds),), torch.nan, dtype=torch.float64)
    return TrialState(
        ids=torch.arange(len(seeds)),
        seeds=torch.tensor(list(seeds)),
        unit_step=unknown,
        edge_step=unknown,
        threshold=unknown,
        current=networks,
        accepted=networks,
        schedule=start(torch.zeros(len(seeds)), smallest=100.0),
    )


def round_settings(training: TrainingConfig) -> RoundSettings:
    """The settings of a round; the paper's values must be filled in."""
    if training.lr is None or training.batch_size is None or training.epochs is None:
        raise ValueError("training settings must be filled in before sculpting")
    return RoundSettings(training.lr, training.batch_size, training.epochs, training.input_noise, training.weight_decay)


def _phases(pruning: PruningConfig) -> tuple[UnitPruning, EdgePruning]:
    unit, edge, accuracy = pruning.unit, pruning.edge, (pruning.accuracy_threshold, pruning.accuracy_drop)
    return (
        UnitPruning(find_criterion(unit.criterion, UNIT_CRITERIA), unit.step, *accuracy),
        EdgePruning(find_criterion(edge.criterion, EDGE_CRITERIA), edge.step, *accuracy),
    )


def _fit(
    module: SculptingModule, pruning: IterativePruning, config: TrainerConfig, logger: Logger | None
) -> TrialState:
    """Run one phase to its end: one fit, each of its epochs one attempt."""
    callbacks: list[Callback] = [pruning]
    if config.progress_bar:
        callbacks.append(ProgressLine(pruning))
    if logger is not None:
        callbacks.append(AttemptMetrics(pruning))
    with _quiet_lightning():
        try:
            _trainer(accelerator_of(config), callbacks, logger).fit(module, train_dataloaders=[0])
        except SystemExit as stop:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from stop
    return pruning.result().to(torch.device("cpu"))


def accelerator_of(config: TrainerConfig) -> str:
    """The accelerator of a configuration, ``cuda`` or ``cpu``.

    Not Metal: it has no double precision, in which accuracies and percentages are compared.

    Raises:
        UserError: if it is not there.
    """
    has_cuda = torch.cuda.is_available()
    if config.accelerator in ("gpu", "cuda") and not has_cuda:
        raise UserError(f"trainer.accelerator={config.accelerator}: not on this machine; cpu and auto are")
    return "cuda" if has_cuda and config.accelerator != "cpu" else "cpu"


def _trainer(accelerator: str, callbacks: list[Callback], logger: Logger | None) -> Trainer:
    return Trainer(
        accelerator=accelerator,
        devices=1,
        max_epochs=-1,
        callbacks=callbacks,
        logger=logger or False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _sculpted(
    final: TrialState, layout: Layout, phases: Sequence[IterativePruning], seconds: float
) -> SculptedNetworks:
    table = pd.DataFrame(
        {
            "seed": final.seeds.numpy(),
            "unit_step": final.unit_step.numpy(),
            "edge_step": final.edge_step.numpy(),
            "reached": final.schedule.reached.numpy(),
            "accuracy": final.accepted.accuracy.numpy(),
            "loss": final.accepted.loss.numpy(),
        }
    )
    return SculptedNetworks(
        layout=layout,
        table=table,
        masks=final.accepted.masks[:, : layout.edges].numpy(),
        parameters=final.accepted.parameters.numpy(),
        history=pd.concat([history_of(phase, layout) for phase in phases if phase.history], ignore_index=True),
        seconds=seconds,
    )


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Keep out what Lightning says about data loaders and optimizers that a round does without on purpose."""
    lightning = logging.getLogger("lightning.pytorch")
    level = lightning.level
    lightning.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        try:
            yield
        finally:
            lightning.setLevel(level)
