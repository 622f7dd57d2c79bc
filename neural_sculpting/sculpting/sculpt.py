"""Sculpt all networks of a batch at once, phase after phase."""

import time
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import torch

from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.architectures import architecture_of
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Values
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.network import TEST_ACCURACIES, Networks
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.state import SOUND, TrialState
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.pruning import schedule as schedules
from neural_sculpting.pruning.callbacks import IterativePruning
from neural_sculpting.pruning.scores import name_of
from neural_sculpting.sculpting.answers import describe_constants, longer_accuracies, majority_accuracies
from neural_sculpting.sculpting.batch import Batch, SculptedNetworks
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint
from neural_sculpting.sculpting.devices import engine_of
from neural_sculpting.sculpting.observers import AttemptObserver, history_of
from neural_sculpting.sculpting.phases import Phases
from neural_sculpting.sculpting.reopening import reopening_of
from neural_sculpting.tasks import Task
from neural_sculpting.training.losses import LOSSES, BalancedCrossEntropy
from neural_sculpting.training.metrics import Accuracy
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import Rounds, RoundSettings

NO_NUMBERS = "training gave no finite numbers"
"""How the reason of a network begins that failed in a first round."""


def sculpt_networks(
    task: Task,
    config: Config,
    batch: Batch,
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
    checkpoint: BatchCheckpoint | None = None,
) -> SculptedNetworks:
    """Train and prune one network for each seed and pair of steps of a batch; those of ``config`` are ignored.

    All seeds start from ``start``, pruned as it is, or each from a new network. The batch is saved as ``checkpoint``
    and resumes from there. The observer's time does not count as sculpting.

    Raises:
        UserError: if the accelerator is not available.
        OSError: if the checkpoint cannot be written.
        Interrupted: if the run is asked to stop.
    """
    began = time.perf_counter()
    layout = architecture_of(config.arch, Shapes.of(task))
    examples, settings = ExampleSets.of(task), round_settings(config, task)
    trainer = config.trainer
    if trainer.engine == "auto" and checkpoint is not None and (begun := checkpoint.engine()) is not None:
        trainer = trainer.model_copy(update={"engine": begun})
    engine = engine_of(trainer, layout, settings, len(examples.training))
    networks = untrained(batch.seeds, layout) if start is None else trained(batch.seeds, start, layout)
    module = SculptingModule(layout, examples, settings, networks, engine, _rounds(config))
    if start is not None and config.pruning.reopens:
        module.reopening = reopening_of(config.pruning, settings.accuracy, start, task)
    if checkpoint is not None:
        checkpoint.identity["engine"] = engine.name
    phases = Phases(module, config, batch, began, observer, checkpoint)
    try:
        final = phases.run()
        others = {**majority_accuracies(module), **longer_accuracies(module, task, final)}
        constants = describe_constants(module, task, final).assign(**others, engine=engine.name)
        return _sculpted(final, layout, phases.phases, constants, phases.seconds)
    finally:  # Lightning's references form cycles: large tensors must not wait for the garbage collector
        module.state = untrained([], layout)
        phases.clear()


def _rounds(config: Config) -> Rounds:
    """Collect how often dense networks are trained: without a threshold, until they make no mistake."""
    threshold, training = config.pruning.accuracy_threshold, config.training
    return Rounds(training.dense_rounds, 1.0 if threshold is None else threshold, training.pruning_lr)


def untrained(seeds: Sequence[int], layout: Architecture) -> TrialState:
    """Create the state of one new dense network for each seed."""
    return _at_start(seeds, Networks.untrained(start_parameters(list(seeds), layout)), layout.outputs)


def trained(seeds: Sequence[int], start: TrainedNetwork, layout: Architecture) -> TrialState:
    """Create the state of the same trained network for each seed, with its masks; it counts as not evaluated."""
    networks = Networks.untrained(torch.from_numpy(start.row).repeat(len(seeds), 1))
    return _at_start(
        seeds, networks.without(torch.from_numpy(~start.edges).repeat(len(seeds), 1), layout), layout.outputs
    )


