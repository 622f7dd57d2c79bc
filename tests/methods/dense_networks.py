"""Dense networks made by hand, whose structure is known."""

import numpy as np

from neural_sculpting.methods import DenseNetwork
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.tasks import build_task

HALVES = {frozenset({0, 1}): frozenset({0, 1}), frozenset({2, 3}): frozenset({2, 3})}
"""The relation of boolean_sep."""


def network_of(*weights, biases, task="boolean_sep", seed=0):
    weights = [np.asarray(each) for each in weights]
    parts = [*(np.ravel(each) for each in weights), *biases]
    layout = Layout((*map(len, weights), weights[-1].shape[1]))
    return DenseNetwork(build_task(task), layout, np.concatenate(parts).astype(np.float32), seed)


def parities(crosstalk=0.0, seed=0):
    """boolean_sep by hand: relu(a - b) and relu(b - a), each twice, for two inputs; an output and its negation."""
    half = np.array([[1, -1, 1, -1], [-1, 1, -1, 1]])
    first = np.kron(np.eye(2), half)
    second = np.kron(np.eye(2), np.tile([8, -8], (4, 1)))
    random = np.random.default_rng(seed)
    first, second = (each + crosstalk * random.standard_normal(each.shape) for each in (first, second))
    return network_of(first, second, biases=[np.zeros(8), [-8, 8, -8, 8]], seed=seed)


def random_network(seed=0, layers=(4, 24, 4)):
    return DenseNetwork(
        build_task("boolean_sep"), Layout(layers), start_parameters([seed], Layout(layers))[0].numpy(), seed
    )
