"""One round of training: every network from its weights to its best epoch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from neural_sculpting.training.metrics import bit_accuracy, loss_gradient, loss_of_each
from neural_sculpting.training.perceptrons import StackedPerceptrons
from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.network import Networks
from neural_sculpting.trials.shapes import Activations, Inputs, Logits, Numbers, Parameters, Targets
from neural_sculpting.trials.streams import RoundDraws


@dataclass(frozen=True)
class RoundSettings:
    """How a round is trained.

    Attributes:
        lr: Adam's learning rate.
        batch_size: rows of a minibatch; the last one of an epoch may have fewer.
        epochs: epochs of a round.
        input_noise: standard deviation of the noise on the training inputs.
        weight_decay: factor of the weights that is added to their gradient (L2, not AdamW).
    """

    lr: float
    batch_size: int
    epochs: int
    input_noise: float
    weight_decay: float

    def optimizer(self, parameters: Parameters) -> torch.optim.Adam:
        """The optimizer of one round."""
        return torch.optim.Adam([parameters], lr=self.lr, weight_decay=self.weight_decay, fused=True)


class Round:
    """Trains networks side by side and keeps, for each of them, the best of its epochs on the clean table.

    A higher accuracy wins, at equal accuracy an equal or lower loss (Patil et al. 2023, section 3).

    Args:
        networks: the masked networks, each with weights of its own.
        layout: their shape.
        inputs: ``(row, input)``, the whole table.
        targets: ``(row, output)``.
        settings: how they are trained.
        draws: the orders and the noise of each seed.
        seed_of: the place of each network's seed among those of the draws, ``(network,)``.
    """

    def __init__(
        self,
        networks: Networks,
        layout: Layout,
        inputs: Inputs,
        targets: Targets,
        settings: RoundSettings,
        draws: RoundDraws,
        seed_of: Numbers,
    ) -> None:
        self._inputs, self._targets = inputs, targets
        self._settings = settings
        self._draws, self._seed_of = draws, seed_of
        self._perceptrons = StackedPerceptrons(networks.parameters, layout)
        self._optimizer = settings.optimizer(self._perceptrons.parameters)
        self._masks = networks.masks.to(networks.parameters.dtype)
        self._table = inputs.expand(len(networks), -1, -1).contiguous()
        self._best = replace(Networks.untrained(networks.parameters.clone()), masks=networks.masks)

    @torch.no_grad()
    def train(self) -> Networks:
        """Train for all epochs and return the best networks."""
        for epoch in range(self._settings.epochs):
            for rows, targets in self._minibatches(epoch):
                step(self._perceptrons, self._optimizer, self._masks, rows, targets)
            self._keep_better(self._perceptrons.forward(self._table)[-1])
        return self._best

    def _minibatches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The minibatches of an epoch, every network with the order and the noise of its own seed."""
        device, draws, size = self._inputs.device, self._draws, self._settings.batch_size
        order = draws.order[epoch].to(device)
        rows, targets = (
            table.index_select(0, order.flatten()).unflatten(0, order.shape) for table in (self._inputs, self._targets)
        )
        if draws.noise is not None:
            rows += draws.noise[epoch].to(device) * self._settings.input_noise
        yield from zip(
            rows.index_select(0, self._seed_of).split(size, dim=1),
            targets.index_select(0, self._seed_of).split(size, dim=1),
            strict=True,
        )

    def _keep_better(self, logits: Logits) -> None:
        """Put the present networks in place of the best so far where their logits on the clean table are better."""
        best, targets = self._best, self._targets.expand_as(logits)
        accuracy, loss = bit_accuracy(logits, targets), loss_of_each(logits, targets)
        wins = (accuracy > best.accuracy) | ((accuracy == best.accuracy) & (loss <= best.loss))
        winners = (wins & loss.isfinite()).nonzero().squeeze(1)
        present = (self._perceptrons.parameters, accuracy, loss)
        for old, new in zip((best.parameters, best.accuracy, best.loss), present, strict=True):
            old.index_copy_(0, winners, new.index_select(0, winners))


def step(
    perceptrons: StackedPerceptrons,
    optimizer: torch.optim.Optimizer,
    masks: Parameters,
    rows: Activations,
    targets: Logits,
) -> None:
    """Train every network on its minibatch; whatever the optimizer does, a masked weight is exactly zero afterwards.

    Args:
        perceptrons: the networks.
        optimizer: of their parameters.
        masks: 1 for parameters that are left, 0 for pruned ones, ``(network, parameter)``.
        rows: ``(network, row, input)``.
        targets: ``(network, row, output)``.
    """
    *hidden, logits = perceptrons.forward(rows)
    perceptrons.backward(rows, hidden, loss_gradient(logits, targets))
    optimizer.step()
    perceptrons.parameters.mul_(masks)
