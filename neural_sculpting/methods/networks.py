"""What methods look at: networks that were trained and not pruned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout, propagate
from neural_sculpting.networks.matrices import MatrixArchitecture, unit_of
from neural_sculpting.networks.residual import STREAM
from neural_sculpting.tasks import Task

MOST_ROWS = 512
"""Training examples that methods look at."""

FloatArray = NDArray[np.float64]


class DoesNotApply(Exception):
    """Raised by a method that has nothing to say about a task; its message is the reason, on one line."""


@dataclass(frozen=True, eq=False)
class DenseNetwork:
    """A network that learned a task, all of its edges left.

    Attributes:
        task: that it learned.
        layout: its shape.
        parameters: ``(parameter,)``.
        seed: of its trial; what a method draws follows from it.
    """

    task: Task
    layout: Architecture
    parameters: NDArray[np.float32]
    seed: int

    @cached_property
    def weights(self) -> list[FloatArray]:
        """The sizes of its weights, ``(units, units of the next stage)`` for each stage; a skip weighs 1."""
        edges = self.parameters[: self.layout.edges]
        return [np.abs(each).astype(np.float64) for each in self.layout.stage_weights(edges)]

    @property
    def input_units(self) -> Sequence[Sequence[int]]:
        """The inputs of a row that count as one input of the hierarchy, for each of these."""
        return (self.layout.by_unit and self.task.input_units) or [(each,) for each in range(self.task.n_inputs)]

    @property
    def output_units(self) -> Sequence[Sequence[int]]:
        """Likewise of the outputs."""
        return (self.layout.by_unit and self.task.output_units) or [(each,) for each in range(self.task.n_outputs)]

    @cached_property
    def rows(self) -> Tensor:
        """Some training examples, spread over all, ``(row, input)``."""
        return rows_of(self.task)[0]

    def logits(self, rows: Tensor) -> Tensor:
        """Compute ``(row, input)`` → ``(row, output)``."""
        return self.layout.logits(torch.from_numpy(self.parameters)[None], rows[None])[0]

    def outputs(self, rows: Tensor) -> Tensor:
        """What it says, ``(row, input)`` → ``(row, output)``: the probability of a bit, or a measured number."""
        logits = self.logits(rows)
        return logits.sigmoid() if self.task.outputs_are_bits else logits

    @cached_property
    def activations(self) -> list[FloatArray]:
        """What the units of each stage give, ``(row, unit)``, inputs and outputs included; means over positions."""
        network, rows = torch.from_numpy(self.parameters)[None], self.rows[None]
        with torch.no_grad():
            if isinstance(self.layout, MatrixArchitecture):
                return _of_stages(self.layout, network, rows, self.task)
            assert isinstance(self.layout, Layout)
            return [each[0].double().numpy() for each in (rows, *propagate(*self.layout.split(network), rows))]


def _of_stages(layout: MatrixArchitecture, network: Tensor, rows: Tensor, task: Task) -> list[FloatArray]:
    seen: dict[str, list[FloatArray]] = {kind: [] for kind in layout.units}

    def watch(kind: str) -> Callable[[Tensor], Tensor]:
        def edit(given: Tensor) -> Tensor:
            over_positions = given[0].double().flatten(1, -2).mean(dim=1) if given.dim() > 3 else given[0].double()
            seen[kind].append(over_positions.numpy())
            return given

        return edit

    logits = layout.forward(network, rows, {kind: watch(kind) for kind in layout.units})[0].double().numpy()
    hidden, written = [], dict.fromkeys(layout.units, -1)
    for stage in layout.nodes:
        kinds = {kind for kind, _ in stage}
        for kind in kinds if len(kinds) == 1 else kinds - {STREAM}:  # elsewhere the stream passes as it was
            written[kind] = min(written[kind] + 1, len(seen[kind]) - 1)
        hidden.append(np.stack([seen[kind][written[kind]][number] for kind, number in stage], axis=1))
    first = by_unit(rows[0].double().numpy(), task.input_units)
    return [first, *hidden, by_unit(logits, task.output_units)]


def by_unit(values: FloatArray, units: Sequence[Sequence[int]]) -> FloatArray:
    """Average flat values, ``(row, number)``, over the members of each unit of a task; themselves without units."""
    of = unit_of(units, values.shape[1])
    return np.stack([values[:, of == unit].mean(axis=1) for unit in range(int(of.max()) + 1)], axis=1)


def rows_of(task: Task, most: int = MOST_ROWS) -> tuple[Tensor, Tensor]:
    """Take some training examples, spread over all: inputs ``(row, input)`` and targets ``(row, output)``."""
    training = ExampleSets.of(task).training
    chosen = torch.from_numpy(np.unique(np.linspace(0, len(training) - 1, most).round().astype(np.int64)))
    return training.rows(chosen), training.targets_of(chosen)
