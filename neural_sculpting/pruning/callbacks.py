"""Iterative pruning of units and of edges as Lightning callbacks."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import inf
from typing import Any, ClassVar, Literal

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import (
    Chosen,
    ChosenEdges,
    Flags,
    Numbers,
    OutputFlags,
    Scores,
    Values,
    as_perceptron,
)
from neural_sculpting.networks.network import Networks, count
from neural_sculpting.networks.reopening import enclosed
from neural_sculpting.networks.state import Schedule, TrialState
from neural_sculpting.pruning import schedule as schedules
from neural_sculpting.pruning.allowance import lowest_accepted
from neural_sculpting.pruning.attempts import Attempts, attempts_of
from neural_sculpting.pruning.scores import Criterion, Ranked, scores_of
from neural_sculpting.pruning.select import at_or_below, by_rank
from neural_sculpting.training.module import SculptingModule, as_sculpting

ROUNDING = 1e-9
"""Tolerance below one output bit of a table: 0.8 - 0.1 is a little more than 0.7 in floating point."""

Order = Literal["together", "first_layer_first", "bottom_up"]


@dataclass(frozen=True)
class Options:
    """How a phase may differ from that of Patil et al. 2023.

    Attributes:
        limit: the percentage of its elements that it may prune.
        geometric: a step is a share of what is left.
        slack: how far below the accuracy threshold an attempt may end.
        halvings: how often a step may be halved; a rejection of the last one ends the phase, or its stage.
        tail: how many attempts with one element must be rejected in a row, each with the next element, until the
            phase, or its stage, is over; 0 and 1 are one.
        order: of edges: all layers ``together``, ``first_layer_first`` (the first weight layer to its end, then all
            together) or ``bottom_up`` (layer after layer, each to its end).
        groups: whether whole groups of edges, such as kernels, are pruned first, to the end.
        standard_errors: of the dense network's accuracy, by which an attempt may be below it if that is more than the
            drop; without an accuracy threshold.
    """

    limit: float = inf
    geometric: bool = False
    slack: float = 0.0
    halvings: float = inf
    tail: int = 0
    order: Order = "together"
    groups: bool = False
    standard_errors: float = 0.0


class IterativePruning(Callback):
    """Prune, train a round, accept or go back: every network by its own schedule, all of them in lockstep.

    The first round trains the networks as they are; then each forks into one network for each step. Finished networks
    leave the batch, and training ends with the last of them (Patil et al. 2023, section 3).

    An attempt is accepted if it reaches the accuracy threshold or, without one, if its accuracy is at most the drop,
    or so many standard errors, below that of the trial's own dense network. Without finite numbers it is rejected. If
    the first round has none, or scores are not finite, the network has failed and leaves the batch as it was accepted
    last.

    A phase may have stages, in each of which some of its elements are pruned. Every network is in a stage of its own.
    """

    phase: ClassVar[str]

    def __init__(
        self,
        criterion: Criterion,
        steps: Sequence[float],
        accuracy_threshold: float | None,
        accuracy_drop: float | None = None,
        options: Options = Options(),
    ) -> None:
        self.criterion = criterion
        self.steps = tuple(steps)
        self.accuracy_threshold = accuracy_threshold
        self.accuracy_drop = accuracy_drop
        self.options = options
        self.finished: list[TrialState] = []
        self.history: list[Attempts] = []
        self._resumed = False

    @property
    def state_key(self) -> str:
        """The key of this phase among the callbacks of Lightning's checkpoints."""
        return f"{type(self).__qualname__}[{self.phase}]"

    @abstractmethod
    def _stages(self, layout: Architecture) -> list[slice]:
        """List the elements of each stage; the last stage ends with the last element."""

    @abstractmethod
    def _ranked(self, layout: Architecture) -> int:
        """Count the elements that the criterion scores."""

    @abstractmethod
    def _kept(self, networks: Networks, layout: Architecture) -> Chosen:
        """Mark the remaining elements of each network."""

    @abstractmethod
    def _edges_of(self, chosen: Chosen, layout: Architecture) -> ChosenEdges:
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
        state = replace(module.state, current=module.state.accepted)
        module.state = replace(state, schedule=self._started(state, module.layout))

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
            schedule = self._started(module.state, module.layout)  # edges may have come back in this round
            module.state = replace(module.state, threshold=self.thresholds(module), schedule=schedule)
        accuracy = module.state.current.accuracy
        slack = self.options.slack + ROUNDING if self.options.slack else 0
        reached = (accuracy >= module.state.threshold - slack) & accuracy.isfinite()
        accepted = ~module.state.failed if first else reached
        self.history.append(attempts_of(module, accepted))
        state = module.state
        if first:
            state = self._fork_by_step(state, accepted, reached)
        else:
            least = getattr(state, f"{self.phase}_step") / 2**self.options.halvings
            schedule = schedules.decide(state.schedule, accepted, self.options.tail, least)
            state = replace(state, accepted=state.current.where(accepted, state.accepted), schedule=schedule)
        state.schedule = self._next_stages(self._ended(state, module.layout), module.layout, state)
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
        pruned, sound = [], []
        for stack in module.stacking.stacks(torch.arange(len(state), device=module.device)):
            scores = self._scores(module, stack.indices)[: stack.count]
            indices = stack.indices[: stack.count]
            sound.append(scores.amin(dim=1).isfinite() & scores.amax(dim=1).isfinite())  # a tenth of the time of `all`
            accepted, schedule = state.accepted.take(indices), state.schedule.take(indices)
            if (settled := self._settled(accepted, state.intact[indices], layout)) is None:
                chosen = self._chosen(scores, accepted, schedule, layout)
            else:
                above = scores.nan_to_num().amax(dim=1, keepdim=True) + 1
                last = torch.where(settled, above, scores)
                chosen = self._chosen(last, accepted, schedule, layout) & ~settled
            chosen &= sound[-1].unsqueeze(1)
            pruned.append(accepted.without(self._edges_of(chosen, layout), layout))
        failed_in = state.failed_in.where(torch.cat(sound), module.attempt)
        return replace(state, current=Networks.concatenate(pruned), failed_in=failed_in)

    def _chosen(self, scores: Scores, networks: Networks, schedule: Schedule, layout: Architecture) -> Chosen:
        """Choose what each network prunes in its stage: up to its target, or the next single element in a tail."""
        stages = self._stages(layout)
        if len(stages) == 1:
            return self._chosen_of_stage(scores, networks, schedule, layout, stages[0])
        chosen = torch.zeros_like(scores, dtype=torch.bool)
        for stage in schedule.stage.unique().tolist():
            here, elements = (schedule.stage == stage).nonzero().squeeze(1), stages[stage]
            parts = (scores[here, elements], networks.take(here), schedule.take(here))
            chosen[here, elements] = self._chosen_of_stage(*parts, layout, elements)
        return chosen

    def _chosen_of_stage(
        self, scores: Scores, networks: Networks, schedule: Schedule, layout: Architecture, elements: slice
    ) -> Chosen:
        chosen = at_or_below(scores, schedules.target(schedule))
        if not schedule.skipped.any():
            return chosen
        next_one = by_rank(scores, self._kept(networks, layout)[:, elements], schedule.skipped)
        return torch.where(schedule.skipped.unsqueeze(1) > 0, next_one, chosen)

    def _scores(self, module: SculptingModule, indices: Numbers) -> Scores:
        networks, seeds = module.state.accepted.take(indices), module.state.seeds[indices]
        ranked = Ranked(networks, module.layout, module.examples.training, seeds, module.attempt, module.settings.loss)
        return scores_of(self.criterion, ranked, self._ranked(module.layout), f"pruning.{self.phase}.criterion")

    def _pruned_of_stage(self, networks: Networks, layout: Architecture, stage: int) -> tuple[Values, float]:
        """Compute the percentage of a stage's elements that is pruned, and that of one element."""
        elements = self._stages(layout)[stage]
        size = elements.stop - elements.start
        kept = count(self._kept(networks, layout)[:, elements])
        return schedules.percentage(size - kept, size), 100 / size

    def _started(self, state: TrialState, layout: Architecture) -> Schedule:
        """Create the schedule of the current networks: what is settled is never pruned."""
        pruned, smallest = self._pruned_of_stage(state.current, layout, 0)
        stages = self._stages(layout)
        limit = self.options.limit * float(stages[-1].stop / stages[0].stop)  # of the elements of the first stage
        schedule = schedules.start(pruned, smallest, limit, self.options.geometric)
        if (settled := self._settled(state.current, state.intact, layout)) is None:
            return schedule
        free = count(self._kept(state.current, layout) & ~settled) * smallest
        return replace(schedule, limit=torch.minimum(schedule.limit, pruned + free))

    def _settled(self, networks: Networks, intact: OutputFlags, layout: Architecture) -> Chosen | None:
        """Mark the elements that compute intact outputs; None where there are no such outputs."""
        if not intact.any():
            return None
        perceptron = as_perceptron(layout, "pruning.reopen")
        edges = networks.masks[:, : layout.edges] & enclosed(networks.masks, perceptron, intact)
        return self._kept(replace(networks, masks=layout.with_bias_masks(edges)), layout)

    def _ended(self, state: TrialState, layout: Architecture) -> Schedule:
        """End the stage of networks that failed, and of those that have no further element to try."""
        finished = state.schedule.finished | state.failed
        if self.options.tail > 1:
            for stage, elements in enumerate(self._stages(layout)):
                kept = self._kept(state.accepted, layout)
                settled = self._settled(state.accepted, state.intact, layout)
                left = count((kept if settled is None else kept & ~settled)[:, elements])
                finished |= (state.schedule.stage == stage) & (state.schedule.skipped >= left.clamp(min=1))
        return schedules.reject_impossible(replace(state.schedule, finished=finished))

    def _next_stages(self, schedule: Schedule, layout: Architecture, state: TrialState) -> Schedule:
        """Start the next stage of the networks that have finished another one; one that has nothing to prune ends."""
        for stage in range(1, len(self._stages(layout))):
            due = schedule.finished & (schedule.stage == stage - 1) & ~state.failed
            if due.any():
                pruned, smallest = self._pruned_of_stage(state.accepted, layout, stage)
                started = schedules.next_stage(schedule, pruned, smallest, getattr(state, f"{self.phase}_step"))
                schedule = schedules.reject_impossible(started.where(due, schedule))
        return schedule

    def thresholds(self, module: SculptingModule) -> Values:
        """Compute the accuracy that each network must reach, fixed after the first round of the first phase."""
        state, rows, by = module.state, len(module.examples.validation), module.settings.accuracy.by
        if self.accuracy_threshold is not None:
            return torch.full_like(state.threshold, self.accuracy_threshold)
        is_dense = state.threshold.isnan()
        allowed = (self.accuracy_drop, self.options.standard_errors)
        lowest = lowest_accepted(state.current.accuracy, *allowed, rows, of_variance=by == "variance")
        return torch.where(is_dense, lowest - ROUNDING, state.threshold)

    def result(self) -> TrialState:
        """Return all networks of the phase as they ended, in the order of their ids, and release them."""
        state = TrialState.concatenate(self.finished)
        self.finished.clear()
        return state.take(state.ids.argsort())

    @staticmethod
    def _unevaluated_where_failed(state: TrialState, first: bool) -> TrialState:
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

    def _stages(self, layout: Architecture) -> list[slice]:
        return [slice(0, layout.hidden_units)]

    def _ranked(self, layout: Architecture) -> int:
        return layout.hidden_units

    def _kept(self, networks: Networks, layout: Architecture) -> Chosen:
        return layout.units_kept(networks.masks)

    def _edges_of(self, chosen: Chosen, layout: Architecture) -> ChosenEdges:
        return layout.edges_of_units(chosen)


