"""What is drawn in each stage of a network's graph: its own units, and channels of a stream that only pass by."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.views.pictures.layered_layout import Matrix, arranged

Flags = NDArray[np.bool_]


class Stages:
    """The names of stages and units, and which units are those of the stage before.

    Attributes:
        names: of each stage.
        own: whether each unit is one of its stage, ``(units,)``, or else of the one before; all where none is new.
        passing: whether nothing is added to each unit since the stage before, ``(units,)``.
        counts: of its own units, those that are kept and all.
    """

    def __init__(self, masks: Sequence[Matrix], kept: Sequence[Flags], architecture: Architecture | None) -> None:
        hidden = architecture.nodes if architecture else ()
        self._nodes = ((), *(hidden or ((),) * (len(kept) - 2)), ())
        self.own = [np.ones(len(of), dtype=np.bool_) for of in kept]
        self.passing = [np.zeros(len(of), dtype=np.bool_) for of in kept]
        live = arranged(masks, kept)
        for stage, (before, nodes) in enumerate(pairwise(self._nodes), 1):
            known = {*before}
            again = np.array([node in known for node in nodes], dtype=np.bool_)
            if not again.any():
                continue
            self.own[stage] = ~again | again.all()
            sources, units = np.flatnonzero(kept[stage - 1]), np.flatnonzero(kept[stage])
            for unit, entering in zip(units.tolist(), live[stage - 1].T, strict=True):
                self.passing[stage][unit] = [before[each] for each in sources[entering].tolist()] == [nodes[unit]]
        self.counts = [(int(np.sum(of & own)), int(np.sum(own))) for of, own in zip(kept, self.own, strict=True)]
        self.names = ("inputs", *self._named(), "outputs")

    def _named(self) -> list[str]:
        """Name hidden stages by the kinds of their own units; several of a kind are numbered from 1."""
        own = zip(self._nodes[1:-1], self.own[1:-1], strict=True)
        kinds = [nodes[int(np.argmax(of))][0] if nodes else f"hidden{stage}" for stage, (nodes, of) in enumerate(own)]
        several = Counter(map(_stem, {*kinds}))
        return [
            f"{_stem(kind)} {int(kind.removeprefix(_stem(kind))) + 1}" if several[_stem(kind)] > 1 else _stem(kind)
            for kind in kinds
        ]

    def show_one_of_each(self, modules: Sequence[NDArray[np.int64]]) -> None:
        """Let the first units of each module not pass whose units all do, so that its letter is somewhere."""
        lines = {module for of, line in zip(modules, self.passing, strict=True) for module in np.unique(of[line])}
        for of, line in zip(modules, self.passing, strict=True):
            lines -= {*np.unique(of[~line])}
        for of, line in zip(modules, self.passing, strict=True):
            first = line & np.isin(of, [*lines])
            line &= ~first
            lines -= {*of[first]}

    def title(self, stage: int, unit: int) -> str:
        """The name of a unit, such as ``head 0``; nothing where it has none."""
        if not self._nodes[stage]:
            return ""
        kind, number = self._nodes[stage][unit]
        return f"{_stem(kind).removesuffix('s')} {number}"


def _stem(kind: str) -> str:
    """A kind without its number, which counts from 0."""
    return kind.rstrip("0123456789")
