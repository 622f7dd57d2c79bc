"""What readers ask of networks whose graph is about units of the task: features of sequences, channels of images."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from neural_sculpting.analysis.readers import Examples, Function
from neural_sculpting.analysis.readers.base import FloatArray
from neural_sculpting.formulas.network_function import Answer
from neural_sculpting.networks.matrices import MatrixArchitecture, unit_of
from neural_sculpting.networks.packed import PackedNetworks

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
