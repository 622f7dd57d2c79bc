"""What breaks in the networks of a sweep when modules are disturbed, beside what hierarchies predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.condense import BoolArray, condense
from neural_sculpting.analysis.readers import StageGraph
from neural_sculpting.analysis.readers.hidden_units import with_units
from neural_sculpting.formulas.input_rows import input_rows, number_of_rows
from neural_sculpting.records.null_readings import learned_networks
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.tables import best_first
from neural_sculpting.scoring.means import Mean

if TYPE_CHECKING:
    import pandas as pd

    from neural_sculpting.records.cell import Cell

MOST_ROWS = 512
"""Rows in which modules are disturbed: all of a truth table that has no more, as often as there is room."""

MOST_NETWORKS, MOST_OF_OTHERS = 50, 5
"""Networks of a sweep whose modules are disturbed: 30 milliseconds each, of convolutions and attention up to 500."""

CONTROLS = 4
"""Random sets of units for each module."""


@dataclass(frozen=True, eq=False)
class Lesions:
    """One network, of which one module after the other was disturbed.

    Attributes:
        hierarchy: its modules, with ``units``.
        predicted: the outputs that each of them reaches, ``(modules, outputs)``.
        damaged: see :func:`~neural_sculpting.formulas.lesions.damage`, ``(modules, outputs)``.
        random: likewise of random sets of as many units.
    """

    hierarchy: nx.DiGraph
    predicted: BoolArray
    damaged: NDArray[np.float64]
    random: tuple[NDArray[np.float64], ...]

    def score(self, *, balanced: bool = True) -> float:
        """How well the hierarchy predicts the damage, see :func:`~neural_sculpting.formulas.lesions.lesion_agreement`.

        NaN for balanced scores where every module reaches every output: then nothing is predicted.
        """
        return self._score(self.damaged, balanced)

    def control(self, *, balanced: bool = True) -> float:
        """Likewise, with the damage of random units in the place of the modules' own, on average."""
        return float(np.mean([self._score(each, balanced) for each in self.random]))

    def _score(self, damaged: NDArray[np.float64], balanced: bool) -> float:
        from neural_sculpting.formulas.lesions import lesion_agreement

        return lesion_agreement(damaged, self.predicted, balanced=balanced)


@dataclass(frozen=True, eq=False)
class CellLesions:
    """Balanced scores of the networks of a cell.

    Attributes:
        shown: the network of one trial, disturbed.
        trial: its row.
        own: how well the hierarchies of networks predict the damage in them.
        answer: how well the answer of the cell predicts the damage in each of these networks.
        control: as ``own``, of random units.
        networks: how many there are, of which some may have no score.
    """

    shown: Lesions
    trial: pd.Series
    own: Mean
    answer: Mean
    control: Mean
    networks: int


def lesions_of(
    group: GroupRecord, network: int, hierarchy: nx.DiGraph | None = None, seed: int = 0, draws: int = CONTROLS
) -> Lesions | None:
    """Disturb the modules of a network, by default those of its own hierarchy.

    A hierarchy of other networks gets the units that clearly belong to its modules, as the reader ``confirmed`` has it.
    There is nothing where inputs are images, weights are not stored, or the network has no hierarchy.

    Args:
        group: of the network.
        network: its index.
        hierarchy: modules with ``inputs`` and ``outputs``; None for the network's own.
        seed: of the random units.
        draws: how many random sets there are.
    """
    from neural_sculpting.formulas.lesions import damage, predicted_damage, random_modules  # takes seconds: torch

    graph, rows = group.graphs[network] if hierarchy is None else hierarchy, rows_of(group)
    if graph is None or rows is None or not group.packed.has_values([network])[0]:
        return None
    masks, outputs = group.masks_of(network), group.layout.layers[-1]
    if hierarchy is not None or not any(units for _, units in graph.nodes(data="units")):
        graph = with_units(graph, StageGraph(tuple(masks)))
    parameters, kept = group.packed.parameters_of(network), condense(masks)

    def damaged(modules: nx.DiGraph) -> NDArray[np.float64]:
        are_bits, one_hot = group.outputs_are_bits, group.one_hot
        return damage(group.layout, parameters, modules, rows, outputs_are_bits=are_bits, one_hot=one_hot)

    controls = tuple(damaged(random_modules(graph, kept, CONTROLS * seed + draw)) for draw in range(draws))
    return Lesions(graph, predicted_damage(graph, outputs), damaged(graph), controls)


def rows_of(group: GroupRecord) -> NDArray[np.float32] | None:
    """Rows in which to disturb networks: the stored examples, or of bits all rows or random ones; None of images.

    Few rows are repeated, as each of them gets the values of one other row.
    """
    live, one_hot, rows = np.ones(group.layout.inputs, dtype=np.bool_), group.one_hot_inputs, group.example_rows
    if rows is None:
        if not group.inputs_are_bits or group.image_shape is not None:
            return None
        is_small = number_of_rows(live, one_hot) <= MOST_ROWS
        rows = (input_rows(live, one_hot) if is_small else _random_rows(one_hot or (1,) * len(live))).astype(np.float32)
    return np.tile(rows[:MOST_ROWS], (max(MOST_ROWS // len(rows), 1), 1))


def _random_rows(sizes: Sequence[int]) -> NDArray[np.float64]:
    random = np.random.default_rng(0)
    codes = [np.eye(size) if size > 1 else np.array([[0.0], [1.0]]) for size in sizes]
    return np.hstack([each[random.integers(len(each), size=MOST_ROWS)] for each in codes])


def lesions_of_cell(cell: Cell) -> CellLesions | None:
    """Disturb some networks of a cell that have learned the task, from all over it; None where that is not possible."""
    networks = list(learned_networks(cell))
    most = MOST_OF_OTHERS if cell.first_group.layout.by_unit else MOST_NETWORKS
    chosen = networks[:: -(-len(networks) // max(most // len(cell.sweep.cells), 1)) or 1]
    found = [(each, lesions) for each in chosen if (lesions := lesions_of(each[0], each[1], seed=each[2]))]
    if not found:
        return None
    trial = cell.best if cell.best is not None else best_first(cell.trials[cell.learned]).iloc[0]
    shown = lesions_of(cell.sweep.groups[int(trial["group"])], int(trial["network"]))
    if shown is None:
        return None
    together = cell.networks_answer
    by_answer = [lesions_of(*each[:2], together.hierarchy, draws=0) for each, _ in found] if together else []
    own, control = (Mean.of([kind(lesions) for _, lesions in found]) for kind in (Lesions.score, Lesions.control))
    answer = Mean.of([lesions.score() for lesions in by_answer if lesions])
    return CellLesions(shown, trial, own, answer, control, len(found))
