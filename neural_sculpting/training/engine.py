"""What trains the networks of a batch: a round at a time, on one engine or another."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.draws import Draws, Normals, normal_numbers
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout, Masks, Numbers
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.stacks import Compaction, Stack, Stacking, widths_of
from neural_sculpting.training.round import Round, RoundSettings

_Narrowing = Callable[[Masks], Compaction | None]


@dataclass(frozen=True)
class Engine(ABC):
    """Trains rounds of networks of one shape."""

    layout: Architecture
    settings: RoundSettings
    name: ClassVar[str]

    @abstractmethod
    def train(self, networks: Networks, examples: ExampleSets, draws: Draws, stream_of: Numbers) -> Networks:
        """Train a round and return each network at its best epoch (see :class:`~.round.Round`).

        Args:
            networks: where the round starts; they stay as they are.
            examples: on the device of the networks.
            draws: the order of the rows, and the noise, of some streams.
            stream_of: the index of each network's stream among those of the draws.
        """


@dataclass(frozen=True)
class TorchEngine(Engine):
    """Trains with torch, on any device: networks side by side, in layers as narrow as possible.

    ``normals`` computes the noise on a CPU; all that do give the same numbers.
    """

    normals: Normals = normal_numbers
    name: ClassVar[str] = "torch"

    def train(self, networks: Networks, examples: ExampleSets, draws: Draws, stream_of: Numbers) -> Networks:
        """Train a round and return each network at its best epoch."""
        best, draws = Networks.untrained(torch.empty_like(networks.parameters)), replace(draws, normals=self.normals)
        for stack, narrowing in self._stacks(networks, examples):
            trained = self._round(networks.take(stack.indices), narrowing, examples, draws, stream_of[stack.indices])
            best.put(stack.indices[: stack.count], trained.take(slice(stack.count)))
        return best

    def _stacks(self, networks: Networks, examples: ExampleSets) -> Iterator[tuple[Stack, _Narrowing | None]]:
        device, layout = networks.parameters.device, self.layout
        stacking = Stacking.of(layout, device, self.settings.batch_size, examples.sizes)
        everything = torch.arange(len(networks), device=device)
        if not isinstance(layout, Layout):
            yield from ((stack, None) for stack in stacking.stacks(everything))
            return
        if stacking.one_by_one:
            to_used = partial(Compaction.to_used, layout=layout)
            yield from ((stack, to_used) for stack in stacking.stacks(everything))
            return
        widths, widest = widths_of(networks.masks, layout), max(layout.layers[1:-1])
        for width in widths.unique().tolist():
            alike = everything[widths == width]
            narrowing = partial(Compaction.to_width, layout=layout, width=width) if width < widest else None
            yield from ((stack, narrowing) for stack in stacking.stacks(alike))

    def _round(
        self, networks: Networks, narrowing: _Narrowing | None, examples: ExampleSets, draws: Draws, stream_of: Numbers
    ) -> Networks:
        compaction = None if narrowing is None else narrowing(networks.masks)
        if compaction is None:
            return Round(networks, self.layout, examples, self.settings, draws, stream_of).train()
        parameters, masks = compaction.narrow(networks.parameters), compaction.narrow(networks.masks)
        narrow = replace(networks, parameters=parameters, masks=masks)
        inputs = None
        if compaction.layout.inputs < self.layout.inputs:  # of a network alone
            inputs = compaction.inputs[0]
            examples = examples.only(inputs)
        best = Round(narrow, compaction.layout, examples, self.settings, draws, stream_of, inputs).train()
        wide = compaction.widen(best.parameters, self.layout.parameters)
        return replace(best, parameters=wide, masks=networks.masks)
