"""From a task to sculpted networks: training and pruning joined in one call."""

from neural_sculpting.sculpting.sculpt import SculptedNetworks, sculpt_networks

__all__ = ["SculptedNetworks", "sculpt_networks"]
