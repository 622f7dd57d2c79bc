"""The accepted networks of every attempt, which results do not keep, and what a reader finds in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.analysis.changes import changes_between
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.networks.state import TrialState
from neural_sculpting.records.readings import NetworkReader

MOST_COMPARED = 10
"""Modules of two hierarchies together up to which their edit distance is computed exactly."""


@dataclass(frozen=True)
class Attempt:
    """The accepted networks after an attempt, by their seeds, and the rounds of training until then."""

    seeds: tuple[int, ...]
    rounds: tuple[int, ...]
    networks: PackedNetworks


class AttemptsKept:
    """Keeps what was accepted after each attempt of edge pruning."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    def attempt(self, report: pd.DataFrame) -> None:
        """Keep none of the history: results have it."""

    def accepted(self, phase: str, attempt: int, networks: TrialState, layout: Architecture) -> None:
        """Keep the networks."""
        if phase == "edge" and len(networks):
            rounds = (networks.started_in + attempt).tolist()
            packed = PackedNetworks.of(networks.accepted, layout)
            self.attempts.append(Attempt(tuple(networks.seeds.tolist()), tuple(rounds), packed))


class MaskReader:
    """Reads masks; the same ones once."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._reader = NetworkReader(name, settings)
        self._known: dict[bytes, nx.DiGraph] = {}

    def __call__(self, masks: Sequence[NDArray[np.bool_]]) -> nx.DiGraph:
        """Return the hierarchy of a network."""
        key = b"".join(mask.tobytes() for mask in masks)
        if key not in self._known:
            self._known[key] = self._reader.read(masks).hierarchy
        return self._known[key]


def edit_distance(found: nx.DiGraph, wanted: nx.DiGraph) -> int:
    """Count the modules and edges to add, remove or replace until two hierarchies are the same.

    Modules are the same if they have the same inputs and outputs. Of large hierarchies it is the length of one way, by
    the modules that are most alike, instead of the shortest.
    """
    if len(found) + len(wanted) <= MOST_COMPARED:
        return int(nx.graph_edit_distance(found, wanted, node_match=_same_ends))
    changes = changes_between(found, wanted)
    parts = (changes.altered, changes.gone, changes.new, changes.reads_gone, changes.reads_new)
    return sum(map(len, parts))


def _same_ends(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(np.array_equal(sorted(one[ends]), sorted(other[ends])) for ends in ("inputs", "outputs"))
