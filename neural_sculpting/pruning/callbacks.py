"""Iterative pruning as Lightning callbacks: one mechanism, two kinds of elements."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from neural_sculpting.errors import UserError
from neural_sculpting.pruning import schedule as schedules
from neural_sculpting.pruning.attempts import Attempts, attempts_of
from neural_sculpting.pruning.scores import Criterion, Ranked
from neural_sculpting.pruning.select import at_or_below
from neural_sculpting.training.module import SculptingModule, as_sculpting
from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.network import Networks
from neural_sculpting.trials.shapes import Chosen, ChosenEdges, Flags, Numbers, Scores, Values
from neural_sculpting.trials.state import Schedule, TrialState

ROUNDING = 1e-9
"""Far less than one bit of a table: 0.8 - 0.1 is a little more than 0.7 in floating point."""


class IterativePruning(Callback):
    """Prune, train a round, accept or go back; every network by its own schedule, all of them in step.

    The first round trains the networks as they are; then the networks of a trial part, one for each step. Networks
    that are done leave the batch, and training ends with the last of them (Patil et al. 2023, section 3).

    Args:
        criterion: what ranks the elements.
        steps: the percentages that one attempt adds, one network for each.
        accuracy_threshold: the accuracy that an attempt must reach to be accepted; None where the drop counts.
        accuracy_drop: how far it may fall below the accuracy of the trial's own dense network, which passes then if it
            has one.

    Attributes:
        finished: the networks that are done.
        history: every attempt that was trained.
    """

    phase: ClassVar[str]

    def __init__(
        self,
        criterion: Criterion,
        steps: Sequence[float],
        accuracy_threshold: float | None,
        accuracy_drop: float | None = None,
    ) -> None:
        self.criterion = criterion
        self.steps = tuple(steps)
        self.accuracy_threshold = accuracy_threshold
        self.accuracy_drop = accuracy_drop
        self.finished: list[TrialState] = []
        self.history: list[Attempts] = []

    @property
    def state_key(self) -> str:
        """Tells the two phases apart where Lightning stores what callbacks know."""
        return f"{type(self).__qualname__}[{self.phase}]"

    @abstractmethod
    def begin(self, networks: Networks, layout: Layout) -> Schedule:
        """The schedule at the start of the phase."""

    @abstractmethod
    def elements(self, layout: Layout) -> int:
        """How many elements each network has."""

    @abstractmethod
    def edges_to_remove(self, chosen: Chosen, layout: Layout) -> ChosenEdges:
        """The edges, ``(network, edge)``, that go with the chosen elements, ``(network, element)``."""

    @abstractmethod
    def with_steps(self, state: TrialState, steps: Values) -> TrialState:
        """The state with the steps noted under the name of the phase."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the phase from the networks that were accepted last."""
        module = as_sculpting(pl_module)
        module.phase, module.attempt = self.phase, 0
        accepted = module.state.accepted
        module.state = replace(module.state, current=accepted, schedule=self.begin(accepted, module.layout))

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Prune the last accepted networks to the targets of this attempt."""
        module = as_sculpting(pl_module)
        if module.attempt > 0:
            module.state = replace(module.state, current=self.pruned(module))

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Judge the round, let finished networks leave, stop when none is left."""
        module = as_sculpting(pl_module)
        first = module.attempt == 0
        if first:
            module.state = replace(module.state, threshold=self.thresholds(module.state))
        accuracy = module.state.current.accuracy
        reached = (accuracy >= module.state.threshold) & accuracy.isfinite()
        accepted = torch.ones_like(reached) if first else reached
        self.history.append(attempts_of(module, accepted))
        state = self._part(module.state, reached) if first else self._judge(module.state, accepted)
        state.schedule = schedules.reject_impossible(state.schedule)
        done = state.schedule.finished
        if done.any():
            self.finished.append(_left(state.take(done)))
            state = state.take(~done)
        module.state = state
        module.attempt += 1
        trainer.should_stop = len(state) == 0

    def pruned(self, module: SculptingModule) -> Networks:
        """The last accepted networks, pruned to the percentages that are next."""
        state, layout = module.state, module.layout
        percents = schedules.target(state.schedule)
        parts = []
        for stack in module.stacking.stacks(torch.arange(len(state), device=module.device)):
            scores = self._scores(module, stack.places)[: stack.count]
            places = stack.places[: stack.count]
            chosen = at_or_below(scores, percents[places])
            parts.append(state.accepted.take(places).without(self.edges_to_remove(chosen, layout), layout))
        return Networks.concatenate(parts)

    def _scores(self, module: SculptingModule, places: Numbers) -> Scores:
        """The scores of the networks at these places, checked."""
        state = module.state
        networks, seeds = state.accepted.take(places), state.seeds[places]
        loss = module.settings.loss
        ranked = Ranked(networks, module.layout, module.examples.training, seeds, module.attempt, loss)
        with torch.enable_grad():
            scores = self.criterion(ranked)
        self._check(scores, len(places), module.layout)
        return scores

    def _check(self, scores: object, networks: int, layout: Layout) -> None:
        """Refuse what a user's own criterion may return by mistake: a number that is none would prune nothing."""
        expected = (networks, self.elements(layout))
        name = getattr(self.criterion, "__name__", str(self.criterion))
        if not isinstance(scores, Tensor) or scores.shape != expected:
            found = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
            raise UserError(f"pruning.{self.phase}.criterion: {name} returned {found}; must be a tensor of {expected}")
        if not scores.isfinite().all():
            raise UserError(f"pruning.{self.phase}.criterion: {name} returned scores that are not finite numbers")

    def thresholds(self, state: TrialState) -> Values:
        """The accuracy that each network must reach, known after the first round; later phases keep it."""
        if self.accuracy_threshold is not None:
            return torch.full_like(state.threshold, self.accuracy_threshold)
        is_dense = state.threshold.isnan()
        lowest = state.current.accuracy - (self.accuracy_drop or 0) - ROUNDING
        return torch.where(is_dense, lowest, state.threshold)

    def result(self) -> TrialState:
        """All networks of the phase as they ended, in the order of their ids; they are handed over."""
        state = TrialState.concatenate(self.finished)
        self.finished.clear()
        return state.take(state.ids.argsort())

    def _part(self, state: TrialState, reached: Flags) -> TrialState:
        """After the first round, which is kept whatever its accuracy: one network of each trial for each step."""
        schedule = replace(state.schedule, reached=reached)
        state = replace(state, accepted=state.current, schedule=schedule)
        steps = torch.tensor(self.steps, dtype=torch.float64, device=reached.device)
        parted = state.take(torch.arange(len(state), device=reached.device).repeat_interleave(len(steps)))
        step_of_each = steps.repeat(len(state))
        position = torch.arange(len(steps), device=reached.device).repeat(len(state))
        parted = replace(
            parted,
            ids=parted.ids * len(steps) + position,
            schedule=replace(parted.schedule, step=step_of_each),
        )
        return self.with_steps(parted, step_of_each)

    @staticmethod
    def _judge(state: TrialState, accepted: Flags) -> TrialState:
        return replace(
            state,
            accepted=state.current.where(accepted, state.accepted),
            schedule=schedules.decide(state.schedule, accepted),
        )


