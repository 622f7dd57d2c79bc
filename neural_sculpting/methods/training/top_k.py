"""Training with few weights that are not zero."""

from math import ceil

from torch import Tensor

from neural_sculpting.methods.other_training import Training

ANNEALED = 0.5
"""The share of training in which the number of weights falls to that asked for."""

GRID = tuple({"share": share} for share in (0.4, 0.2, 0.1, 0.05))


def top_k(training: Training, *, share: float = 0.2) -> Tensor:
    """Keep the largest weights of each matrix after each step, and set the others to zero.

    Reference: Gao et al. 2025, "Weight-sparse transformers have interpretable circuits": all weights at first, linearly
    fewer until half of the steps are over.

    Args:
        training: of the networks.
        share: of the weights of a matrix that are kept in the end.
    """
    sizes = [fan_in * fan_out for fan_in, fan_out in training.layout.shapes]

    def keep_largest(edges: Tensor, over: float) -> None:
        now = max(share, 1 - (1 - share) * over / ANNEALED)
        for weights in edges.split(sizes, dim=1):
            amounts = weights.abs()
            weights.mul_(amounts >= amounts.topk(ceil(now * weights.shape[1]), dim=1).values[:, -1:])

    return training.run(change=keep_largest)
