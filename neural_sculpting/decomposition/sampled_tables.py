"""A function of bits of which some rows are known: columns with don't-cares."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.decomposition.functions import BoolArray, Signal, up_to_negation
from neural_sculpting.tasks.graph import row_numbers

SIGNIFICANT = 0.01
"""A set counts if rows that say nothing would look like a bound set in less than this share of all sets of its size."""

LARGEST = 6
"""Sets of more inputs are not looked at: hardly any two rows agree outside of them and differ inside."""

UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class SampledTable:
    """Rows of a function of bits.

    Rows with equal inputs count as one, with what most of them say of each output. Where as many say one thing as the
    other of some output, they are left out.

    Two assignments of a set of inputs conflict if two rows have them, agree in all other inputs that count, and differ
    in an output. The set may act through one bit if its assignments can be divided into two classes without a conflict
    inside of one (M. Perkowski & S. Grygiel, "A survey of literature on function decomposition", 1995, on
    don't-cares).

    Attributes:
        inputs: boolean ``(rows, inputs)``.
        outputs: boolean ``(rows, outputs)``.
    """

    inputs: BoolArray
    outputs: BoolArray

    def __post_init__(self) -> None:
        inputs, row = np.unique(self.inputs, axis=0, return_inverse=True)
        sums = np.zeros((len(inputs), self.outputs.shape[1]))
        np.add.at(sums, row.reshape(-1), np.where(self.outputs, 1, -1))
        clear = (sums != 0).all(axis=1)
        object.__setattr__(self, "inputs", inputs[clear])
        object.__setattr__(self, "outputs", sums[clear] > 0)

    @cached_property
    def depends(self) -> BoolArray:
        """Whether rows show that each output depends on each input, or none could show it, ``(inputs, outputs)``."""
        inputs, outputs = self.inputs.shape[1], range(self.outputs.shape[1])
        found = np.ones((inputs, len(outputs)), dtype=np.bool_)
        for index in range(inputs):
            others = [each for each in range(inputs) if each != index]
            for output in outputs:
                off, on = self._known([index], others, [output]).T
                known = (off != UNKNOWN) & (on != UNKNOWN)
                found[index, output] = not known.any() or bool((off != on)[known].any())
        return found

    @cached_property
    def output_classes(self) -> NDArray[np.intp]:
        """Number the outputs so that equal and opposite ones have equal numbers, ``(outputs,)``."""
        return up_to_negation(self.outputs)

    def signal(self, inputs: Collection[int], outputs: Collection[int]) -> Signal:
        """Find two values where rows show that one bit is enough, else as many as there are assignments."""
        chosen, seen = sorted(inputs), sorted(outputs)
        most = 2 ** len(chosen)
        if len(chosen) > LARGEST:
            return Signal(most)
        counts = np.flatnonzero(self.depends[:, seen].any(axis=1)).tolist()
        others = [index for index in counts if index not in chosen]
        rows = self._known(chosen, others, seen)
        both = (rows[:, :, None] != UNKNOWN) & (rows[:, None] != UNKNOWN)
        differ = both & (rows[:, :, None] != rows[:, None])
        classes = _two_classes(differ.any(axis=0))
        if classes is None:
            return Signal(most)
        if len(rows) and both.all():  # the whole table of what counts: nothing is left to chance
            return Signal(2)
        # Where the other inputs leave the set no say, that its assignments agree means nothing.
        agreeing = (both & ~differ)[differ.any(axis=(1, 2))].sum(axis=0)
        inside = np.triu(agreeing * (classes[:, None] == classes), k=1).sum()
        chance = 2.0 ** (most - 1 - inside) * comb(self.inputs.shape[1], len(chosen))
        return Signal(2 if chance < SIGNIFICANT else most)

    def _known(self, inputs: Sequence[int], others: Sequence[int], outputs: Sequence[int]) -> NDArray[np.int64]:
        """List what is known, ``(contexts, 2^inputs)``: the outputs as one number, or ``UNKNOWN``."""
        contexts, context = np.unique(np.packbits(self.inputs[:, others], axis=1), axis=0, return_inverse=True)
        _, values = np.unique(np.packbits(self.outputs[:, outputs], axis=1), axis=0, return_inverse=True)
        known = np.full((len(contexts), 2 ** len(inputs)), UNKNOWN)
        known[context.ravel(), row_numbers(self.inputs[:, inputs])] = values.ravel()
        return known


def _two_classes(conflicts: BoolArray) -> NDArray[np.intp] | None:
    """Divide assignments into two classes without a conflict inside, ``(assignments,)``; None if there is no such way.

    Assignments that no row sets against others are in a class of their own, since nothing is known of them.
    """
    classes = np.full(len(conflicts), -1)
    for start in range(len(conflicts)):
        if classes[start] >= 0 or not conflicts[start].any():
            continue
        classes[start], pending = 0, [start]
        while pending:
            each = pending.pop()
            for other in conflicts[each].nonzero()[0].tolist():
                if classes[other] < 0:
                    classes[other] = 1 - classes[each]
                    pending.append(other)
                elif classes[other] == classes[each]:
                    return None
    return classes
