"""Before a sculpted network is sculpted again: which outputs fell, and what is reopened for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from neural_sculpting.config.schemas import PruningConfig
from neural_sculpting.networks.layout import Flags, Layout, Logits, Numbers, OutputFlags, Targets, Values, as_perceptron
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.reopening import negated, reopened
from neural_sculpting.networks.state import TrialState
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.pruning.allowance import lowest_accepted
from neural_sculpting.tasks import Task
from neural_sculpting.training.metrics import Accuracy
from neural_sculpting.training.module import DENSE, SculptingModule

WITH_MASKS = 1
"""Rounds in which weights are trained with the edges that are left. Chosen, as ``FRESH``, in experiments/changing."""

REOPENED, EVERYTHING = 1000, 2000
"""Numbers of the first rounds with some edges reopened, and with all: the draws of each round are its own."""


@dataclass(frozen=True)
class OutputAccuracy(Accuracy):
    """The accuracy of some of the outputs: of one, or of those that name a class together."""

    start: int = 0
    stop: int = 0

    def correct(self, logits: Logits, targets: Logits) -> Numbers | Values | Tensor:
        """Count as :meth:`Accuracy.correct`."""
        return super().correct(logits[..., self.start : self.stop], targets[..., self.start : self.stop])

    def share(self, correct: Numbers | Values | Tensor, targets: Targets) -> Values:
        """Turn counts into the accuracy as :meth:`Accuracy.share`."""
        return super().share(correct, targets[..., self.start : self.stop])


@dataclass(frozen=True)
class Reopening:
    """Trains sculpted networks until they perform a task, with as few of their pruned edges as that takes.

    Networks that perform it as they were loaded stay so, with the opposite signs in front of outputs whose labels are
    complemented. The others train a round with their masks; outputs that meet ``required`` before or after it are
    intact. For outputs that fell, every edge comes back that no intact output is computed by, and further rounds
    follow, from the weights as they were loaded. If that is not enough, all edges come back.

    Attributes:
        everything: whether all edges come back at once, whatever the accuracy.
        required: the accuracy that all outputs together and each alone must reach.
        each: the accuracies of the outputs, in their order; those that name a class have one.
    """

    everything: bool
    required: float
    each: tuple[OutputAccuracy, ...]

    def __call__(self, module: SculptingModule) -> None:
        """Replace the networks of a module, which come from a file, by those with which pruning begins."""
        state, layout = module.state, as_perceptron(module.layout, "pruning.reopen")
        current, intact = _evaluated(module, state.current), torch.zeros_like(state.intact)
        rounds = torch.zeros_like(state.started_in)
        if not self.everything:
            intact = self._met(module, current)
            complement = self._met(module, _evaluated(module, negated(current, layout, ~intact))) & ~intact
            if complement.any():
                current, intact = _evaluated(module, negated(current, layout, complement)), intact | complement
            fallen = (~intact.all(dim=1)).nonzero().squeeze(1)
            if len(fallen):
                again, took = module.learned(state.take(fallen), *DENSE, WITH_MASKS)
                rounds[fallen] += took
                met = self._met(module, again)
                intact[fallen] |= met
                current.put(fallen, again.where(met.all(dim=1), current.take(fallen)))
        opened = ~intact.all(dim=1)
        self._open(module, layout, opened, intact, current, rounds, first=REOPENED)
        failed = opened & intact.any(dim=1) & ~(current.accuracy >= self.required)
        intact[failed] = False
        self._open(module, layout, failed, intact, current, rounds, first=EVERYTHING)
        module.state = replace(state, current=current, intact=intact, started_in=rounds)

    def _open(
        self,
        module: SculptingModule,
        layout: Layout,
        chosen: Flags,
        intact: OutputFlags,
        current: Networks,
        rounds: Numbers,
        first: int,
    ) -> None:
        """Open the edges of the chosen networks and train them, in place."""
        indices = chosen.nonzero().squeeze(1)
        if not len(indices):
            return
        state: TrialState = module.state.take(indices)
        opened = reopened(current.take(indices), layout, intact[indices], state.seeds.tolist())
        trained, took = module.learned(replace(state, current=opened), "dense", first, module.rounds.dense)
        current.put(indices, trained)
        rounds[indices] += took

    def _met(self, module: SculptingModule, networks: Networks) -> OutputFlags:
        """Whether each output meets the accuracy; none does where they do alone but not together."""
        measured, _ = module.measured(networks, module.examples.validation, *self.each)
        widths = torch.tensor([each.stop - each.start for each in self.each], device=module.device)
        met = torch.stack([values >= self.required for values in measured], dim=1).repeat_interleave(widths, dim=1)
        together = networks.accuracy >= self.required
        return met & (together | ~met.all(dim=1)).unsqueeze(1)


def reopening_of(pruning: PruningConfig, accuracy: Accuracy, start: TrainedNetwork, task: Task) -> Reopening:
    """Return what reopens a network by the settings of pruning, in terms of the accuracy by which it accepts attempts.

    Without an accuracy threshold an output may fall as far below the accuracy of the network where it was sculpted, or
    of 1 where that is not known, as pruning may.
    """
    required = pruning.accuracy_threshold
    if required is None:
        before, allowed = start.accuracy, (pruning.accuracy_drop, pruning.standard_errors)
        rows, of_variance = len(task.validation), accuracy.by == "variance"
        required = lowest_accepted(1.0 if before is None else before, *allowed, rows, of_variance)
    one_hot = accuracy.one_hot
    sizes: Sequence[int] = one_hot or (1,) * task.n_outputs
    bounds = pairwise(accumulate(sizes, initial=0))
    each = tuple(
        OutputAccuracy(accuracy.by, (size,) if one_hot else (), *bound)
        for size, bound in zip(sizes, bounds, strict=True)
    )
    return Reopening(pruning.reopen == "all", required, each)


def _evaluated(module: SculptingModule, networks: Networks) -> Networks:
    settings, examples = module.settings, module.examples
    [accuracy], loss = module.measured(networks, examples.validation, settings.accuracy)
    networks = replace(networks, accuracy=accuracy, loss=loss)
    if examples.test is None:
        return networks
    return networks.with_test_accuracies(module.measured(networks, examples.test, *settings.accuracy.reported)[0])
