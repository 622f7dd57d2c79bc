"""From a task to sculpted networks: training and pruning joined in one call."""

from neural_sculpting.sculpting.batches import sculpt_in_memory
from neural_sculpting.sculpting.sculpt import SculptedNetworks, sculpt_networks

__all__ = ["SculptedNetworks", "sculpt_in_memory", "sculpt_networks"]
