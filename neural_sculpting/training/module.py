"""Training of a batch of masked networks, one round at a time."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import torch
from lightning.pytorch import LightningModule

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.draws import draws_of
from neural_sculpting.networks.examples import Examples, ExampleSets
from neural_sculpting.networks.layout import Numbers, Values
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.stacks import Stacking
from neural_sculpting.networks.state import TrialState
from neural_sculpting.training.engine import Engine, TorchEngine
from neural_sculpting.training.metrics import Accuracy, EvaluationSet
from neural_sculpting.training.round import ONE_DENSE_ROUND, Rounds, RoundSettings

KEY = "sculpting"
"""The key of the networks in a checkpoint."""

DENSE = ("unit", 0)
"""Purpose and attempt of the first round of dense networks, whichever phase comes first: it is that of the trial."""


class SculptingModule(LightningModule):
    """Trains all networks of a batch; one ``training_step`` is one whole round of every network.

    A round starts from the current weights with a fresh optimizer and ends with the best epoch of each network. Before
    anything is pruned, a step may be several rounds of the networks that have not learned enough.
    """

    def __init__(
        self,
        layout: Architecture,
        examples: ExampleSets,
        settings: RoundSettings,
        state: TrialState,
        engine: Engine | None = None,
        rounds: Rounds = ONE_DENSE_ROUND,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.layout = layout
        self.examples = examples
        self.settings = settings
        self.state = state
        self.engine: Engine = TorchEngine(layout, settings) if engine is None else engine
        self.rounds = rounds
        self.reopening: Callable[[SculptingModule], None] | None = None
        self.phase = "unit"
        self.attempt = 0

    @property
    def stacking(self) -> Stacking:
        """The division of the batch into networks that are computed side by side."""
        return Stacking.of(self.layout, self.device, self.settings.batch_size, self.examples.sizes)

    @cached_property
    def _pruning_engine(self) -> Engine:
        """The engine with the learning rate of pruning; one for all rounds, which it prepares the examples for once."""
        lr = self.rounds.pruning_lr
        return self.engine if lr is None else replace(self.engine, settings=replace(self.settings, lr=lr))

    def configure_optimizers(self) -> None:
        """Configure none: each round creates its own optimizer."""

    def on_fit_start(self) -> None:
        """Move the networks and the examples to the module's device."""
        self.state = self.state.to(self.device)
        self.examples = self.examples.to(self.device)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Save the last accepted networks, from which the next attempt starts, and its number."""
        state = replace(self.state, current=self.state.current.emptied())
        checkpoint[KEY] = {"phase": self.phase, "attempt": self.attempt, "state": state.plain()}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore the networks, which may be fewer than when the phase began."""
        stored = checkpoint[KEY]
        state = TrialState.of_plain(stored["state"])
        self.phase, self.attempt = stored["phase"], stored["attempt"]
        self.state = replace(state, current=state.accepted)

    def training_step(self, batch: object, batch_idx: int) -> None:
        """Train one round, after which ``state.current`` is the best epoch of each network."""
        if self.attempt > 0 or not bool((self.state.unit_step.isnan() & self.state.edge_step.isnan()).all()):
            stays = self.state.intact.all(dim=1)  # which nothing is pruned of
            if not stays.all():
                trained = self._trained(self.state, self._pruning_engine, self.phase, self.attempt)
                self.state.current = self.state.current.where(stays, trained) if stays.any() else trained
        elif self.reopening is not None:
            self.reopening(self)
        else:
            current, rounds = self.learned(self.state, *DENSE, self.rounds.dense)
            self.state = replace(self.state, current=current, started_in=rounds)

    def learned(self, state: TrialState, purpose: str, attempt: int, most: int) -> tuple[Networks, Numbers]:
        """Train networks before anything is pruned, for at most so many rounds, and count the rounds of each.

        Those that have not learned enough have further rounds, the second of which draws as ``("dense", 1)`` where the
        first one is that of the trial.
        """
        dense = self._trained(state, self.engine, purpose, attempt)
        rounds = torch.ones_like(state.ids)
        for number in range(attempt + 1, attempt + most):
            behind = (~(dense.accuracy >= self.rounds.enough)).nonzero().squeeze(1)
            if not len(behind):
                break
            again = self._trained(replace(state.take(behind), current=dense.take(behind)), self.engine, "dense", number)
            before = dense.take(behind)
            dense.put(behind, again.where(again.accuracy >= before.accuracy, before))
            rounds[behind] += 1
        return dense, rounds

    @torch.no_grad()
    def measured(self, networks: Networks, examples: Examples, *accuracies: Accuracy) -> tuple[list[Values], Values]:
        """Measure accuracies and the loss of networks on some examples, in stacks as those that are trained."""
        parts = []
        for stack in self.stacking.stacks(torch.arange(len(networks), device=networks.parameters.device)):
            logits = partial(self.layout.logits, networks.parameters[stack.indices])
            found, loss = EvaluationSet(examples, len(stack.indices)).measure(logits, self.settings.loss, *accuracies)
            parts.append([values[: stack.count] for values in (*found, loss)])
        *measured, losses = (torch.cat(values) for values in zip(*parts, strict=True))
        return measured, losses

    def _trained(self, state: TrialState, engine: Engine, purpose: str, attempt: int) -> Networks:
        """Train networks for a round; purpose and attempt are part of the keys of its draws."""
        # Distinct pairs: `unique` is 30 times as slow for rows. By their bits, all NaN are one step.
        seeds, seed_of = state.seeds.unique(return_inverse=True)
        steps, step_of = state.edge_step.view(torch.int64).unique(return_inverse=True)
        distinct, stream_of = (seed_of * len(steps) + step_of).unique(return_inverse=True)
        of_streams = seeds[distinct // len(steps)], steps[distinct % len(steps)].view(torch.float64)
        streams = list(zip(*(each.tolist() for each in of_streams), strict=True))
        settings, rows = self.settings, len(self.examples.training)
        shape = (settings.epochs, rows, settings.batch_size, self.layout.inputs)
        draws = draws_of(streams, purpose, attempt, shape, settings.input_noise > 0, self.device)
        return engine.train(state.current, self.examples, draws, stream_of)


def as_sculpting(module: LightningModule) -> SculptingModule:
    """Check that a trainer's module is the one that callbacks of this package need, and return it."""
    if not isinstance(module, SculptingModule):
        raise TypeError(f"this callback needs a SculptingModule, not {type(module).__name__}")
    return module
