"""Training of a batch of masked networks, one round at a time."""

from dataclasses import replace

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from neural_sculpting.training.round import Round, RoundSettings
from neural_sculpting.trials.compact import Compaction, widths_of
from neural_sculpting.trials.layout import Layout
from neural_sculpting.trials.network import PADDING, Networks, padded
from neural_sculpting.trials.shapes import Inputs, Numbers, Targets
from neural_sculpting.trials.state import TrialState
from neural_sculpting.trials.streams import RoundDraws, draw_round


class SculptingModule(LightningModule):
    """Trains all networks of a batch; one ``training_step`` is one whole round of every network.

    A round starts from the current weights with a fresh optimizer and ends with the best epoch of each network.

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

    def _round(self, networks: Networks, layout: Layout, seed_of: Numbers, draws: RoundDraws) -> Networks:
        return Round(networks, layout, self.inputs, self.targets, self.settings, draws, seed_of).train()


def as_sculpting(module: LightningModule) -> SculptingModule:
    """The module of a trainer as what the callbacks of this package work with.

    Raises:
        TypeError: if it is another one.
    """
    if not isinstance(module, SculptingModule):
        raise TypeError(f"this callback needs a SculptingModule, not {type(module).__name__}")
    return module
