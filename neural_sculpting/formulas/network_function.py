"""What a sculpted network computes, as a function of rows of numbers: of inputs, or of what stands for its units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit, softmax

from neural_sculpting.analysis.readers import Examples, Function
from neural_sculpting.analysis.readers.base import FloatArray
from neural_sculpting.formulas.modules import live_network
from neural_sculpting.networks.matrices import MatrixArchitecture, unit_of
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
    """Decide bits and classes from logits, ``(rows, outputs)``, as :func:`~.training.losses.classes_of` does.

    Of equal outputs of a group the first is 1.0.
    """
    decided = (logits > 0).astype(np.float64)
    for classes in groups_of_classes(one_hot):
        largest = logits[:, classes].argmax(axis=1)
        decided[:, classes] = np.eye(classes.stop - classes.start)[largest]
    return decided


def probabilities(logits: FloatArray, one_hot: Sequence[int] = ()) -> FloatArray:
    """Estimate how probable bits and classes are, from logits ``(rows, outputs)``: sigmoids, of a group the softmax."""
    probable: FloatArray = expit(logits)
    for classes in groups_of_classes(one_hot):
        probable[:, classes] = softmax(logits[:, classes], axis=1)
    return probable


def groups_of_classes(one_hot: Sequence[int]) -> list[slice]:
    """List where the groups of several units are, of consecutive groups of these sizes."""
    ends = np.cumsum(one_hot, dtype=np.int64).tolist()
    return [slice(end - size, end) for size, end in zip(one_hot, ends, strict=True) if size > 1]


Columns = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class ByUnit:
    """Questions about units, asked of a function of whole rows by changing some of their values.

    Of a sequence of bits, -1 and 1, every bit of every token is a column of its own, and what is asked for are the
    outputs at the last token: which of a stream's bits matter together says more than that the stream matters. Of other
    rows all values of a unit are one column, which is resampled as a whole.

    Attributes:
        layout: the shape of the networks.
        are_bits: whether the rows are sequences of bits.
    """

    layout: MatrixArchitecture
    are_bits: bool

    @classmethod
    def of(cls, layout: MatrixArchitecture, inputs: NDArray[np.floating]) -> "ByUnit":
        """Choose by the rows of a task."""
        task = layout.task
        each_once = bool(task.output_shape) and len(task.input_units) == task.input_shape[-1]
        return cls(layout, each_once and bool(np.isin(inputs, (-1.0, 1.0)).all()))

    @cached_property
    def _outputs(self) -> list[int]:
        """The flat outputs that are asked for, in the order of their units."""
        task = self.layout.task
        last = range(task.n_outputs - task.output_shape[1] if task.output_shape else 0, task.n_outputs)
        of_output = unit_of(task.output_units, task.n_outputs)
        return sorted(last, key=lambda output: (of_output[output], output))

    def examples(
        self, inputs: NDArray[np.floating], targets: NDArray[np.floating] | None, outputs_are_bits: bool
    ) -> Examples:
        """Make examples of rows ``(rows, inputs)`` and targets ``(rows, outputs)`` of the task."""
        asked = None if targets is None else targets[:, self._outputs].astype(np.float64)
        of_input = unit_of(self.layout.task.input_units, self.layout.inputs)
        ends = _numbered(unit_of(self.layout.task.output_units, self.layout.outputs)[self._outputs])
        if self.are_bits:
            columns: Columns = tuple((each,) for each in range(self.layout.inputs))
            nodes = tuple((int(unit),) for unit in of_input)
            return Examples((inputs + 1.0) / 2, asked, True, outputs_are_bits, (), columns, nodes, ends)
        units = range(int(of_input.max()) + 1)
        columns = tuple(tuple(np.flatnonzero(of_input == unit).tolist()) for unit in units)
        nodes = tuple((unit,) for unit in units)
        return Examples(inputs.astype(np.float64), asked, False, outputs_are_bits, (), columns, nodes, ends)

    def function(self, packed: PackedNetworks, network: int, answer: Answer | None) -> Function:
        """Make a function of rows of these examples; a ValueError if only the masks of the network are stored."""
        parameters = torch.from_numpy(packed.parameters_of(network))[None]

        def function(rows: FloatArray) -> FloatArray:
            values = torch.from_numpy(2 * rows - 1 if self.are_bits else rows).float()
            with torch.no_grad():
                logits = self.layout.logits(parameters, values[None])[0].double().numpy()
            answers = logits if answer is None else answer(logits)
            return answers[:, self._outputs]

        return function


def _numbered(units: NDArray[np.integer]) -> tuple[int, ...]:
    """Number the units of the outputs 0, 1, …; none where each output is a unit."""
    found, numbers = np.unique(units, return_inverse=True)
    return () if len(found) == len(units) else tuple(numbers.tolist())
