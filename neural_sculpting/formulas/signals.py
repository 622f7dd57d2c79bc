"""The signals that a module sends: which states of its units the rest of the network distinguishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.formulas.modules import Block, FloatArray, LiveNetwork

MAX_TRIES = 2**24
"""Rows to compute for the signals of one module: seconds, for networks of a hundred units."""

Classes = NDArray[np.int64]
"""The number of the class of each row of the truth table, ``(row,)``."""


@dataclass(frozen=True, eq=False)
class Signal:
    """The classes of a module's states that the rest of the network distinguishes.

    ``seen_by`` has those that each block that reads the module distinguishes by itself.
    """

    classes: Classes
    seen_by: tuple[Classes, ...]

    @property
    def values(self) -> int:
        """The number of classes."""
        return int(self.classes.max(initial=0)) + 1


class SignalSearch:
    """Finds the signals of the modules of a network of bits, used ones first.

    Once a module's signal is known, the module is fixed: the others see one state of each class instead of all its
    states. This changes no output, and what a module does is then decided by its inputs and the signals that it reads.
    """

    def __init__(self, live: LiveNetwork, rows: BoolArray) -> None:
        """Start with the values of the live inputs that can occur, ``(row, live input)``."""
        self._live = live
        self._rows = rows.astype(np.float64)
        self._fixed = [np.full((len(self._rows), int(kept.sum())), np.nan) for kept in live.kept]
        # What distinguishes the rows: inputs and, of the modules that are known, their signals.
        self._conditions: dict[Any, NDArray[np.generic]] = dict(enumerate(self._rows.T))

    def signal_of(self, block: Block, readers: Sequence[Block]) -> Signal | None:
        """Find which states of a module are the same for all that read it; None where there is too much to try.

        Modules that it uses came before. Every state that the module takes on replaces every other, whatever all other
        modules do. Two states are the same if no output of another module ever differs, an output being 1 where its
        logit is above 0.
        """
        sent = block.signal_units(self._live)
        values = self._activations()
        states = np.concatenate([layer[:, units] for layer, units in zip(values, sent, strict=True)], axis=1)
        first, state_of_row = _distinct(states)
        own = block.units[0].nonzero()[0].tolist()
        conditions = {name: column for name, column in self._conditions.items() if name not in own}
        contexts, _ = _distinct(np.array(list(conditions.values())).reshape(len(conditions), len(self._rows)).T)
        seen_by = [list(reader.units) for reader in readers]
        all_others = [[~units for units in block.units]] if len(readers) != 1 else []
        if len(first) * len(contexts) * len(all_others + seen_by) > MAX_TRIES:
            return None
        chosen = [layer[first] for layer in values]
        found = [self._distinguished(sent, chosen, seen, contexts)[state_of_row] for seen in all_others + seen_by]
        _, first = np.unique(found[0], return_index=True)
        for fixed, layer, units in zip(self._fixed, values, sent, strict=True):
            fixed[:, units] = layer[first[found[0]]][:, units]
        self._conditions = {**conditions, block.letter: found[0]}
        return Signal(found[0], tuple(found[len(all_others) :]))

    def _activations(self) -> list[FloatArray]:
        values = [self._with_fixed(0, self._rows)]
        for layer in range(len(self._live.weights)):
            values.append(self._with_fixed(layer + 1, self._live.step(layer, values[-1])))
        return values

    def _with_fixed(self, layer: int, values: FloatArray, rows: slice | NDArray[np.intp] = slice(None)) -> FloatArray:
        fixed = self._fixed[layer][rows]
        return np.where(np.isnan(fixed), values, fixed)

    def _distinguished(
        self,
        sent: Sequence[BoolArray],
        chosen: Sequence[FloatArray],
        seen: Sequence[BoolArray],
        contexts: NDArray[np.intp],
    ) -> Classes:
        """Find the class of each state, ``(state,)``: which of them change some output in some context, a row.

        In each layer, units that are ``sent`` take their values from ``chosen``, ``(state, unit)``, for units that have
        ``seen`` the new state; all others see the true one.
        """
        outputs = []
        for state in range(len(chosen[0])):
            values = self._with_fixed(0, self._rows[contexts], contexts)
            for layer, units in enumerate(sent[:-1]):
                other = values.copy()
                other[:, units] = chosen[layer][state, units]
                step = partial(self._live.step, layer)
                values = np.where(seen[layer + 1], step(other), step(values))
                values = self._with_fixed(layer + 1, values, contexts)
            outputs.append(np.packbits(values > 0))
        return _distinct(np.stack(outputs))[1]


def _distinct(rows: NDArray[Any]) -> tuple[NDArray[np.intp], Classes]:
    """Find the first of all equal rows, and for each row the number of its kind, by first appearance."""
    if not rows.shape[1]:
        return np.zeros(1, dtype=np.intp), np.zeros(len(rows), dtype=np.int64)
    _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[number.reshape(-1)]
