"""What a sculpted network computes, as a function of rows of numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.readers.base import Function
from neural_sculpting.formulas.modules import FloatArray, live_network
from neural_sculpting.networks.packed import PackedNetworks


def network_function(
    packed: PackedNetworks, network: int, *, outputs_are_bits: bool, one_hot: Sequence[int] = ()
) -> Function:
    """Make a function of a network: rows ``(rows, inputs)`` → what it decides, ``(rows, outputs)``, in numpy.

    A bit is 1.0 where its logit is above 0, of a group of ``one_hot`` (sizes of consecutive groups of outputs) the
    largest output is 1.0; other outputs are the numbers themselves. Dead units are left out once, here.

    Raises:
        ValueError: if only the masks of the network are stored.
    """
    live = live_network(packed, network)
    of_live = function_of_layers(live.weights, live.biases, outputs_are_bits=outputs_are_bits, one_hot=one_hot)
    return lambda rows: of_live(rows[:, live.kept[0]])


def function_of_layers(
    weights: Sequence[NDArray[Any]],
    biases: Sequence[NDArray[Any]],
    *,
    outputs_are_bits: bool,
    one_hot: Sequence[int] = (),
) -> Function:
    """Make a function of a network with ReLU hidden units, as :func:`network_function`.

    Args:
        weights: ``(fan_in, fan_out)`` for each layer, zero where pruned.
        biases: ``(fan_out,)`` for each layer.
        outputs_are_bits: else the outputs are numbers.
        one_hot: the sizes of consecutive groups of outputs that each name a class.
    """

    def function(rows: FloatArray) -> FloatArray:
        values = np.asarray(rows, dtype=np.float64)
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            values = values @ weight + bias
            values = values if layer == len(weights) - 1 else np.maximum(values, 0.0)
        return decisions(values, one_hot) if outputs_are_bits else values

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
