"""From a task to sculpted networks: training and pruning joined in one call."""

from neural_sculpting.sculpting.batches import sculpt_in_memory
from neural_sculpting.sculpting.sculpt import sculpt_networks
from neural_sculpting.sculpting.sculpted import SculptedNetworks

__all__ = ["SculptedNetworks", "sculpt_in_memory", "sculpt_networks"]
