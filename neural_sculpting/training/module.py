"""Training of a batch of masked networks, one round at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from neural_sculpting.training.metrics import bit_accuracy, loss_gradient, loss_of_each
from neural_sculpting.training.perceptrons import StackedPerceptrons
from neural_sculpting.trials.compact import Compaction, widths_of
from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.network import PADDING, Networks, padded
from neural_sculpting.trials.shapes import Activations, Inputs, Logits, Numbers, Parameters, Targets
from neural_sculpting.trials.state import TrialState
from neural_sculpting.trials.streams import RoundDraws, draw_round


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


class SculptingModule(LightningModule):
    """Trains all networks of a batch; one ``training_step`` is one whole round of every network.

    A round starts from the current weights with a fresh optimizer and keeps, for each network, the best of its
    epochs on the clean table: a higher accuracy wins, at equal accuracy an equal or lower loss
    (Patil et al. 2023, section 3).

    Args:
        layout: the shape of the networks.
        inputs: ``(row, input)``, the whole table.
        targets: ``(row, output)``, of zeros and ones.
        settings: how a round is trained.
        state: the networks.
    """

    inputs: Tensor
    targets: Tensor

    def __init__(
        self, layout: Layout, inputs: Inputs, targets: Targets, settings: RoundSettings, state: TrialState
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.layout = layout
        self.settings = settings
        self.state = state
        self.phase = "unit"
        self.attempt = 0
        self.register_buffer("inputs", inputs, persistent=False)
        self.register_buffer("targets", targets, persistent=False)

    @property
    def padding(self) -> int:
        """Networks are computed in multiples of this many: of 32 instead of 16 where logits of odd number need it."""
        rows, outputs = self.targets.shape
        size = min(self.settings.batch_size, rows)
        logits = [count * outputs for count in (rows, size, rows % size)]
        return 2 * PADDING if any(number % 2 for number in logits) else PADDING

    def configure_optimizers(self) -> None:
        """No optimizer outlives a round: each round makes its own, together with the parameters that it trains."""

    def on_fit_start(self) -> None:
        """Bring the networks to where the module is."""
        self.state = self.state.to(self.device)

    def training_step(self, batch: object, batch_idx: int) -> None:
        """Train one round; ``state.current`` holds the best epoch of each network afterwards.

        Networks that are down to narrow layers are computed in narrow layers.
        """
        networks = self.state.current
        seeds, seed_of = self.state.seeds.unique(return_inverse=True)
        shape = (self.settings.epochs, *self.inputs.shape)
        draws = draw_round(seeds.tolist(), self.phase, self.attempt, shape, self.settings.input_noise > 0)
        widths = widths_of(networks.masks, self.layout)
        places, results = [], []
        for width in widths.unique().tolist():
            alike = (widths == width).nonzero().squeeze(1)
            repeated = alike[padded(len(alike), self.device, self.padding)]
            result = self._narrow_round(networks.take(repeated), width, seed_of[repeated], draws)
            places.append(alike)
            results.append(result.take(slice(len(alike))))
        self.state.current = Networks.concatenate(results).take(torch.cat(places).argsort())

    def _narrow_round(self, networks: Networks, width: int, seed_of: Numbers, draws: RoundDraws) -> Networks:
        """A round of networks of which no hidden layer uses more units than the width."""
        if width >= max(self.layout.layers[1:-1]):
            return self._round(networks, self.layout, seed_of, draws)
        compaction = Compaction.to_width(networks.masks, self.layout, width)
        parameters, masks = compaction.narrow(networks.parameters), compaction.narrow(networks.masks)
        narrow = replace(networks, parameters=parameters, masks=masks)
        best = self._round(narrow, compaction.layout, seed_of, draws)
        wide = compaction.widen(best.parameters, self.layout.parameters)
        return replace(best, parameters=wide, masks=networks.masks)

    @torch.no_grad()
    def _round(self, networks: Networks, layout: Layout, seed_of: Numbers, draws: RoundDraws) -> Networks:
        perceptrons = StackedPerceptrons(networks.parameters, layout)
        optimizer = self.fresh_optimizer(perceptrons)
        masks = networks.masks.to(networks.parameters.dtype)
        table = self.inputs.expand(len(networks), -1, -1).contiguous()
        best = replace(Networks.untrained(networks.parameters.clone()), masks=networks.masks)
        for epoch in range(self.settings.epochs):
            for rows, targets in self._minibatches(draws, epoch, seed_of):
                step(perceptrons, optimizer, masks, rows, targets)
            self._keep_better(best, perceptrons.parameters, perceptrons.forward(table)[-1])
        return best

    def fresh_optimizer(self, perceptrons: StackedPerceptrons) -> torch.optim.Adam:
        """The optimizer of one round."""
        settings = self.settings
        parameters = [perceptrons.parameters]
        return torch.optim.Adam(parameters, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)

    def _minibatches(self, draws: RoundDraws, epoch: int, seed_of: Numbers) -> Iterator[tuple[Tensor, Tensor]]:
        """The minibatches of an epoch, every network with the order and the noise of its own seed."""
        order = draws.order[epoch].to(self.device)
        rows, targets = (
            table.index_select(0, order.flatten()).unflatten(0, order.shape) for table in (self.inputs, self.targets)
        )
        if draws.noise is not None:
            rows += draws.noise[epoch].to(self.device) * self.settings.input_noise
        size = self.settings.batch_size
        yield from zip(
            rows.index_select(0, seed_of).split(size, dim=1),
            targets.index_select(0, seed_of).split(size, dim=1),
            strict=True,
        )

    def _keep_better(self, best: Networks, parameters: Parameters, logits: Logits) -> None:
        """Put the present networks in place of the best so far where their logits on the clean table are better."""
        targets = self.targets.expand_as(logits)
        accuracy, loss = bit_accuracy(logits, targets), loss_of_each(logits, targets)
        wins = (accuracy > best.accuracy) | ((accuracy == best.accuracy) & (loss <= best.loss))
        winners = (wins & loss.isfinite()).nonzero().squeeze(1)
        for kept, present in ((best.parameters, parameters), (best.accuracy, accuracy), (best.loss, loss)):
            kept.index_copy_(0, winners, present.index_select(0, winners))


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


def as_sculpting(module: LightningModule) -> SculptingModule:
    """The module of a trainer as what the callbacks of this package work with.

    Raises:
        TypeError: if it is another one.
    """
    if not isinstance(module, SculptingModule):
        raise TypeError(f"this callback needs a SculptingModule, not {type(module).__name__}")
    return module
