"""What a sculpted network computes, as a function of rows of numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from neural_sculpting.analysis.readers.base import Function
from neural_sculpting.formulas.modules import FloatArray, live_network
from neural_sculpting.networks.packed import PackedNetworks

Answer = Callable[[FloatArray], FloatArray]
"""From the last layer of a network to what it stands for, both ``(rows, outputs)``."""


def network_function(packed: PackedNetworks, network: int, answer: Answer | None = None) -> Function:
    """Make a function of a network: rows ``(rows, inputs)`` → outputs ``(rows, outputs)``, in numpy.

    Dead units are left out once, here.

    Args:
        packed: networks.
        network: which of them.
        answer: such as :func:`decisions`; None: outputs are the numbers themselves.

    Raises:
        ValueError: if only the masks of the network are stored.
    """
    live = live_network(packed, network)
    of_live = function_of_layers(live.weights, live.biases, answer)
    return lambda rows: of_live(rows[:, live.kept[0]])


def function_of_layers(
    weights: Sequence[NDArray[Any]], biases: Sequence[NDArray[Any]], answer: Answer | None = None
) -> Function:
    """Make a function of a network with ReLU hidden units, as :func:`network_function`.

    Args:
        weights: ``(fan_in, fan_out)`` for each layer, zero where pruned.
        biases: ``(fan_out,)`` for each layer.
        answer: what the outputs stand for.
    """

    def function(rows: FloatArray) -> FloatArray:
        values = np.asarray(rows, dtype=np.float64)
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            values = values @ weight + bias
            values = values if layer == len(weights) - 1 else np.maximum(values, 0.0)
        return values if answer is None else answer(values)

    return function


def decisions(logits: FloatArray, one_hot: Sequence[int] = ()) -> FloatArray:
    """Decide bits and classes from logits, ``(rows, outputs)``, as :func:`~.training.classes.classes_of` does.

    Of equal outputs of a group the first is 1.0.
    """
    decided = (logits > 0).astype(np.float64)
    ends = np.cumsum(one_hot, dtype=np.int64)
    for size, end in zip(one_hot, ends, strict=True):
        if size > 1:
            decided[:, end - size : end] = np.eye(size)[logits[:, end - size : end].argmax(axis=1)]
    return decided


def probabilities(logits: FloatArray, one_hot: Sequence[int] = ()) -> FloatArray:
    """Estimate how probable bits and classes are, from logits ``(rows, outputs)``."""
    probable: FloatArray = expit(logits)
    ends = np.cumsum(one_hot, dtype=np.int64)
    for size, end in zip(one_hot, ends, strict=True):
        if size > 1:
            probable[:, end - size : end] = softmax(logits[:, end - size : end], axis=1)
    return probable
