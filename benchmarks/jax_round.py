"""A round in JAX: jit, vmap over seeds and their networks, scan over epochs and minibatches."""

import os
import time
from functools import partial
from typing import Any

os.environ.setdefault("NPROC", "1")  # threads of XLA, which reads it when it starts

import jax
import jax.numpy as jnp
import torch
from jax import lax, nn, random, tree

from neural_sculpting.networks.layout import Values, as_perceptron
from neural_sculpting.training.module import SculptingModule


class JaxRound:
    """The round of :class:`~.contenders.PlainTorch`, compiled; every seed has as many networks, one after the other.

    Attributes:
        compiling: the CPU seconds that compiling it took.
    """

    def __init__(self, module: SculptingModule) -> None:
        self._settings, networks = module.settings, module.state.current
        self._training, self._validation = (
            tuple(jnp.asarray(each.numpy()) for each in (of.rows(torch.arange(len(of))), of.targets))
            for of in (module.examples.training, module.examples.validation)
        )
        seeds = len(module.state.seeds.unique())

        def by_seed(rows: torch.Tensor) -> Any:
            weights, biases = as_perceptron(module.layout, "jax").split(rows)
            arrays = (weights, [bias.squeeze(1) for bias in biases])
            return tree.map(lambda each: jnp.asarray(each.reshape(seeds, -1, *each.shape[1:]).numpy()), arrays)

        starts, masks = (by_seed(each) for each in (networks.parameters, networks.masks.float()))
        self._arguments = starts, masks, random.split(random.key(0), seeds)
        began = time.process_time()
        of_seeds = jax.vmap(jax.vmap(self._train, in_axes=(0, 0, None)))
        self._compiled = jax.jit(of_seeds).lower(*self._arguments).compile()
        self.compiling = time.process_time() - began

    def round(self) -> Values:
        """Train for a round, and return the loss of each network's best epoch."""
        *_, losses = self._compiled(*self._arguments)
        return torch.tensor(jax.device_get(losses)).flatten()

    def _train(self, parameters: Any, masks: Any, key: Any) -> Any:
        """Train one network, and return its parameters, accuracy and loss at its best epoch."""
        zeros = tree.map(jnp.zeros_like, parameters)
        start = (parameters, zeros, zeros, 0.0), (parameters, -jnp.inf, jnp.inf)
        (_, best), _ = lax.scan(partial(self._epoch, masks), start, random.split(key, self._settings.epochs))
        return best

    def _epoch(self, masks: Any, state: Any, key: Any) -> tuple[Any, None]:
        trained, best = state
        key_of_order, key_of_noise = random.split(key)
        rows, targets = (each[random.permutation(key_of_order, len(each))] for each in self._training)
        if self._settings.input_noise:
            rows += self._settings.input_noise * random.normal(key_of_noise, rows.shape)
        # Which fails where the last minibatch would be smaller.
        minibatches = tuple(each.reshape(-1, self._settings.batch_size, each.shape[1]) for each in (rows, targets))
        trained, _ = lax.scan(partial(self._step, masks), trained, minibatches)
        (rows, targets), logits = self._validation, _forward(trained[0], self._validation[0])
        accuracy, loss = ((logits > 0) == (targets > 0.5)).mean(), _cross_entropy(logits, targets)
        better = (accuracy > best[1]) | ((accuracy == best[1]) & (loss <= best[2]))
        best = tree.map(lambda now, kept: jnp.where(better, now, kept), (trained[0], accuracy, loss), best)
        return (trained, best), None

    def _step(self, masks: Any, state: Any, minibatch: Any) -> tuple[Any, None]:
        parameters, first, second, steps = state
        rows, targets = minibatch
        gradients = jax.grad(lambda each: _cross_entropy(_forward(each, rows), targets))(parameters)
        gradients = tree.map(lambda g, p: g + self._settings.weight_decay * p, gradients, parameters)
        first = tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        size, scale = self._settings.lr / (1 - 0.9 ** (steps + 1)), 1 / (1 - 0.999 ** (steps + 1))
        moved = tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v * scale) + 1e-8), parameters, first, second)
        return (tree.map(jnp.multiply, moved, masks), first, second, steps + 1), None


def _forward(parameters: Any, rows: Any) -> Any:
    for layer, (weight, bias) in enumerate(zip(*parameters, strict=True)):
        rows = (rows if layer == 0 else nn.relu(rows)) @ weight + bias
    return rows


def _cross_entropy(logits: Any, targets: Any) -> Any:
    return (nn.softplus(logits) - logits * targets).mean()