def _at_start(seeds: Sequence[int], networks: Networks, outputs: int) -> TrialState:
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
        intact=torch.zeros((len(seeds), outputs), dtype=torch.bool),
        started_in=torch.zeros(len(seeds), dtype=torch.int64),
        failed_in=torch.full((len(seeds),), SOUND, dtype=torch.int64),
    )


def round_settings(config: Config, task: Task) -> RoundSettings:
    """Collect the settings of a round; the paper's values have been filled in."""
    training = config.training
    if training.lr is None or training.batch_size is None or training.epochs is None:
        raise ValueError("training settings must be filled in before sculpting")
    by: Literal["bits", "examples", "balanced", "variance"] = "bits"
    if task.loss == "squared_error":
        by = "variance"
    elif config.pruning.accuracy_by != "auto":
        by = config.pruning.accuracy_by
    loss = LOSSES[task.loss]
    if training.class_weights == "balanced":
        loss = BalancedCrossEntropy(torch.from_numpy(task.training.targets), task.one_hot)
    return RoundSettings(
        training.lr,
        training.batch_size,
        training.epochs,
        training.input_noise,
        training.weight_decay,
        Accuracy(by, task.one_hot),
        loss,
    )


def _sculpted(
    final: TrialState, layout: Architecture, phases: Sequence[IterativePruning], constants: pd.DataFrame, seconds: float
) -> SculptedNetworks:
    evaluated, reached = final.accepted.loss.isfinite(), final.schedule.reached
    steps = [_step_of(final, each) for each in phases]
    table = pd.DataFrame(
        {
            "seed": final.seeds.numpy(),
            "unit_step": final.unit_step.numpy(),
            "edge_step": final.edge_step.numpy(),
            "learned": (~steps[-1].isnan() if len(phases) > 1 else reached).numpy(),
            "reached": reached.numpy(),
            "failure": _failures(final, phases, steps),
            "accuracy": final.accepted.accuracy.where(evaluated, torch.nan).numpy(),
            "loss": final.accepted.loss.where(evaluated, torch.nan).numpy(),
            **{name: getattr(final.accepted, name).numpy() for name in TEST_ACCURACIES},
            "started_in": final.started_in.numpy(),
            "fallen": [tuple(np.flatnonzero(each).tolist()) for each in ~final.intact.numpy()],
        }
    )
    history = [history_of(each.phase, each.history, layout) for each in phases if each.history]
    sculpted = SculptedNetworks(
        table=table.join(constants),
        networks=PackedNetworks.of(final.accepted, layout),
        history=pd.concat(history, ignore_index=True),
        seconds=seconds,
    )
    return sculpted.in_order()


def _step_of(final: TrialState, pruning: IterativePruning) -> Values:
    step: Values = getattr(final, f"{pruning.phase}_step")
    return step


def failed_in_sculpting(reason: str) -> bool:
    """Whether the reason of a failure is one of those that sculpting gives, not an error in the analysis."""
    return reason.startswith((NO_NUMBERS, "pruning."))


def _failures(final: TrialState, phases: Sequence[IterativePruning], steps: Sequence[Values]) -> list[str]:
    def reason(pruning: IterativePruning, attempt: int) -> str:
        if attempt == 0:
            return f"{NO_NUMBERS} in the first round, before {pruning.phase}s were pruned"
        where = f"in attempt {attempt} of {pruning.phase} pruning"
        criterion = f"pruning.{pruning.phase}.criterion: {name_of(pruning.criterion)}"
        return f"{criterion} gave scores that are not finite, {where}"

    begun = torch.stack([~step.isnan() for step in steps]).sum(dim=0).tolist()
    return [
        reason(phases[max(number, 1) - 1], attempt) if failed else ""
        for failed, attempt, number in zip(final.failed.tolist(), final.failed_in.tolist(), begun, strict=True)
    ]
