"""Whether sculpting can start from a network."""

from collections.abc import Sequence

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.trained import TrainedNetwork
from neural_sculpting.tasks import Task


def check_fit(network: TrainedNetwork, task: Task, hidden: Sequence[int]) -> None:
    """Check that a trained network is one for a task.

    Args:
        network: to start from.
        task: what it is to compute.
        hidden: the widths of the hidden layers that are asked for.

    Raises:
        UserError: if it has other inputs, outputs or hidden layers, or outputs that sculpted networks cannot have.
    """
    ends = (network.layers[0], network.layers[-1])
    if ends != (task.n_inputs, task.n_outputs):
        found = f"{network.name}: has {ends[0]} inputs and {ends[1]} outputs"
        raise UserError(f"{found}; {task.title} has {task.n_inputs} and {task.n_outputs}")
    if network.hidden != tuple(hidden):
        raise UserError(
            f"arch.hidden={list(hidden)}: {network.name} has hidden layers of {list(network.hidden)}; arch.hidden=null "
            "takes them from it"
        )
    if network.ends_with_sigmoid and task.loss == "squared_error":
        raise UserError(
            f"{network.name}: ends with Sigmoid, and the outputs of {task.name} are numbers; must end with Linear"
        )
    for output, (connected, bias) in enumerate(zip(np.any(network.masks[-1], axis=0), network.biases[-1], strict=True)):
        if not connected and bias != 0:
            raise UserError(
                f"{network.name}: output {output} has no edges left and is the constant {bias:g}; a sculpted network "
                "can have no other constant than 0"
            )
