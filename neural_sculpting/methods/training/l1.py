"""Training with an L1 penalty on all weights."""

from torch import Tensor

from neural_sculpting.methods.other_training import Training

GRID = tuple({"strength": strength} for strength in (1e-4, 1e-3, 3e-3, 1e-2))


def l1(training: Training, *, strength: float = 1e-3) -> Tensor:
    """Add the sum of the sizes of all weights to the loss (Tibshirani 1996, "Regression shrinkage and selection")."""
    return training.run(lambda edges, _: strength * edges.abs().sum(dim=1))
