"""Rounds of training that are compared: by the engines of the package, and in plain torch."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout, Values, as_perceptron
from neural_sculpting.sculpting.devices import engine_of
from neural_sculpting.sculpting.sculpt import round_settings, untrained
from neural_sculpting.tasks import Task
from neural_sculpting.training.module import SculptingModule

TrainRound = Callable[[], Values]
"""Trains a round from the same start, and returns the validation loss of each network's best epoch."""


def dense_module(task: Task, config: Config, seeds: Sequence[int]) -> SculptingModule:
    """Make a dense network for each of some seeds, not all distinct, for the engine that a configuration asks for."""
    layout = Layout((task.n_inputs, *config.arch.hidden, task.n_outputs))
    examples, settings = ExampleSets.of(task), round_settings(config, task)
    engine = engine_of(config.trainer, layout, settings, len(examples.training))
    return SculptingModule(layout, examples, settings, untrained(seeds, layout), engine)


def engine_round(module: SculptingModule, precision: str = "fp32") -> TrainRound:
    """Prepare a round by the engine: random draws, training, evaluations, choice of the best epoch."""
    start = module.state.current

    def run() -> Values:
        module.state.current = start
        with torch.autocast(module.device.type, torch.bfloat16) if precision == "bf16" else nullcontext():
            module.training_step(None, 0)
        if module.device.type == "cuda":
            torch.cuda.synchronize(module.device)
        return module.state.current.loss

    return run


class PlainTorch:
    """The same round in the way that torch suggests: batched products, autograd, fused Adam.

    Draws, masks, minibatches, evaluations and the choice of the best epoch are as in the engine; networks of one seed
    share their draws. The loss is cross-entropy, the accuracy by bits, and there is no test set.
    """

    def __init__(self, module: SculptingModule) -> None:
        self.settings, networks = module.settings, module.state.current
        start, masks = (
            as_perceptron(module.layout, "these").split(each) for each in (networks.parameters, networks.masks.float())
        )
        self.start, self.masks = [*start[0], *start[1]], [*masks[0], *masks[1]]
        sets = (module.examples.training, module.examples.validation)
        self.training, self.validation = ((each.rows(torch.arange(len(each))), each.targets) for each in sets)
        self.seeds, self.seed_of = module.state.seeds.unique(return_inverse=True)

    def forward(self, parameters: Sequence[Tensor], rows: Tensor) -> Tensor:
        """Compute the logits, ``(network, row, output)``."""
        depth = len(parameters) // 2
        for layer, (weight, bias) in enumerate(zip(parameters[:depth], parameters[depth:], strict=True)):
            rows = torch.baddbmm(bias, rows if layer == 0 else rows.relu(), weight)
        return rows

    def round(self) -> Values:
        """Train for a round with a fresh optimizer, and return the loss of each network's best epoch."""
        settings, networks = self.settings, len(self.seed_of)
        parameters = [each.clone().requires_grad_() for each in self.start]
        optimizer = torch.optim.Adam(parameters, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)
        best = [each.clone() for each in self.start]
        best_accuracy, best_loss = torch.full((networks,), -torch.inf), torch.full((networks,), torch.inf)
        rows, wanted = (each.expand(networks, -1, -1) for each in self.validation)
        for _ in range(settings.epochs):
            for minibatch, targets in self.minibatches():
                logits = self.forward(parameters, minibatch)
                loss = binary_cross_entropy_with_logits(logits, targets, reduction="sum") / targets[0].numel()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                with torch.no_grad():
                    torch._foreach_mul_(parameters, self.masks)
            with torch.no_grad():
                logits = self.forward(parameters, rows)
                losses = binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean(dim=(1, 2))
                accuracy = ((logits > 0) == (wanted > 0.5)).float().mean(dim=(1, 2))
                better = (accuracy > best_accuracy) | ((accuracy == best_accuracy) & (losses <= best_loss))
                for kept, now in zip(best, parameters, strict=True):
                    torch.where(better[:, None, None], now, kept, out=kept)
                best_accuracy, best_loss = accuracy.where(better, best_accuracy), losses.where(better, best_loss)
        return best_loss

    def minibatches(self) -> Sequence[tuple[Tensor, Tensor]]:
        """Draw an epoch: the order and the noise of each seed, ``(network, row, …)`` in minibatches."""
        inputs, targets = self.training
        order = torch.rand(len(self.seeds), len(inputs)).argsort(dim=1)
        rows = inputs[order]
        if self.settings.input_noise:
            rows += self.settings.input_noise * torch.randn_like(rows)
        drawn = (each[self.seed_of].split(self.settings.batch_size, dim=1) for each in (rows, targets[order]))
        return list(zip(*drawn, strict=True))
