"""Trained networks from modules of torch and from files, as sculpting and analysis take them."""

from neural_sculpting.pretrained.reading import read_network
from neural_sculpting.pretrained.trained import TrainedNetwork, check_fit

__all__ = ["TrainedNetwork", "check_fit", "read_network"]
