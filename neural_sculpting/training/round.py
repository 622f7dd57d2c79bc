"""One round of training: every network from its weights to its best epoch."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import repeat

import torch
from torch import Tensor

from neural_sculpting.networks.draws import Draws
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Activations, Layout, Logits, Numbers, Parameters
from neural_sculpting.networks.network import Networks
from neural_sculpting.training.losses import CrossEntropy, Loss
from neural_sculpting.training.metrics import Accuracy, EvaluationSet
from neural_sculpting.training.perceptrons import StackedPerceptrons

COMPOSED_BYTES = 2**24
"""Rows of the next minibatches are composed together, up to this much memory: for a truth table a whole epoch."""


@dataclass(frozen=True)
class RoundSettings:
    """Settings of a round, which Adam trains.

    ``input_noise`` is the standard deviation of the noise on the training inputs, ``weight_decay`` the factor of the
    weights that is added to their gradient (L2, not AdamW), and ``accuracy`` chooses the best epoch.
    """

    lr: float
    batch_size: int
    epochs: int
    input_noise: float
    weight_decay: float
    accuracy: Accuracy = field(default_factory=Accuracy)
    loss: Loss = field(default_factory=CrossEntropy)

    def optimizer(self, parameters: Parameters) -> torch.optim.Adam:
        """Create the optimizer of one round."""
        return torch.optim.Adam([parameters], lr=self.lr, weight_decay=self.weight_decay, fused=True)


class Round:
    """Trains networks side by side and keeps the best epoch of each on the validation set.

    A higher accuracy wins, at equal accuracy an equal or lower loss (Patil et al. 2023, section 3). ``seed_of`` is the
    index of each network's seed among those of the draws, ``inputs`` those to which the examples were reduced, if any.
    """

    def __init__(
        self,
        networks: Networks,
        layout: Layout,
        examples: ExampleSets,
        settings: RoundSettings,
        draws: Draws,
        seed_of: Numbers,
        inputs: Tensor | None = None,
    ) -> None:
        self._examples, self._settings, self._draws, self._inputs = examples, settings, draws, inputs
        seeds, self._seed_of = seed_of.unique(return_inverse=True)
        self._seeds: list[int] = seeds.tolist()
        self._perceptrons = StackedPerceptrons(networks.parameters, layout)
        self._optimizer = settings.optimizer(self._perceptrons.parameters)
        self._masks = networks.masks.to(networks.parameters.dtype)
        self._validation = EvaluationSet(examples.validation, len(networks))
        self._best = replace(Networks.untrained(networks.parameters.clone()), masks=networks.masks)

    @torch.no_grad()
    def train(self) -> Networks:
        """Train for all epochs and return the best networks."""
        forward, loss = self._perceptrons.forward, self._settings.loss
        for epoch in range(self._settings.epochs):
            for rows, targets in self._minibatches(epoch):
                step(self._perceptrons, self._optimizer, self._masks, rows, targets, loss)
            [accuracy], validation_loss = self._validation.measure(forward, loss, self._settings.accuracy)
            self._keep_better(accuracy, validation_loss)
        return self._tested()

    def _minibatches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the minibatches of an epoch, every network with the order and the noise of its own seed."""
        training, size = self._examples.training, self._settings.batch_size
        bytes_of_minibatch = 4 * size * training.n_inputs * len(self._seed_of)
        # A power of two, of which minibatches fit blocks of noise best.
        at_once = size * (1 << max(1, COMPOSED_BYTES // bytes_of_minibatch).bit_length() - 1)
        drawn = self._draws.epoch(epoch, self._seeds, at_once, self._inputs)
        composed = drawn.order.to(training.targets.device).split(at_once, dim=1)
        noises = repeat(None, len(composed)) if drawn.noise is None else drawn.noise
        for order, noise in zip(composed, noises, strict=True):
            rows, targets = training.rows(order), training.targets_of(order)
            if noise is not None:
                rows += noise.to(rows.device) * self._settings.input_noise
            minibatches = (self._for_networks(each).split(size, dim=1) for each in (rows, targets))
            yield from zip(*minibatches, strict=True)

    def _for_networks(self, of_seeds: Tensor) -> Tensor:
        """Repeat values of each seed, ``(seed, …)``, for its networks; for a single network without a copy."""
        return of_seeds if len(self._seed_of) == 1 else of_seeds.index_select(0, self._seed_of)

    def _keep_better(self, accuracy: Tensor, loss: Tensor) -> None:
        """Replace the best networks so far by the current ones where these are better on the validation set."""
        best = self._best
        wins = (accuracy > best.accuracy) | ((accuracy == best.accuracy) & (loss <= best.loss))
        winners = (wins & loss.isfinite()).nonzero().squeeze(1)
        current = (self._perceptrons.parameters, accuracy, loss)
        for old, new in zip((best.parameters, best.accuracy, best.loss), current, strict=True):
            old.index_copy_(0, winners, new.index_select(0, winners))

    def _tested(self) -> Networks:
        """The best networks with their accuracies on the test set, if any."""
        if self._examples.test is None:
            return self._best
        test = EvaluationSet(self._examples.test, len(self._best))
        self._perceptrons.parameters.copy_(self._best.parameters)
        reported = self._settings.accuracy.reported
        measured, _ = test.measure(self._perceptrons.forward, self._settings.loss, *reported)
        return self._best.with_test_accuracies(measured)


def step(
    perceptrons: StackedPerceptrons,
    optimizer: torch.optim.Optimizer,
    masks: Parameters,
    rows: Activations,
    targets: Logits,
    loss: Loss,
) -> None:
    """Train every network on its minibatch; parameters whose mask is 0 are exactly zero afterwards."""
    *hidden, logits = perceptrons.forward(rows)
    perceptrons.backward(rows, hidden, loss.gradient(logits.to(targets.dtype), targets))
    optimizer.step()
    perceptrons.parameters.mul_(masks)
