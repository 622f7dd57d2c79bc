"""Functions of bits as decomposition asks about them: which outputs depend on an input, and what a set of inputs sends.

A set S of inputs splits the table of a function into columns: the functions of the other inputs that arise when S is
fixed. Assignments with equal columns are the same to the rest of the function. How many distinct columns there are is
the *column multiplicity* of S (R. L. Ashenhurst, "The decomposition of switching functions", 1957; H. A. Curtis,
"A New Approach to the Design of Switching Circuits", 1962).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]

CONTEXTS = 512
"""How many assignments of the other inputs stand for all of them where a function has too many inputs for a table. Two
columns that differ in 2 % of the contexts are confused with a probability of 3e-5."""

ALL_ASSIGNMENTS = 10
"""Of so many inputs every assignment is tried."""

SEED = 0
"""Of the assignments of more inputs: the same function gets the same answer."""


@dataclass(frozen=True)
class Signal:
    """What a set of inputs sends to the rest of a function.

    Attributes:
        values: how many values it has: of bits the column multiplicity; of a single bit, or a single number, 2.
        residual: the share of the variance that so many values do not explain; 0.0 where all is known.
        clear: whether that is little enough to say that there are so many; else it is only possible.
    """

    values: int
    residual: float = 0.0
    clear: bool = True


class Decomposable(Protocol):
    """What decomposition asks about a function."""

    @property
    def depends(self) -> BoolArray:
        """Whether each output depends on each input, ``(inputs, outputs)``."""

    @property
    def output_classes(self) -> NDArray[np.intp]:
        """Number the outputs so that equal and opposite ones have equal numbers, ``(outputs,)``."""

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Measure what some inputs together send to some outputs, each of which depends on all of them."""


@dataclass(frozen=True, eq=False)
class BitTable:
    """A function that is known in every row.

    Attributes:
        outputs: boolean ``(2^inputs, outputs)``; rows count up, input 0 being the most significant bit.
    """

    outputs: BoolArray

    def __post_init__(self) -> None:
        shape = self.outputs.shape
        if len(shape) != 2 or shape[0] < 2 or shape[0] != 2**self.n_inputs or not shape[1]:
            raise ValueError(f"outputs: must have 2^n rows, n at least 1, and a column for each output; found {shape}")

    @property
    def n_inputs(self) -> int:
        """The number of inputs."""
        return len(self.outputs).bit_length() - 1

    @cached_property
    def _cube(self) -> BoolArray:
        return self.outputs.T.reshape(-1, *(2,) * self.n_inputs)

    @cached_property
    def change_rates(self) -> NDArray[np.float64]:
        """In which share of the rows each output changes with each input, ``(inputs, outputs)``."""
        halves = [(self._cube.take(0, axis), self._cube.take(1, axis)) for axis in range(1, self.n_inputs + 1)]
        return np.array([(low != high).reshape(len(self._cube), -1).mean(axis=1) for low, high in halves])

    @property
    def depends(self) -> BoolArray:
        """Whether each output depends on each input, ``(inputs, outputs)``."""
        return self.change_rates > 0

    @cached_property
    def output_classes(self) -> NDArray[np.intp]:
        """Number the outputs, see :meth:`Decomposable.output_classes`."""
        return up_to_negation(self.outputs)

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Count the columns, see :meth:`Decomposable.signal`."""
        return Signal(int(numbered(self.columns(inputs, outputs)).max()) + 1)

    def columns(self, inputs: Collection[int], outputs: Collection[int]) -> BoolArray:
        """List the columns of some inputs as some outputs show them, a row for each: ``(2^inputs, others)``."""
        chosen = sorted(inputs)
        cube = np.moveaxis(self._cube[sorted(outputs)], [axis + 1 for axis in chosen], range(len(chosen)))
        return cube.reshape(2 ** len(chosen), -1)


@dataclass(frozen=True, eq=False)
class ProbedFunction:
    """A function of more bits than a table can list, known by asking it.

    Attributes:
        function: from rows ``(rows, inputs)`` of 0.0 and 1.0 to outputs ``(rows, outputs)`` likewise.
        contexts: rows of inputs from which a set of inputs is varied, ``(contexts, inputs)``.
    """

    function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    contexts: NDArray[np.float64]

    @cached_property
    def depends(self) -> BoolArray:
        """Whether each output was seen to depend on each input, ``(inputs, outputs)``."""
        found = []
        for index in range(self.contexts.shape[1]):
            off, on = self._varied([index])
            found.append((off != on).any(axis=0))
        return np.array(found)

    @cached_property
    def output_classes(self) -> NDArray[np.intp]:
        """Number the outputs, see :meth:`Decomposable.output_classes`."""
        return up_to_negation(self.function(self.contexts) > 0.5)

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Count the columns that the contexts tell apart, see :meth:`Decomposable.signal`.

        Of more than 10 inputs, 1,024 assignments are tried. If more than half of them differ, all are taken to.
        """
        varied = self._varied(sorted(inputs))[:, :, sorted(outputs)]
        values = int(numbered(varied.reshape(len(varied), -1)).max()) + 1
        return Signal(values if 2 * values <= len(varied) else values * 2 ** len(inputs) // len(varied))

    def _varied(self, inputs: list[int]) -> BoolArray:
        """Ask for every assignment of the inputs in every context, ``(assignments, contexts, outputs)``."""
        if len(inputs) <= ALL_ASSIGNMENTS:
            assignments = np.arange(2 ** len(inputs))[:, None] >> np.arange(len(inputs))[::-1] & 1
        else:
            assignments = np.random.default_rng(SEED).integers(2, size=(2**ALL_ASSIGNMENTS, len(inputs)))
        rows = np.repeat(self.contexts[None], len(assignments), axis=0)
        rows[:, :, inputs] = assignments[:, None]
        outputs = self.function(rows.reshape(-1, rows.shape[2])) > 0.5
        return outputs.reshape(len(assignments), len(self.contexts), -1)


def numbered(rows: BoolArray) -> NDArray[np.intp]:
    """Number the rows so that equal ones have equal numbers, from 0 in order of appearance, ``(rows,)``."""
    numbers: dict[bytes, int] = {}
    packed = np.packbits(rows, axis=1)
    width, data = packed.shape[1], packed.tobytes()
    starts = range(0, len(packed) * width, width) if width else [0] * len(packed)
    return np.array([numbers.setdefault(data[start : start + width], len(numbers)) for start in starts], dtype=np.intp)


def up_to_negation(outputs: BoolArray) -> NDArray[np.intp]:
    """Number the columns of ``(rows, outputs)`` so that equal and opposite ones have equal numbers, ``(outputs,)``."""
    return numbered((outputs ^ outputs[:1]).T)
