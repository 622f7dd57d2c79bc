"""Trained networks from modules of torch and from files, as sculpting and analysis take them."""

from neural_sculpting.pretrained.fitting import fitted
from neural_sculpting.pretrained.reading import read_network
from neural_sculpting.pretrained.trained import TrainedNetwork

__all__ = ["TrainedNetwork", "fitted", "read_network"]