def _left(state: TrialState) -> TrialState:
    """Networks that leave the batch: off the device, without the parameters of their last attempt, a rejected one."""
    return replace(state, current=state.current.emptied()).to(torch.device("cpu"))


class UnitPruning(IterativePruning):
    """Prune hidden units with all their edges, those of all layers ranked together."""

    phase = "unit"

    def begin(self, networks: Networks, layout: Layout) -> Schedule:
        """Units that the networks have lost before count as pruned."""
        pruned = layout.hidden_units - networks.kept_units(layout)
        return schedules.start(schedules.percentage(pruned, layout.hidden_units), 100 / self.elements(layout))

    def elements(self, layout: Layout) -> int:
        """Hidden units of all layers."""
        return layout.hidden_units

    def edges_to_remove(self, chosen: Chosen, layout: Layout) -> ChosenEdges:
        """All edges of the chosen units."""
        return layout.edges_of_units(chosen)

    def with_steps(self, state: TrialState, steps: Values) -> TrialState:
        """Note the unit steps."""
        return replace(state, unit_step=steps)


class EdgePruning(IterativePruning):
    """Prune edges, those of all layers ranked together, starting from what unit pruning has left."""

    phase = "edge"

    def begin(self, networks: Networks, layout: Layout) -> Schedule:
        """The edges of the pruned units count as pruned."""
        pruned = layout.edges - networks.kept_edges(layout)
        return schedules.start(schedules.percentage(pruned, layout.edges), 100 / self.elements(layout))

    def elements(self, layout: Layout) -> int:
        """Weights of all layers."""
        return layout.edges

    def edges_to_remove(self, chosen: Chosen, layout: Layout) -> ChosenEdges:
        """The chosen edges themselves."""
        return chosen

    def with_steps(self, state: TrialState, steps: Values) -> TrialState:
        """Note the edge steps."""
        return replace(state, edge_step=steps)
