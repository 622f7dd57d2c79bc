"""What the reading of a cell gives by chance: with its edges rewired, or with all edges there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.nulls.rewired import rewired
from neural_sculpting.records.answers import null_answers
from neural_sculpting.records.compared import as_compared
from neural_sculpting.records.readings import NetworkReader
from neural_sculpting.records.record import GroupRecord, Null
from neural_sculpting.scoring.answers import Answer, Share

if TYPE_CHECKING:
    from neural_sculpting.records.cell import Cell

MOST_READINGS, MOST_READINGS_OF_IMAGES = 500, 50
"""How many networks of a sweep are rewired and read: up to 10 milliseconds each, those of images ten times as long."""


@dataclass(frozen=True)
class Nulls:
    """How often the answer is found without the structure of the networks.

    Attributes:
        rewired: the share of trials whose network gives the answer although its edges are rewired. Of many trials some,
            from all over the cell, are read.
        rewired_together: whether all networks, rewired, give it together; None of readers that read each alone.
        dense_together: whether networks with all their edges give it; None likewise.
    """

    rewired: Share
    rewired_together: bool | None = None
    dense_together: bool | None = None


def nulls_of(cell: Cell, answer: Answer) -> Nulls:
    """Read the networks of a cell again by chance: every unit keeps its degrees, or all edges are there.

    A reader that asks for the function gets that of the network as it is.
    """
    networks = list(learned_networks(cell))
    found = [read_null(*network, rewired) for network in networks[:: -(-len(networks) // _most(cell))]]
    share = Share.of(sum(same_hierarchy(each, answer.hierarchy) for each in found), len(found))
    given = {name: same_hierarchy(each, answer.hierarchy) for name, each in null_answers(cell).items()}
    return Nulls(share, given.get("rewired"), given.get("dense"))


def _most(cell: Cell) -> int:
    most = MOST_READINGS_OF_IMAGES if cell.has_images else MOST_READINGS
    return max(most // len(cell.sweep.cells), 1)


def learned_networks(cell: Cell) -> Iterator[tuple[GroupRecord, int, int]]:
    """The group, the selected network and the seed of each trial that learned the task."""
    for _, trial in cell.trials[cell.learned].iterrows():
        yield cell.sweep.groups[int(trial["group"])], int(trial["network"]), int(trial["seed"])


def read_null(group: GroupRecord, network: int, seed: int, null: Null) -> nx.DiGraph:
    """Read a network with other masks, drawn by a seed, and its own function; in the form of :func:`as_compared`."""
    found = reader_of(group).read(
        group.masks_under(network, null, seed), lambda: group.about_task.function_of(group.packed, network)
    )
    return as_compared(found.hierarchy, group)


def reader_of(group: GroupRecord) -> NetworkReader:
    """The reader of a group, for other masks and functions of its task."""
    analysis = group.config.analysis
    return NetworkReader(analysis.reader, analysis.settings, group.about_task)
