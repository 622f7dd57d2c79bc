"""Training as sculpting does, without pruning on the way: the control of all others."""

from torch import Tensor

from neural_sculpting.methods.other_training import Training


def as_before(training: Training) -> Tensor:
    """Train for as long as other methods, with nothing added; what is small is pruned afterwards, like after them."""
    return training.run()
