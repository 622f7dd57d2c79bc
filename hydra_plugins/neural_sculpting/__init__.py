"""Hydra imports the modules of this package at every start; what they do is in :mod:`neural_sculpting.launching`."""
