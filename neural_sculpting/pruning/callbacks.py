"""Iterative pruning of units and of edges as Lightning callbacks."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from neural_sculpting.networks.layout import Chosen, ChosenEdges, Flags, Layout, Numbers, Scores, Values
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.state import TrialState
from neural_sculpting.pruning import schedule as schedules
from neural_sculpting.pruning.attempts import Attempts, attempts_of
from neural_sculpting.pruning.scores import Criterion, Ranked, scores_of
from neural_sculpting.pruning.select import at_or_below
from neural_sculpting.training.module import SculptingModule, as_sculpting

ROUNDING = 1e-9
"""Tolerance below one output bit of a table: 0.8 - 0.1 is a little more than 0.7 in floating point."""


class IterativePruning(Callback):
    """Prune, train a round, accept or go back: every network by its own schedule, all of them in lockstep.

    The first round trains the networks as they are; then each forks into one network for each step. Finished networks
    leave the batch, and training ends with the last of them (Patil et al. 2023, section 3).

    An attempt is accepted if it reaches the accuracy threshold or, without one, if its accuracy is at most the drop
    below that of the trial's own dense network. Without finite numbers it is rejected. If the first round has none, or
    scores are not finite, the network has failed and leaves the batch as it was accepted last.
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
        self._resumed = False

    @property
    def state_key(self) -> str:
        """The key of this phase among the callbacks of Lightning's checkpoints."""
        return f"{type(self).__qualname__}[{self.phase}]"

    @abstractmethod
    def _elements(self, layout: Layout) -> int:
        """Count the elements of each network."""

    @abstractmethod
    def _kept(self, networks: Networks, layout: Layout) -> Numbers:
        """Count the remaining elements of each network."""

    @abstractmethod
    def _edges_of(self, chosen: Chosen, layout: Layout) -> ChosenEdges:
        """Mark the edges of the chosen elements."""

    def state_dict(self) -> dict[str, Any]:
        """Store the finished networks and all attempts."""
        return {
            "finished": TrialState.concatenate(self.finished).plain() if self.finished else None,
            "history": Attempts.concatenate(self.history).plain() if self.history else None,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume the phase from a checkpoint."""
        finished, history = state_dict["finished"], state_dict["history"]
        self.finished = [TrialState.of_plain(finished)] if finished is not None else []
        self.history = []
        if history is not None:
            attempts = Attempts.of_plain(history)
            self.history = [attempts.take(attempts.attempt == number) for number in attempts.attempt.unique()]
        self._resumed = True

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the phase from the last accepted networks, unless it resumes."""
        if self._resumed:
            return
        module = as_sculpting(pl_module)
        module.phase, module.attempt = self.phase, 0
        accepted, elements = module.state.accepted, self._elements(module.layout)
        pruned = schedules.percentage(elements - self._kept(accepted, module.layout), elements)
        module.state = replace(module.state, current=accepted, schedule=schedules.start(pruned, 100 / elements))

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Prune the last accepted networks to the targets of this attempt."""
        module = as_sculpting(pl_module)
        if module.attempt > 0:
            module.state = self.pruned(module)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Accept or reject the round, remove finished networks from the batch, stop after the last of them."""
        module = as_sculpting(pl_module)
        first = module.attempt == 0
        module.state = self._unevaluated_where_failed(module.state, first)
        if first:
            module.state = replace(module.state, threshold=self.thresholds(module.state))
        accuracy = module.state.current.accuracy
        reached = (accuracy >= module.state.threshold) & accuracy.isfinite()
        accepted = ~module.state.failed if first else reached
        self.history.append(attempts_of(module, accepted))
        state = module.state
        if first:
            state = self._fork_by_step(state, accepted, reached)
        else:
            kept, schedule = state.current.where(accepted, state.accepted), schedules.decide(state.schedule, accepted)
            state = replace(state, accepted=kept, schedule=schedule)
        ended = replace(state.schedule, finished=state.schedule.finished | state.failed)
        state.schedule = schedules.reject_impossible(ended)
        done = state.schedule.finished
        if done.any():
            left = state.take(done)  # without the parameters of their last attempt, a rejected one
            self.finished.append(replace(left, current=left.current.emptied()).to(torch.device("cpu")))
            state = state.take(~done)
        module.state = state
        module.attempt += 1
        trainer.should_stop = len(state) == 0

    def pruned(self, module: SculptingModule) -> TrialState:
        """Prune the last accepted networks to their next percentages.

        Networks whose scores are not all finite stay as they are: they have failed, and leave after this attempt.
        """
        state, layout = module.state, module.layout
        percents = schedules.target(state.schedule)
        pruned, sound = [], []
        for stack in module.stacking.stacks(torch.arange(len(state), device=module.device)):
            scores = self._scores(module, stack.indices)[: stack.count]
            indices = stack.indices[: stack.count]
            sound.append(scores.isfinite().all(dim=1))
            chosen = at_or_below(scores, percents[indices]) & sound[-1].unsqueeze(1)
            pruned.append(state.accepted.take(indices).without(self._edges_of(chosen, layout), layout))
        failed_in = state.failed_in.where(torch.cat(sound), module.attempt)
        return replace(state, current=Networks.concatenate(pruned), failed_in=failed_in)

    def _scores(self, module: SculptingModule, indices: Numbers) -> Scores:
        networks, seeds = module.state.accepted.take(indices), module.state.seeds[indices]
        ranked = Ranked(networks, module.layout, module.examples.training, seeds, module.attempt, module.settings.loss)
        return scores_of(self.criterion, ranked, self._elements(module.layout), f"pruning.{self.phase}.criterion")

    def thresholds(self, state: TrialState) -> Values:
        """Compute the accuracy that each network must reach, fixed after the first round of unit pruning."""
        if self.accuracy_threshold is not None:
            return torch.full_like(state.threshold, self.accuracy_threshold)
        is_dense = state.threshold.isnan()
        lowest = state.current.accuracy - (self.accuracy_drop or 0) - ROUNDING
        return torch.where(is_dense, lowest, state.threshold)

    def result(self) -> TrialState:
        """Return all networks of the phase as they ended, in the order of their ids, and release them."""
        state = TrialState.concatenate(self.finished)
        self.finished.clear()
        return state.take(state.ids.argsort())

    @staticmethod
    def _unevaluated_where_failed(state: TrialState, first: bool) -> TrialState:
        """Mark networks that failed, or gave no finite numbers, as not evaluated."""
        finite = state.current.are_finite() & ~state.failed
        failed_in = state.failed_in.where(finite, 0) if first else state.failed_in
        return replace(state, current=state.current.unevaluated_where(~finite), failed_in=failed_in)

    def _fork_by_step(self, state: TrialState, accepted: Flags, reached: Flags) -> TrialState:
        """Fork each network into one for each step, after the first round, which is kept whatever its accuracy."""
        schedule = replace(state.schedule, reached=reached)
        kept = state.current if accepted.all() else state.current.where(accepted, state.accepted)  # without a copy
        state = replace(state, accepted=kept, schedule=schedule)
        steps = torch.tensor(self.steps, dtype=torch.float64, device=reached.device)
        forked = state.take(torch.arange(len(state), device=reached.device).repeat_interleave(len(steps)))
        step_of_each = steps.repeat(len(state))
        index = torch.arange(len(steps), device=reached.device).repeat(len(state))
        changed: dict[str, Any] = {f"{self.phase}_step": step_of_each, "ids": forked.ids * len(steps) + index}
        return replace(forked, schedule=replace(forked.schedule, step=step_of_each), **changed)


class UnitPruning(IterativePruning):
    """Prune hidden units with all their edges, those of all layers ranked together."""

    phase = "unit"

    def _elements(self, layout: Layout) -> int:
        return layout.hidden_units

    def _kept(self, networks: Networks, layout: Layout) -> Numbers:
        return networks.kept_units(layout)

    def _edges_of(self, chosen: Chosen, layout: Layout) -> ChosenEdges:
        return layout.edges_of_units(chosen)


class EdgePruning(IterativePruning):
    """Prune edges, those of all layers ranked together, after unit pruning."""

    phase = "edge"

    def _elements(self, layout: Layout) -> int:
        return layout.edges

    def _kept(self, networks: Networks, layout: Layout) -> Numbers:
        return networks.kept_edges(layout)

    def _edges_of(self, chosen: Chosen, layout: Layout) -> ChosenEdges:
        return chosen
