"""A trained network from whatever holds it."""

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from neural_sculpting.pretrained.files import layers_of_file
from neural_sculpting.pretrained.state_dicts import layers_of_state_dict
from neural_sculpting.pretrained.trained import TrainedNetwork, Zeros

NETWORKS_HELD = 4
"""How many networks are held when they are read: every job of a sweep asks for its own."""

IN_MEMORY = "network"


def read_network(source: Any, zeros: Zeros = "pruned") -> TrainedNetwork:
    """Read a trained feed-forward network of Linear layers and ReLU.

    Args:
        source: one of

            - an ``nn.Sequential``, which may hold others, of Linear and ReLU by turns. Flatten, Identity and Dropout
              may stand anywhere; a Sigmoid at the end is left off, since outputs are logits here. What
              ``torch.nn.utils.prune`` has masked stays pruned; a bias that it has masked starts at zero.
            - a state dict, or the path of one: ``.pt``, ``.pth`` or ``.safetensors``. It says nothing of activations,
              which are taken to be ReLU. Layers stand in the order of the numbers in their names; without numbers
              their widths tell it, or the order of the state dict.
            - the path of an ONNX file (``.onnx``), with the package onnx.
            - a :class:`TrainedNetwork`, which is returned as it is.
        zeros: ``"pruned"``: weights of exactly zero are pruned edges, so that a network that was pruned without masks
            keeps its shape; ``"kept"``: they are edges like others.

    Returns:
        The network. Numbers are rounded to 32 bits; a Linear without bias has biases of zero.

    Raises:
        UserError: if it cannot be read; the line names the layer or the tensor, and what is allowed.

    Example:
        >>> from torch import nn
        >>> read_network(nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 4))).layers
        (4, 24, 4)
    """
    if isinstance(source, TrainedNetwork):
        return source
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        return _read_file(path, zeros, _version(path))
    if isinstance(source, Mapping):
        return TrainedNetwork.of(layers_of_state_dict(source, IN_MEMORY), IN_MEMORY, zeros)
    from neural_sculpting.pretrained.modules import layers_of_module  # takes a second: torch

    layers, ends_with_sigmoid = layers_of_module(source, IN_MEMORY)
    return TrainedNetwork.of(layers, IN_MEMORY, zeros, ends_with_sigmoid)


@lru_cache(NETWORKS_HELD)
def _read_file(path: str, zeros: Zeros, version: tuple[int, int] | None) -> TrainedNetwork:
    """Read a file; one that has changed is read again."""
    layers, ends_with_sigmoid = layers_of_file(path)
    return replace(TrainedNetwork.of(layers, path, zeros, ends_with_sigmoid), file=path)


def _version(path: str) -> tuple[int, int] | None:
    """When a file was changed last, in nanoseconds, and its size in bytes; None where it is not there."""
    try:
        found = Path(path).expanduser().stat()
    except (OSError, RuntimeError):  # no such file, no such home folder
        return None
    return found.st_mtime_ns, found.st_size
