"""One round of training: every network from its weights to its best epoch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat

import torch
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.draws import Draws, EpochDraws
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Activations, Logits, Numbers, Parameters
from neural_sculpting.networks.network import Networks
from neural_sculpting.training.losses import CrossEntropy, Loss
from neural_sculpting.training.metrics import Accuracy, EvaluationSet
from neural_sculpting.training.perceptrons import InTraining, in_training

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

    def keeps_last(self, rows: int) -> bool:
        """Whether the last of the most accurate epochs is the best: where one minibatch holds all training rows.

        Reference: the program of Patil et al. 2023, whose mean loss has no value there.
        """
        return rows <= self.batch_size

    def optimizer(self, parameters: Parameters) -> torch.optim.Adam:
        """Create the optimizer of one round."""
        return torch.optim.Adam([parameters], lr=self.lr, weight_decay=self.weight_decay, fused=True)


@dataclass(frozen=True)
class Rounds:
    """How the rounds of dense networks differ from those of pruning.

    Attributes:
        dense: how many there are at most, until a network reaches ``enough``.
        enough: the accuracy that ends them.
        pruning_lr: the learning rate of all later rounds; None for that of the dense ones.
    """

    dense: int = 1
    enough: float = 1.0
    pruning_lr: float | None = None


ONE_DENSE_ROUND = Rounds()


class Round:
    """Trains networks side by side and keeps the best epoch of each on the validation set.

    A higher accuracy wins, at equal accuracy an equal or lower loss (Patil et al. 2023, section 3), or where one
    minibatch holds all rows the last epoch, as in the authors' program. ``stream_of`` is the index of each network's
    stream among those of the draws, ``inputs`` those to which the examples were reduced, if any.
    """

    def __init__(
        self,
        networks: Networks,
        layout: Architecture,
        examples: ExampleSets,
        settings: RoundSettings,
        draws: Draws,
        stream_of: Numbers,
        inputs: Tensor | None = None,
    ) -> None:
        self._examples, self._settings, self._draws, self._inputs = examples, settings, draws, inputs
        streams, self._stream_of = stream_of.unique(return_inverse=True)
        self._streams: list[int] = streams.tolist()
        self._trained = in_training(networks.parameters, layout)
        self._optimizer = settings.optimizer(self._trained.parameters)
        self._masks = networks.masks.to(networks.parameters.dtype)
        self._validation = EvaluationSet(examples.validation, len(networks))
        self._best = Networks.untrained(networks.parameters.clone(), networks.masks)

    @torch.no_grad()
    def train(self) -> Networks:
        """Train for all epochs and return the best networks."""
        logits, loss = self._trained.logits, self._settings.loss
        for drawn in self._draws.by_epoch(self._streams, self._rows_at_once, self._inputs):
            for rows, targets in self._minibatches(drawn):
                step(self._trained, self._optimizer, self._masks, rows, targets, loss)
            [accuracy], validation_loss = self._validation.measure(logits, loss, self._settings.accuracy)
            self._keep_better(accuracy, validation_loss)
        return self._tested()

    @property
    def _rows_at_once(self) -> int:
        """The rows of minibatches that are composed together."""
        bytes_of_minibatch = 4 * self._settings.batch_size * self._examples.training.n_inputs * len(self._stream_of)
        return self._settings.batch_size * max(1, COMPOSED_BYTES // bytes_of_minibatch)

    def _minibatches(self, drawn: EpochDraws) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the minibatches of an epoch, every network with the order and the noise of its own stream."""
        training, size = self._examples.training, self._settings.batch_size
        composed = drawn.order.to(training.targets.device).split(self._rows_at_once, dim=1)
        noises = repeat(None, len(composed)) if drawn.noise is None else drawn.noise
        for order, noise in zip(composed, noises, strict=True):
            rows, targets = training.rows(order), training.targets_of(order)
            if noise is not None:
                rows += noise.to(rows.device) * self._settings.input_noise
            minibatches = (self._for_networks(each).split(size, dim=1) for each in (rows, targets))
            yield from zip(*minibatches, strict=True)

    def _for_networks(self, of_streams: Tensor) -> Tensor:
        """Repeat values of each stream, ``(stream, …)``, for its networks; for a single network without a copy."""
        return of_streams if len(self._stream_of) == 1 else of_streams.index_select(0, self._stream_of)

    def _keep_better(self, accuracy: Tensor, loss: Tensor) -> None:
        """Replace the best networks so far by the current ones where these are better on the validation set."""
        best = self._best
        better_loss = (loss <= best.loss) | self._settings.keeps_last(len(self._examples.training))
        wins = (accuracy > best.accuracy) | ((accuracy == best.accuracy) & better_loss)
        winners = (wins & loss.isfinite()).nonzero().squeeze(1)
        current = (self._trained.parameters, accuracy, loss)
        for old, new in zip((best.parameters, best.accuracy, best.loss), current, strict=True):
            old.index_copy_(0, winners, new.index_select(0, winners))

    def _tested(self) -> Networks:
        if self._examples.test is None:
            return self._best
        test = EvaluationSet(self._examples.test, len(self._best))
        self._trained.parameters.copy_(self._best.parameters)
        reported = self._settings.accuracy.reported
        measured, _ = test.measure(self._trained.logits, self._settings.loss, *reported)
        return self._best.with_test_accuracies(measured)


def step(
    trained: InTraining,
    optimizer: torch.optim.Optimizer,
    masks: Parameters,
    rows: Activations,
    targets: Logits,
    loss: Loss,
) -> None:
    """Train every network on its minibatch; parameters whose mask is 0 are exactly zero afterwards."""
    trained.differentiate(rows, lambda logits: loss.gradient(logits.to(targets.dtype), targets))
    optimizer.step()
    trained.parameters.mul_(masks)
