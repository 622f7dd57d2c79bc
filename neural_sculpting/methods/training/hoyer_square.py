"""Training with a penalty that counts weights rather than adding up their sizes."""

import torch
from torch import Tensor

from neural_sculpting.methods.other_training import Training

GRID = tuple({"strength": strength} for strength in (5e-4, 2e-3, 1e-2, 3e-2))


def hoyer_square(training: Training, *, strength: float = 2e-3) -> Tensor:
    """Add to the loss, for each weight matrix, the square of the sum of sizes over the sum of squares.

    That is k for k weights of equal size among zeros, whatever their size.

    Reference: Yang, Wen and Li 2020, "DeepHoyer: learning sparser neural network with differentiable scale-invariant
    sparsity measures", Hoyer-Square.
    """
    sizes = [fan_in * fan_out for fan_in, fan_out in training.layout.shapes]
    of_matrix = torch.block_diag(*(torch.ones(size, 1) for size in sizes))

    def penalty(edges: Tensor, _: float) -> Tensor:
        counts: Tensor = (edges.abs() @ of_matrix).square() / (edges.square() @ of_matrix)
        return strength * counts.sum(dim=1)

    return training.run(penalty)
