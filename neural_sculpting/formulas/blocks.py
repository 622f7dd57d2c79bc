"""Where the units of modules lie in a network, and the order in which modules feed each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.formulas.live_network import LiveNetwork
from neural_sculpting.scoring.labels import module_letters


@dataclass(frozen=True, eq=False)
class Block:
    """One module, or several that feed each other.

    Attributes:
        modules: their names in the hierarchy.
        letter: as in the pictures; of several ``A_B``.
        inputs: numbers of the task's inputs that it holds, in rising order.
        outputs: likewise of outputs.
        units: for each layer of the live network ``(units,)``, True for the units of the block.
    """

    modules: tuple[Any, ...]
    letter: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    units: tuple[BoolArray, ...]

    def signal_units(self, live: LiveNetwork) -> tuple[BoolArray, ...]:
        """The units of the block that units of others read, in the form of ``units``; no outputs."""
        return (
            *(
                units & mask[:, ~above].any(axis=1)
                for units, mask, above in zip(self.units[:-1], live.masks, self.units[1:], strict=True)
            ),
            np.zeros_like(self.units[-1]),
        )


def modules_in_order(graph: nx.DiGraph, live: LiveNetwork) -> list[Block]:
    """Each module alone, used ones before those that use them as far as they do not feed each other.

    Args:
        graph: the hierarchy that was found, whose nodes have ``inputs``, ``outputs`` and ``units``.
        live: the network that it was found in.

    Raises:
        ValueError: if the hierarchy is not that of the network.
    """
    _check(graph, live)
    letters = module_letters(graph)
    return [_block(graph, live, [module], letters) for circle in _circles(graph, letters) for module in circle]


def blocks_in_order(graph: nx.DiGraph, live: LiveNetwork) -> list[Block]:
    """Modules, those that feed each other in a circle as one block; used ones before those that use them.

    Args and errors are those of :func:`modules_in_order`.
    """
    _check(graph, live)
    letters = module_letters(graph)
    return [_block(graph, live, circle, letters) for circle in _circles(graph, letters)]


def _circles(graph: nx.DiGraph, letters: Mapping[Any, str]) -> list[list[Any]]:
    """Groups of modules that reach each other; among those that could come next, the first in the pictures does."""
    place = {module: number for number, module in enumerate(letters)}
    circles = nx.condensation(graph)
    members = {circle: sorted(held, key=place.__getitem__) for circle, held in circles.nodes(data="members")}
    ordered = nx.lexicographical_topological_sort(circles, key=lambda circle: place[members[circle][0]])
    return [members[circle] for circle in ordered]


def _block(graph: nx.DiGraph, live: LiveNetwork, modules: Sequence[Any], letters: Mapping[Any, str]) -> Block:
    whole = [np.zeros(len(kept), dtype=np.bool_) for kept in live.kept]
    for module in modules:
        for layer, unit in _members(graph.nodes[module], len(whole) - 1):
            whole[layer][unit] = True
    return Block(
        tuple(modules),
        "_".join(letters[module] for module in modules),
        tuple(whole[0].nonzero()[0].tolist()),
        tuple(whole[-1].nonzero()[0].tolist()),
        tuple(units[kept] for units, kept in zip(whole, live.kept, strict=True)),
    )


def _members(held: dict[str, Any], last: int) -> list[tuple[int, int]]:
    inputs = [(0, number) for number in held["inputs"]]
    return [*inputs, *held.get("units", ()), *((last, number) for number in held["outputs"])]


def _check(graph: nx.DiGraph, live: LiveNetwork) -> None:
    found = sorted(place for _, held in graph.nodes(data=True) for place in _members(held, len(live.kept) - 1))
    if found != [(layer, unit) for layer, kept in enumerate(live.kept) for unit in kept.nonzero()[0].tolist()]:
        raise ValueError("the hierarchy is not that of the network: their units differ")
