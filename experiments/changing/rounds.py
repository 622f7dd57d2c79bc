"""The accepted networks of every attempt, which results do not keep, and what a reader finds in them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import networkx as nx
import numpy as np
from lightning.pytorch import LightningModule, Trainer
from numpy.typing import NDArray

from neural_sculpting.analysis.changes import changes_between
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.pruning.callbacks import EdgePruning
from neural_sculpting.records.readings import NetworkReader
from neural_sculpting.sculpting import phases
from neural_sculpting.training.module import as_sculpting

MOST_COMPARED = 10
"""Modules of two hierarchies together up to which their edit distance is computed exactly."""


@dataclass(frozen=True)
class Attempt:
    """The accepted networks after an attempt, by their seeds, and the rounds of training until then."""

    seeds: tuple[int, ...]
    rounds: tuple[int, ...]
    networks: PackedNetworks


@contextmanager
def attempts_kept() -> Iterator[list[Attempt]]:
    """Keep what was accepted after each attempt of edge pruning, of the networks that go on and those that end."""
    kept: list[Attempt] = []

    class Keeping(EdgePruning):
        """Edge pruning that also keeps its networks."""

        def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
            module, ended = as_sculpting(pl_module), len(self.finished)
            number = module.attempt
            super().on_train_epoch_end(trainer, pl_module)
            for state in (*self.finished[ended:], module.state):
                if len(state):
                    rounds = (state.started_in + number).tolist()
                    networks = PackedNetworks.of(state.accepted, module.layout)
                    kept.append(Attempt(tuple(state.seeds.tolist()), tuple(rounds), networks))

    with patch.object(phases, "EdgePruning", Keeping):
        yield kept


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
