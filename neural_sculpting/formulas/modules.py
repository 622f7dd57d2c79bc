"""A sculpted network without its dead units, and its modules as blocks of units in order."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import torch
from numpy.typing import NDArray

from neural_sculpting.analysis import condense, hierarchy_from_graph, restrict
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.networks.layout import as_perceptron
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.scoring.labels import module_letters

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LiveNetwork:
    """A network without its dead units, in double precision.

    The outputs are those of the whole network, to rounding: units that no input reaches are constant and have become
    part of the biases.

    Attributes:
        kept: for each layer of the whole network whether each unit is live, ``(units,)``: the inputs that some output
            sees, hidden units on a path from an input to an output, and all outputs.
        masks: ``(fan_in, fan_out)`` over live units for each weight layer.
        weights: likewise; zero where there is no edge.
        biases: ``(fan_out,)`` for each weight layer.
    """

    kept: tuple[BoolArray, ...]
    masks: tuple[BoolArray, ...]
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]

    @property
    def inputs(self) -> tuple[int, ...]:
        """The indices of the task's inputs that are live, in rising order."""
        return _indices(self.kept[0])

    def step(self, layer: int, values: FloatArray) -> FloatArray:
        """Compute the activations ``(row, unit)`` of the next layer from those of ``layer``; of the last the logits."""
        result = values @ self.weights[layer] + self.biases[layer]
        return result if layer == len(self.weights) - 1 else np.maximum(result, 0.0)


def live_network(packed: PackedNetworks, network: int) -> LiveNetwork:
    """Leave out what carries nothing from an input to an output.

    Raises:
        ValueError: if only the masks of the network are stored.
    """
    masks = packed.masks_of(network)
    kept = condense(masks)
    rows = torch.from_numpy(packed.parameters_of(network)).double()[None]
    weights, biases = (
        [layer[0].numpy() for layer in layers] for layers in as_perceptron(packed.layout, "formulas").split(rows)
    )
    reached = np.ones(len(kept[0]), dtype=np.bool_)
    constant = np.zeros(len(kept[0]))  # the activations of units that no input reaches
    live_weights, live_biases = [], []
    for mask, weight, [bias], (lower, upper) in zip(masks, weights, biases, pairwise(kept), strict=True):
        whole_bias = bias + constant @ weight
        live_weights.append(weight[np.ix_(lower, upper)])
        live_biases.append(whole_bias[upper])
        reached = np.any(mask[reached], axis=0)
        constant = np.where(reached, 0.0, np.maximum(whole_bias, 0.0))
    return LiveNetwork(kept, tuple(restrict(masks, kept)), tuple(live_weights), tuple(live_biases))


@dataclass(frozen=True, eq=False)
class Block:
    """One module, or several that feed each other, with a letter as in the pictures, or letters, ``A_B``.

    Inputs and outputs are indices among those of the task, in rising order. ``units`` marks the units of the block in
    each layer of the live network, ``(units,)``.
    """

    modules: tuple[Any, ...]
    letter: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    units: tuple[BoolArray, ...]

    def signal_units(self, live: LiveNetwork) -> tuple[BoolArray, ...]:
        """Mark, like ``units``, those that units of other blocks read; no outputs."""
        layers = zip(self.units[:-1], live.masks, self.units[1:], strict=True)
        read = [units & mask[:, ~above].any(axis=1) for units, mask, above in layers]
        return *read, np.zeros_like(self.units[-1])


def blocks_in_order(graph: nx.DiGraph, live: LiveNetwork) -> list[Block]:
    """List the modules of a network's hierarchy, used ones before those that use them.

    Modules that feed each other are one block.

    Raises:
        ValueError: if the hierarchy is not that of the network.
    """
    found = hierarchy_from_graph(graph, [len(kept) for kept in live.kept])
    ends = all(np.array_equal(found.kept[end], live.kept[end]) for end in (0, -1))  # hidden units may be in no module
    if not ends or any((inside & ~kept).any() for inside, kept in zip(found.kept, live.kept, strict=True)):
        raise ValueError("the hierarchy is not that of the network: their units differ")
    letters = module_letters(graph)
    rank = {module: index for index, module in enumerate(letters)}
    cycles = nx.condensation(graph)
    members = {cycle: sorted(modules, key=rank.__getitem__) for cycle, modules in cycles.nodes(data="members")}
    blocks = []
    for cycle in nx.lexicographical_topological_sort(cycles, key=lambda cycle: rank[members[cycle][0]]):
        modules = members[cycle]
        whole = [np.isin(labels, modules) for labels in found.modules]
        units = tuple(layer[kept] for layer, kept in zip(whole, live.kept, strict=True))
        letter = "_".join(letters[module] for module in modules)
        blocks.append(Block(tuple(modules), letter, _indices(whole[0]), _indices(whole[-1]), units))
    return blocks


def _indices(marked: BoolArray) -> tuple[int, ...]:
    return tuple(np.flatnonzero(marked).tolist())
