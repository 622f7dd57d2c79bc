"""From a task to sculpted networks: training and pruning joined in one call."""

from neural_sculpting.sculpting.batch import Batch, SculptedNetworks
from neural_sculpting.sculpting.memory import sculpt_in_memory
from neural_sculpting.sculpting.sculpt import sculpt_networks

__all__ = ["Batch", "SculptedNetworks", "sculpt_in_memory", "sculpt_networks"]