class EdgePruning(IterativePruning):
    """Prune edges, those of all layers ranked together, or those of one layer before those of others.

    If groups come first, the elements are groups, each ranked by the mean square of the scores of its edges, and then
    edges.
    """

    phase = "edge"

    def _stages(self, layout: Architecture) -> list[slice]:
        before = layout.n_groups if self.options.groups else 0
        everything = slice(before, before + layout.edges)
        ends = accumulate((fan_in * fan_out for fan_in, fan_out in layout.shapes), initial=before)
        layers = [slice(start, end) for start, end in pairwise(ends)]
        stages = {"together": [everything], "first_layer_first": [layers[0], everything], "bottom_up": layers}
        return [slice(0, before)] * self.options.groups + stages[self.options.order]

    def _ranked(self, layout: Architecture) -> int:
        return layout.edges

    def _kept(self, networks: Networks, layout: Architecture) -> Chosen:
        edges = networks.masks[:, : layout.edges]
        if not self.options.groups:
            return edges
        return torch.cat([by_group(edges.float(), layout) > 0, edges], dim=1)

    def _edges_of(self, chosen: Chosen, layout: Architecture) -> ChosenEdges:
        if not self.options.groups:
            return chosen
        of_groups, edges = chosen.split([layout.n_groups, layout.edges], dim=1)
        marked: ChosenEdges = edges | of_groups[:, torch.from_numpy(layout.groups).to(chosen.device)]
        return marked

    def _scores(self, module: SculptingModule, indices: Numbers) -> Scores:
        scores = super()._scores(module, indices)
        if not self.options.groups:
            return scores
        return torch.cat([by_group(scores.square(), module.layout), scores], dim=1)


def by_group(edges: Tensor, layout: Architecture) -> Tensor:
    """Average values of edges over the groups that these are in, ``(network, edge)`` → ``(network, group)``."""
    groups = torch.from_numpy(layout.groups).to(edges.device)
    means = edges.new_zeros(len(edges), layout.n_groups).index_add_(1, groups, edges)
    shares: Tensor = means / torch.bincount(groups, minlength=layout.n_groups)
    return shares
