"""Dense networks made sparse without further training: the smallest weights become zero, as many as accuracy allows."""

from functools import partial

import torch
from torch import Tensor

from neural_sculpting.methods.other_training import Training
from neural_sculpting.networks.draws import CPU
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Flags, Numbers, Values
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.stacks import Stacking
from neural_sculpting.pruning.callbacks import ROUNDING
from neural_sculpting.pruning.scores import EDGE_CRITERIA, Ranked, find_criterion
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.sculpting.sculpt import round_settings
from neural_sculpting.training.metrics import EvaluationSet


def asked_of(group: GroupRecord) -> Values:
    """Compute the accuracy below which sculpting does not go in each trial, ``(trial,)``."""
    pruning = group.config.pruning
    dense = torch.tensor(group.selected_trials["dense_accuracy"].tolist(), dtype=torch.float64)
    if pruning.accuracy_threshold is not None:
        return torch.full_like(dense, pruning.accuracy_threshold)
    lowest: Values = group.lowest_accepted(dense)
    return lowest - ROUNDING


@torch.no_grad()
def thresholded(training: Training, parameters: Tensor, asked: Values) -> tuple[PackedNetworks, Flags]:
    """Prune the lowest edges of each trial by the criterion of its edge phase, as many as a given accuracy allows.

    Where that phase prunes groups first, such as kernels, whole groups come first here, too. The number is found by
    bisection: with one more the accuracy would be too low, though with still more it might not be.

    Args:
        training: of the networks.
        parameters: ``(network, parameter)``; weights of exactly zero are pruned whatever the accuracy.
        asked: the accuracy, ``(trial,)``.

    Returns:
        The networks of the trials, and whether each has that accuracy.
    """
    layout = training.layout
    networks = Networks.untrained(parameters[: training.trials])
    networks = networks.without(networks.parameters[:, : layout.edges] == 0, layout)
    by_edge = torch.arange(layout.edges)
    for groups in [torch.from_numpy(layout.groups), by_edge] if training.config.pruning.edge.groups else [by_edge]:
        networks = _pruned(training, networks, groups, asked)
    return PackedNetworks.of(networks, layout), _accuracy(training, networks) >= asked


def _pruned(training: Training, networks: Networks, groups: Numbers, asked: Values) -> Networks:
    """Prune groups of edges, given as the group of each edge, from that with the lowest mean square of scores on."""
    scores = _scores(training, networks).square()
    sizes = groups.bincount()
    means = scores.new_zeros(len(scores), len(sizes)).index_add_(1, groups, scores) / sizes
    ranks = means.argsort(dim=1, stable=True).argsort(dim=1)

    def without(number: Numbers) -> Networks:
        return networks.without((ranks < number.unsqueeze(1))[:, groups], training.layout)

    low = torch.zeros(len(scores), dtype=torch.int64)
    high = torch.full_like(low, len(sizes))
    while bool((high - low > 1).any()):
        middle = (low + high) // 2
        able = _accuracy(training, without(middle)) >= asked
        low, high = torch.where(able, middle, low), torch.where(able, high, middle)
    return without(low)


def _scores(training: Training, networks: Networks) -> Tensor:
    examples, seeds = ExampleSets.of(training.task).training, torch.tensor(training.seeds[: len(networks)])
    loss = round_settings(training.config, training.task).loss
    criterion = find_criterion(training.config.pruning.edge.criterion, EDGE_CRITERIA)
    return criterion(Ranked(networks, training.layout, examples, seeds, 0, loss))


def _accuracy(training: Training, networks: Networks) -> Values:
    """Measure the accuracy on the validation set, of as many networks at once as memory allows."""
    settings, sets = round_settings(training.config, training.task), ExampleSets.of(training.task)
    most = Stacking.of(training.layout, CPU, settings.batch_size, sets.sizes).most
    found = []
    for parameters in networks.parameters.split(most):
        validation, forward = (
            EvaluationSet(sets.validation, len(parameters)),
            partial(training.layout.logits, parameters),
        )
        found += validation.measure(forward, settings.loss, settings.accuracy)[0]
    return torch.cat(found)
