"""Training in other ways than sculpting does: with a penalty, or with weights that are changed after every step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.sculpting.sculpt import round_settings
from neural_sculpting.tasks import Task
from neural_sculpting.training.metrics import EvaluationSet

STEPS = 6000
"""Minibatches that a method trains with: about as many as the rounds of sculpting one network of a small task take."""

HALVINGS = 12
"""Sparsities are tried by bisection: the last two differ by 1/2**12 of the edges."""

Penalty = Callable[[list[Tensor], float], Tensor]
"""From the weights, ``(network, fan_in, fan_out)`` for each matrix, and the share of training that is over, to what is
added to the loss of each network, ``(network,)``."""

Change = Callable[[list[Tensor], float], None]
"""Changes the same weights in place."""


@dataclass(frozen=True, eq=False)
class Training:
    """Networks of several seeds to be trained for a task; they start as those that are sculpted.

    Attributes:
        task: the task.
        config: whose sections ``training`` and ``pruning`` give the settings, and the accuracy asked for.
        layout: the shape of the networks.
        seeds: of the networks.
    """

    task: Task
    config: Config
    layout: Architecture
    seeds: Sequence[int]

    @cached_property
    def _sets(self) -> ExampleSets:
        return ExampleSets.of(self.task)

    def weights(self, parameters: Tensor) -> list[Tensor]:
        """View parameters, ``(network, parameter)``, as ``(network, fan_in, fan_out)`` for each weight matrix."""
        sizes = [fan_in * fan_out for fan_in, fan_out in self.layout.shapes]
        pieces = parameters[:, : self.layout.edges].split(sizes, dim=1)
        return [piece.view(-1, *shape) for piece, shape in zip(pieces, self.layout.shapes, strict=True)]

    def run(self, penalty: Penalty | None = None, change: Change | None = None, steps: int = STEPS) -> Tensor:
        """Train all networks at once with Adam, and return their parameters, ``(network, parameter)``.

        Args:
            penalty: added to the loss.
            change: of the weights after each step.
            steps: minibatches.
        """
        settings, training = round_settings(self.config, self.task), self._sets.training
        parameters = start_parameters([*self.seeds], self.layout).requires_grad_()
        optimizer = (
            replace(settings, weight_decay=0.0).optimizer(parameters) if penalty else settings.optimizer(parameters)
        )
        random = [np.random.default_rng([seed, 1]) for seed in self.seeds]
        size = min(settings.batch_size, len(training))
        for step in range(steps):
            chosen = torch.from_numpy(np.stack([each.choice(len(training), size, replace=False) for each in random]))
            rows = training.rows(chosen)
            if settings.input_noise:
                noise = np.stack([each.standard_normal(rows.shape[1:], dtype=np.float32) for each in random])
                rows = rows + settings.input_noise * torch.from_numpy(noise)
            loss = settings.loss.summed(self.layout.logits(parameters, rows), training.targets_of(chosen))
            if penalty is not None:
                loss = loss + penalty(self.weights(parameters), step / steps).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if change is not None:
                with torch.no_grad():
                    change(self.weights(parameters), step / steps)
        return parameters.detach()

    @torch.no_grad()
    def pruned(self, parameters: Tensor) -> tuple[PackedNetworks, NDArray[np.bool_]]:
        """Set the smallest weights of each network to zero, as many as its accuracy allows, by bisection.

        Returns:
            The networks, and whether each has the accuracy that sculpting asks for, ``(network,)``.
        """
        sizes = parameters[:, : self.layout.edges].abs()
        ranks = sizes.argsort(dim=1, stable=True).argsort(dim=1)
        asked = self._asked(self._accuracy(parameters))
        low, high = torch.zeros(len(sizes)), torch.full((len(sizes),), float(self.layout.edges))
        low = (sizes == 0).sum(dim=1).float()
        learned = self._accuracy(parameters) >= asked
        for _ in range(HALVINGS):
            middle = ((low + high) / 2).floor()
            able = self._accuracy(parameters * self._kept(ranks, middle)) >= asked
            low, high = torch.where(able, middle, low), torch.where(able, high, middle)
        kept = self._kept(ranks, low)
        packed = [np.packbits(each[: self.layout.edges].numpy()) for each in kept]
        values = [row[each].numpy() for row, each in zip(parameters, kept, strict=True)]
        counts = np.array(list(map(len, values)), dtype=np.int64)
        return PackedNetworks(self.layout, np.stack(packed), np.concatenate(values), counts), learned.numpy()

    def _kept(self, ranks: Tensor, pruned: Tensor) -> Tensor:
        return self.layout.with_bias_masks(ranks >= pruned[:, None])

    def _accuracy(self, parameters: Tensor) -> Tensor:
        settings, validation = (
            round_settings(self.config, self.task),
            EvaluationSet(self._sets.validation, len(parameters)),
        )
        [accuracy], _ = validation.measure(
            lambda rows: self.layout.logits(parameters, rows), settings.loss, settings.accuracy
        )
        return accuracy

    def _asked(self, dense: Tensor) -> Tensor:
        pruning = self.config.pruning
        if pruning.accuracy_threshold is not None:
            return torch.full_like(dense, pruning.accuracy_threshold)
        return dense - (pruning.accuracy_drop or 0.0)
