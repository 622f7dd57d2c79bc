"""Architectures by name: those that are shipped, and a user's own by its import path."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from neural_sculpting.config.schemas import ArchConfig
from neural_sculpting.errors import UserError
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.cnn import POOLED, Cnn
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes, unit_of
from neural_sculpting.networks.residual import Residual
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.tasks import Task
from neural_sculpting.user_code import user_code


def mlp(task: Shapes, hidden: tuple[int, ...]) -> Layout:
    """A multilayer perceptron."""
    return Layout((task.n_inputs, *hidden, task.n_outputs))


def residual_mlp(task: Shapes, layers: int, width: int, mlp: int) -> Residual:
    """Perceptrons that read a stream of channels and add to it."""
    return Residual(task, layers, width, mlp)


def transformer(
    task: Shapes, layers: int, width: int, heads: int, mlp: int, norm: Any, causal: bool, positions: Any
) -> Residual:
    """Attention and perceptrons by turns.

    Raises:
        UserError: if the inputs are no sequence, tokens differ in their units, or the heads do not divide the width.
    """
    if len(task.input_shape) != 2:
        raise UserError("arch.name=transformer: needs sequences of tokens, which the inputs of the task are not")
    of_token = unit_of(task.input_units, task.n_inputs).reshape(task.input_shape)
    if task.input_units and (of_token != of_token[0]).any():
        raise UserError(
            "arch.name=transformer: the hierarchy of the task divides the tokens, which all read the same weights; "
            "must be mlp or residual_mlp"
        )
    if width % heads:
        raise UserError(f"arch.heads={heads}: must divide arch.width={width}")
    return Residual(task, layers, width, mlp, heads, norm, causal, positions)


def cnn(task: Shapes, channels: tuple[int, ...], kernel: int, dense: tuple[int, ...]) -> Cnn:
    """Convolutions and dense layers.

    Raises:
        UserError: if the inputs are no images, or too small for so many convolutions, or kernels have no center.
    """
    if len(task.input_shape) != 3:
        raise UserError("arch.name=cnn: needs images, which the inputs of the task are not")
    if kernel % 2 == 0:
        raise UserError(f"arch.kernel={kernel}: must be odd")
    if min(task.input_shape[1:]) < POOLED ** len(channels):
        size = " × ".join(map(str, task.input_shape[1:]))
        raise UserError(f"arch.channels={list(channels)}: images of {size} are halved so often that nothing is left")
    return Cnn(task, channels, kernel, dense)


KNOWN: Mapping[str, Callable[..., Architecture]] = {
    each.__name__: each for each in (mlp, residual_mlp, cnn, transformer)
}


def architecture_of_trained(network: TrainedNetwork, task: Task) -> Architecture:
    """Create the architecture of a trained network that fits a task."""
    return architecture_of(ArchConfig(**network.arch), Shapes.of(task))


def architecture_of(arch: ArchConfig, task: Shapes) -> Architecture:
    """Create the architecture that a configuration asks for.

    Raises:
        UserError: if it does not fit the task, or a user's own cannot be imported or fails.
    """
    if arch.name in KNOWN:
        return KNOWN[arch.name](task, **arch.settings)
    module, _, name = arch.name.rpartition(".")
    with user_code(f"arch.name={arch.name}"):
        found = getattr(import_module(module), name)(task, **arch.settings)
    if not isinstance(found, Architecture):
        raise UserError(f"arch.name={arch.name}: made {type(found).__name__}; must be an Architecture")
    if not isinstance(found, Layout) and getattr(found, "task", None) != task:
        raise UserError(f"arch.name={arch.name}: its attribute task must be what it was given as its first argument")
    return found
