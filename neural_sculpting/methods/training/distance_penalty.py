"""Training in which long connections are expensive."""

import torch
from torch import Tensor

from neural_sculpting.methods.other_training import Training
from neural_sculpting.methods.places import places_of

GRID = tuple({"strength": strength} for strength in (1e-4, 5e-4, 2e-3, 1e-2))


def distance_penalty(training: Training, *, strength: float = 2e-3, depth: float = 0.25) -> Tensor:
    """Add the sizes of all weights times their lengths to the loss.

    Reference: Liu, Gan and Tegmark 2023, "Seeing is believing: brain-inspired modular training for mechanistic
    interpretability"; here without swaps of units.

    Args:
        training: of the networks.
        strength: of the penalty.
        depth: the distance between two layers, each of which is 1 wide.
    """
    lengths = [(source - target).abs().add(depth).nan_to_num(0.0).flatten(1) for source, target in places_of(training)]
    costs = strength * torch.cat(lengths, dim=1)
    return training.run(lambda edges, _: (costs * edges.abs()).sum(dim=1))
