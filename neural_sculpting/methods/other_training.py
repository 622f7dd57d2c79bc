"""Training in other ways than sculpting does: with a penalty, or with weights that are changed after every step."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, repeat
from math import ceil, nan

import torch
from torch import Tensor

from neural_sculpting.config.schemas import Config
from neural_sculpting.native.build import NoKernelError, load_kernel
from neural_sculpting.native.engine import NativeNormals
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.draws import CPU, Draws, draws_of
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.stacks import Stacking
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.sculpt import round_settings
from neural_sculpting.tasks import Task
from neural_sculpting.training.module import DENSE
from neural_sculpting.training.perceptrons import InTraining, in_training

STEPS = 5000
"""Minibatches: nothing is pruned on the way, so that networks are trained long before sculpting ends."""

Penalty = Callable[[Tensor, float], Tensor]
"""From the weights of all edges, ``(network, edge)``, and the share of training that is over, to what is added to the
loss of each network, ``(network,)``."""

Change = Callable[[Tensor, float], None]
"""Changes the same weights in place; a unit without any incoming weight then loses its bias."""


@dataclass(frozen=True, eq=False)
class Training:
    """Networks to be trained for a task; they start, and draw minibatches, as those that are sculpted.

    Attributes:
        task: the task.
        config: whose section ``training`` gives the settings.
        layout: the shape of the networks.
        seeds: of all networks that are computed.
        trials: how many of them count; others fill a stack, so that no bit depends on their number.
        steps: minibatches of each.
    """

    task: Task
    config: Config
    layout: Architecture
    seeds: Sequence[int]
    trials: int
    steps: int

    @classmethod
    def of(cls, task: Task, config: Config, layout: Architecture, seeds: Sequence[int], steps: int) -> "Training":
        """Fill the stack with the last seed."""
        sizes = ExampleSets.of(task).sizes
        padding = Stacking.of(layout, CPU, round_settings(config, task).batch_size, sizes).padding
        return cls(task, config, layout, [*seeds, *repeat(seeds[-1], -len(seeds) % padding)], len(seeds), steps)

    @classmethod
    def beside(cls, group: GroupRecord, task: Task) -> "Training":
        """Train a network for each trial of a group."""
        return cls.of(task, group.config, group.layout, group.selected_trials["seed"].tolist(), STEPS)

    @torch.no_grad()
    def run(self, penalty: Penalty | None = None, change: Change | None = None) -> Tensor:
        """Train all networks at once with Adam, and return their parameters at the end, ``(network, parameter)``.

        Args:
            penalty: added to the loss.
            change: of the weights after each step.
        """
        settings, layout = round_settings(self.config, self.task), self.layout
        start = start_parameters([*self.seeds], layout)
        trained = in_training(start, layout)
        optimizer = settings.optimizer(trained.parameters)
        for step, (rows, targets) in enumerate(islice(self._minibatches(), self.steps)):
            trained.differentiate(rows, partial(settings.loss.gradient, targets=targets))
            if penalty is not None:
                _add_gradient(penalty, trained, layout.edges, step / self.steps)
            optimizer.step()
            if change is not None:
                edges = trained.parameters[:, : layout.edges]
                change(edges, step / self.steps)
                trained.parameters.mul_(layout.with_bias_masks(edges != 0))
        return trained.parameters

    def _minibatches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the minibatches of one epoch after the other, drawn as in the first round of a trial."""
        training, settings = ExampleSets.of(self.task).training, round_settings(self.config, self.task)
        size, noise = settings.batch_size, settings.input_noise
        epochs = ceil(self.steps / ceil(len(training) / size))
        shape = (epochs, len(training), size, self.layout.inputs)
        draws = _fast(draws_of([(seed, nan) for seed in self.seeds], *DENSE, shape, noise > 0))
        for drawn in draws.by_epoch([*range(len(self.seeds))], size):
            normals = repeat(None) if drawn.noise is None else drawn.noise
            for order, normal in zip(drawn.order.split(size, dim=1), normals, strict=False):
                rows = training.rows(order)
                yield rows if normal is None else rows + normal * noise, training.targets_of(order)


def _add_gradient(penalty: Penalty, trained: InTraining, edges: int, over: float) -> None:
    weights = trained.parameters[:, :edges].detach().requires_grad_()
    with torch.enable_grad():
        [gradient] = torch.autograd.grad(penalty(weights, over).sum(), weights)
    assert trained.parameters.grad is not None
    trained.parameters.grad[:, :edges].add_(gradient)


def _fast(draws: Draws) -> Draws:
    try:
        return replace(draws, normals=NativeNormals(load_kernel()))
    except NoKernelError:
        return draws  # numpy draws the same
