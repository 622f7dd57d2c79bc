"""Training in which weights between clusters of units are expensive."""

import torch
from torch import Tensor

from neural_sculpting.methods.other_training import Training
from neural_sculpting.methods.places import places_of

GRID = tuple({"clusters": clusters, "strength": strength} for clusters in (2, 4) for strength in (0.01, 0.1))


def clusterability(training: Training, *, clusters: int = 2, strength: float = 0.01) -> Tensor:
    """Add to the loss, for each weight matrix, the share of its squared weights that connect different clusters.

    Reference: Golechha et al. 2025, "Studying cross-cluster modularity in neural networks", whose clusterability is the
    share within clusters. The units of each layer are divided into clusters of equal size.
    """
    within, matrices = [], []
    for source, target in places_of(training):
        known = ~(source - target).isnan()
        within.append((((source * clusters).floor() == (target * clusters).floor()) & known).flatten(1).float())
        matrices.append(known[0].flatten().float().unsqueeze(1))
    within_clusters, of_matrix = torch.cat(within, dim=1), torch.block_diag(*matrices)
    of_matrix = of_matrix[:, of_matrix.any(dim=0)]

    def penalty(edges: Tensor, _: float) -> Tensor:
        squares = edges.square()
        shares: Tensor = (squares * within_clusters) @ of_matrix / (squares @ of_matrix)
        return strength * (1 - shares).sum(dim=1)

    return training.run(penalty)
