"""Whether sculpting for a task can start from a trained network."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.trained import TrainedNetwork
from neural_sculpting.tasks import Task


def fitted(network: TrainedNetwork, task: Task, hidden: Sequence[int]) -> TrainedNetwork:
    """Return a trained network as it fits a task, with hidden layers of these widths.

    Of a network with two outputs, one for each of two classes, a task with one output takes their difference: the logit
    of the second class.

    Raises:
        UserError: if it does not fit.
    """
    ends = (network.layers[0], network.layers[-1])
    if ends == (task.n_inputs, 2) and task.n_outputs == 1 and task.loss == "cross_entropy" and network.end != "Sigmoid":
        return fitted(_with_one_logit(network), task, hidden)
    if ends != (task.n_inputs, task.n_outputs):
        found = f"{network.name}: has {ends[0]} inputs and {ends[1]} outputs"
        raise UserError(f"{found}; {task.title} has {task.n_inputs} and {task.n_outputs}")
    if network.hidden != tuple(hidden):
        raise UserError(
            f"arch.hidden={list(hidden)}: {network.name} has hidden layers of {list(network.hidden)}; arch.hidden=null "
            "takes them from it"
        )
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
