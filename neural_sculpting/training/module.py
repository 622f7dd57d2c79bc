"""Training of a batch of masked networks, one round at a time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from lightning.pytorch import LightningModule

from neural_sculpting.networks.draws import Draws, draw_round
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout, Masks, Numbers
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.stacks import Compaction, Stack, Stacking, widths_of
from neural_sculpting.networks.state import TrialState
from neural_sculpting.training.round import Round, RoundSettings

Narrowing = Callable[[Masks, Layout], Compaction | None] | None

KEY = "sculpting"
"""The key of the networks in a checkpoint."""


class SculptingModule(LightningModule):
    """Trains all networks of a batch; one ``training_step`` is one whole round of every network.

    A round starts from the current weights with a fresh optimizer and ends with the best epoch of each network.
    """

    def __init__(self, layout: Layout, examples: ExampleSets, settings: RoundSettings, state: TrialState) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.layout = layout
        self.examples = examples
        self.settings = settings
        self.state = state
        self.phase = "unit"
        self.attempt = 0

    @property
    def stacking(self) -> Stacking:
        """The division of the batch into networks that are computed side by side."""
        return Stacking.of(self.layout, self.device, self.settings.batch_size, self.examples.sizes)

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
        networks = self.state.current
        seeds, seed_of = self.state.seeds.unique(return_inverse=True)
        training = self.examples.training
        shape = (self.settings.epochs, len(training), self.layout.layers[0])
        draws = draw_round(seeds.tolist(), self.phase, self.attempt, shape, self.settings.input_noise > 0, self.device)
        best = Networks.untrained(torch.empty_like(networks.parameters))
        for stack, narrowing in self._stacks(networks):
            trained = self._round(networks.take(stack.indices), narrowing, seed_of[stack.indices], draws)
            best.put(stack.indices[: stack.count], trained.take(slice(stack.count)))
        self.state.current = best

    def _stacks(self, networks: Networks) -> Iterator[tuple[Stack, Narrowing]]:
        everything, stacking = torch.arange(len(networks), device=self.device), self.stacking
        if stacking.one_by_one:
            yield from ((stack, Compaction.to_used) for stack in stacking.stacks(everything))
            return
        widths, widest = widths_of(networks.masks, self.layout), max(self.layout.layers[1:-1])
        for width in widths.unique().tolist():
            alike = everything[widths == width]
            narrowing = partial(Compaction.to_width, width=width) if width < widest else None
            yield from ((stack, narrowing) for stack in stacking.stacks(alike))

    def _round(self, networks: Networks, narrowing: Narrowing, seed_of: Numbers, draws: Draws) -> Networks:
        """Train networks side by side, in layers as narrow as possible."""
        compaction = None if narrowing is None else narrowing(networks.masks, self.layout)
        if compaction is None:
            return Round(networks, self.layout, self.examples, self.settings, draws, seed_of).train()
        parameters, masks = compaction.narrow(networks.parameters), compaction.narrow(networks.masks)
        narrow = replace(networks, parameters=parameters, masks=masks)
        examples, inputs = self.examples, None
        if compaction.layout.layers[0] < self.layout.layers[0]:  # of a network alone
            inputs = compaction.inputs[0]
            examples = examples.only(inputs)
        best = Round(narrow, compaction.layout, examples, self.settings, draws, seed_of, inputs).train()
        wide = compaction.widen(best.parameters, self.layout.parameters)
        return replace(best, parameters=wide, masks=networks.masks)


def as_sculpting(module: LightningModule) -> SculptingModule:
    """Check that a trainer's module is the one that callbacks of this package need, and return it."""
    if not isinstance(module, SculptingModule):
        raise TypeError(f"this callback needs a SculptingModule, not {type(module).__name__}")
    return module
