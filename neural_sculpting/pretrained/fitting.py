"""Whether sculpting for a task can start from a trained network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.layers import POOLED
from neural_sculpting.pretrained.trained import TrainedNetwork
from neural_sculpting.tasks import Task


def fitted(network: TrainedNetwork, task: Task, arch: Mapping[str, Any], grows: bool = False) -> TrainedNetwork:
    """Return a trained network as it fits a task, with an architecture of this name and these settings.

    Of a network with two outputs, one for each of two classes, a task with one output takes their difference: the logit
    of the second class. A perceptron that ``grows`` gets the inputs and outputs that the task has beyond its own, as
    the last ones and without edges.

    Raises:
        UserError: if it does not fit.
    """
    if problem := _problem_of_images(network, task):
        raise UserError(f"{network.name}: {problem}")
    ends = (task.n_inputs if network.kernels else network.layers[0], network.layers[-1])
    two_classes = network.end != "Sigmoid" and network.hierarchy is None
    if ends == (task.n_inputs, 2) and task.n_outputs == 1 and task.loss == "cross_entropy" and two_classes:
        return fitted(_with_one_logit(network), task, arch)
    more = grows and not network.kernels and network.end is None
    if ends != (task.n_inputs, task.n_outputs) and not (
        more and ends[0] <= task.n_inputs and ends[1] <= task.n_outputs
    ):
        found = f"{network.name}: has {ends[0]} inputs and {ends[1]} outputs"
        raise UserError(f"{found}; {task.title} has {task.n_inputs} and {task.n_outputs}")
    if more:
        network = _grown(network, task)
    for key, own in network.arch.items():
        if (given := arch.get(key)) != own:
            shown, has = (list(each) if isinstance(each, tuple) else each for each in (given, own))
            raise UserError(f"arch.{key}={shown}: {network.name} has {has}; arch.{key}=null takes the shape from it")
    if network.end and task.loss == "squared_error":
        raise UserError(
            f"{network.name}: ends with {network.end}, and the outputs of {task.name} are numbers; must end with Linear"
        )
    constants = np.flatnonzero(~network.masks[-1].any(axis=0) & (network.biases[-1] != 0))
    if constants.size:
        raise UserError(
            f"{network.name}: output {constants[0]} has no edges left and is the constant "
            f"{network.biases[-1][constants[0]]:g}; a sculpted network can have no other constant than 0"
        )
    return network


def _problem_of_images(network: TrainedNetwork, task: Task) -> str | None:
    """Return why convolutions cannot read the inputs of a task, if they cannot."""
    if not network.kernels:
        return None
    if len(task.input_shape) != 3:
        return f"begins with a convolution; the inputs of {task.title} are no images"
    (channels, *size), depth = task.input_shape, len(network.kernels)
    reads = len(network.weights[0]) // network.kernels[0] ** 2
    if channels != reads:
        return f"reads images of {reads} channel{'s'[: reads > 1]}; those of {task.title} have {channels}"
    positions, left = len(network.weights[depth]) // network.hidden[depth - 1], [side // POOLED**depth for side in size]
    if prod(left) != positions:
        halved = f"images of {size[0]} × {size[1]} become {left[0]} × {left[1]} by {depth} convolutions with pooling"
        return f"its first Linear reads {positions} positions of each channel; in {task.title} {halved}"
    return None


def _with_one_logit(network: TrainedNetwork) -> TrainedNetwork:
    """Replace two logits by the second minus the first: its sigmoid is what softmax gives the second."""
    (*weights, weight), (*biases, bias), (*masks, mask) = network.weights, network.biases, network.masks
    return replace(
        network,
        weights=(*weights, weight[:, 1:] - weight[:, :1]),
        biases=(*biases, bias[1:] - bias[:1]),
        masks=(*masks, mask[:, :1] | mask[:, 1:]),
        end=None,
        note="its two outputs, one for each class, became one: the second minus the first",
    )


def _grown(network: TrainedNetwork, task: Task) -> TrainedNetwork:
    """Append the inputs and outputs that a task has beyond those of a perceptron, without edges."""
    inputs, outputs = (task.n_inputs - network.layers[0], task.n_outputs - network.layers[-1])
    if not inputs and not outputs:
        return network

    def padded(matrices: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], ...]:
        last = len(matrices) - 1
        return tuple(
            np.pad(each, ((0, inputs * (number == 0)), (0, outputs * (number == last))))
            for number, each in enumerate(matrices)
        )

    *biases, bias = network.biases
    added = [f"{count} {kind}{'s'[: count > 1]}" for count, kind in ((inputs, "input"), (outputs, "output")) if count]
    return replace(
        network,
        weights=padded(network.weights),
        masks=padded(network.masks),
        biases=(*biases, np.pad(bias, (0, outputs))),
        note=f"{' and '.join(added)} of the task added to it",
    )
