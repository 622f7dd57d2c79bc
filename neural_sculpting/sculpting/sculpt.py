"""Sculpt all networks of a group in one batch: hidden units first, then edges."""

import time
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import torch
from lightning.pytorch import Callback

from neural_sculpting.models import TrainedNetwork
from neural_sculpting.pruning import schedule as schedules
from neural_sculpting.pruning.callbacks import EdgePruning, IterativePruning, UnitPruning
from neural_sculpting.pruning.scores import EDGE_CRITERIA, UNIT_CRITERIA, find_criterion
from neural_sculpting.schemas import Config, PruningConfig, TrainerConfig
from neural_sculpting.sculpting.fitting import fit
from neural_sculpting.sculpting.observers import AttemptObserver, ProgressLine, Reporter, TimedObserver, history_of
from neural_sculpting.sculpting.sculpted import SculptedNetworks
from neural_sculpting.tasks import Task
from neural_sculpting.training.losses import LOSSES
from neural_sculpting.training.metrics import Accuracy
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import RoundSettings
from neural_sculpting.trials.examples import ExampleSets
from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.network import Networks
from neural_sculpting.trials.packed import PackedNetworks
from neural_sculpting.trials.state import TrialState
from neural_sculpting.trials.streams import start_parameters


def sculpt_networks(
    task: Task,
    config: Config,
    seeds: Sequence[int],
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
) -> SculptedNetworks:
    """Train and prune one network for each seed and pair of steps, all in one batch.

    Args:
        task: the examples.
        config: checked, with the paper's settings filled in; its own seed is not looked at.
        seeds: distinct.
        observer: hears of every attempt; the time that it takes is not counted as sculpting.
        start: what all seeds start from, with its pruned edges pruned; None for a new network for each seed.

    Raises:
        UserError: if the accelerator is not there.
    """
    began = time.perf_counter()
    timed = TimedObserver(observer) if observer is not None else None
    layout = Layout((task.n_inputs, *config.arch.hidden, task.n_outputs))
    units, edges = _phases(config.pruning)
    module = SculptingModule(
        layout,
        ExampleSets.of(task),
        round_settings(config, task),
        untrained(seeds, layout) if start is None else trained(seeds, start),
    )
    try:
        final = _both_phases(module, units, edges, config.trainer, timed)
    finally:  # Lightning's references go in circles: what is large must not wait for them to be found
        module.state = untrained([], layout)
        units.finished.clear()
        edges.finished.clear()
    seconds = time.perf_counter() - began - (timed.seconds if timed is not None else 0.0)
    return _sculpted(final, layout, [units, edges], seconds)


def _both_phases(
    module: SculptingModule,
    units: UnitPruning,
    edges: EdgePruning,
    config: TrainerConfig,
    observer: AttemptObserver | None,
) -> TrialState:
    """All networks in the order of their ids; those that never learned are as unit pruning left them."""
    unit_pruned = _phase(module, units, config, observer)
    learned = unit_pruned.schedule.reached
    results = [unit_pruned.take(~learned)]
    results[0].ids *= len(edges.steps)
    if learned.any():
        module.state = unit_pruned.take(learned)
        results.append(_phase(module, edges, config, observer))
    final = TrialState.concatenate(results)
    return final.take(final.ids.argsort())


def untrained(seeds: Sequence[int], layout: Layout) -> TrialState:
    """One dense network for each seed, as it starts."""
    return _at_start(seeds, Networks.untrained(start_parameters(list(seeds), layout)))


def trained(seeds: Sequence[int], start: TrainedNetwork) -> TrialState:
    """The same trained network for each seed, with its masks; it counts as not evaluated."""
    layout = Layout(start.layers)
    row = np.concatenate([array.ravel() for array in (*start.weights, *start.biases)])
    edges = np.concatenate([mask.ravel() for mask in start.masks])
    networks = Networks.untrained(torch.from_numpy(row).repeat(len(seeds), 1))
    return _at_start(seeds, networks.without(torch.from_numpy(~edges).repeat(len(seeds), 1), layout))


def _at_start(seeds: Sequence[int], networks: Networks) -> TrialState:
    unknown = torch.full((len(seeds),), torch.nan, dtype=torch.float64)
    return TrialState(
        ids=torch.arange(len(seeds)),
        seeds=torch.tensor(list(seeds), dtype=torch.int64),
        unit_step=unknown,
        edge_step=unknown,
        threshold=unknown,
        current=networks,
        accepted=networks,
        schedule=schedules.start(torch.zeros(len(seeds)), smallest=100.0),
    )


def round_settings(config: Config, task: Task) -> RoundSettings:
    """The settings of a round; the paper's values must be filled in."""
    training = config.training
    if training.lr is None or training.batch_size is None or training.epochs is None:
        raise ValueError("training settings must be filled in before sculpting")
    return RoundSettings(
        training.lr,
        training.batch_size,
        training.epochs,
        training.input_noise,
        training.weight_decay,
        Accuracy(_accuracy_by(config, task), task.one_hot),
        LOSSES[task.loss],
    )


def _accuracy_by(config: Config, task: Task) -> Literal["bits", "examples", "variance"]:
    if task.loss == "squared_error":
        return "variance"
    return "bits" if config.pruning.accuracy_by == "auto" else config.pruning.accuracy_by


def _phases(pruning: PruningConfig) -> tuple[UnitPruning, EdgePruning]:
    unit, edge, accuracy = pruning.unit, pruning.edge, (pruning.accuracy_threshold, pruning.accuracy_drop)
    return (
        UnitPruning(find_criterion(unit.criterion, UNIT_CRITERIA), unit.step, *accuracy),
        EdgePruning(find_criterion(edge.criterion, EDGE_CRITERIA), edge.step, *accuracy),
    )


def _phase(
    module: SculptingModule, pruning: IterativePruning, config: TrainerConfig, observer: AttemptObserver | None
) -> TrialState:
    """Run one phase to its end."""
    callbacks: list[Callback] = [pruning]
    if config.progress_bar:
        callbacks.append(ProgressLine(pruning))
    if observer is not None:
        callbacks.append(Reporter(pruning, observer))
    fit(module, callbacks, config)
    return pruning.result()


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
            "test_bit_accuracy": final.accepted.test_bit_accuracy.numpy(),
            "test_example_accuracy": final.accepted.test_example_accuracy.numpy(),
        }
    )
    return SculptedNetworks(
        table=table,
        networks=PackedNetworks.of(final.accepted, layout),
        history=pd.concat([history_of(phase, layout) for phase in phases if phase.history], ignore_index=True),
        seconds=seconds,
    )
