"""The modules of a network in the order in which they feed each other: their units, and each as a function."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import torch
from torch import Tensor

from neural_sculpting.analysis import hierarchy_from_graph
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.formulas.live_network import LiveNetwork, live_network
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.scoring.labels import module_letters


@dataclass(frozen=True, eq=False)
class Block:
    """One module, or several that feed each other, with a letter as in the pictures, or letters, ``A_B``.

    Inputs and outputs are indices among those of the task, in rising order. ``units`` has for each layer of the live
    network ``(units,)``, True for the units of the block.
    """

    modules: tuple[Any, ...]
    letter: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    units: tuple[BoolArray, ...]

    def signal_units(self, live: LiveNetwork) -> tuple[BoolArray, ...]:
        """The units of the block that units of others read, in the form of ``units``; no outputs."""
        layers = zip(self.units[:-1], live.masks, self.units[1:], strict=True)
        read = [units & mask[:, ~above].any(axis=1) for units, mask, above in layers]
        return *read, np.zeros_like(self.units[-1])


def blocks_in_order(graph: nx.DiGraph, live: LiveNetwork, *, join_cycles: bool = True) -> list[Block]:
    """List the modules of a hierarchy that was found in a network, used ones before those that use them.

    Modules that feed each other are one block, or follow each other without ``join_cycles``.

    Raises:
        ValueError: if the hierarchy is not that of the network.
    """
    found = hierarchy_from_graph(graph, [len(kept) for kept in live.kept])
    if not all(map(np.array_equal, found.kept, live.kept)):
        raise ValueError("the hierarchy is not that of the network: their units differ")
    letters = module_letters(graph)
    rank = {module: index for index, module in enumerate(letters)}
    cycles = nx.condensation(graph)
    members = {cycle: sorted(modules, key=rank.__getitem__) for cycle, modules in cycles.nodes(data="members")}
    blocks = []
    for cycle in nx.lexicographical_topological_sort(cycles, key=lambda cycle: rank[members[cycle][0]]):
        for modules in [members[cycle]] if join_cycles else [[module] for module in members[cycle]]:
            whole = [np.isin(labels, modules) for labels in found.modules]
            inputs, outputs = (tuple(layer.nonzero()[0].tolist()) for layer in (whole[0], whole[-1]))
            units = tuple(layer[kept] for layer, kept in zip(whole, live.kept, strict=True))
            blocks.append(Block(tuple(modules), "_".join(letters[m] for m in modules), inputs, outputs, units))
    return blocks


@dataclass(frozen=True)
class ModuleValues:
    """The activations of a module's units that others read, ``(row, unit)``, and its logits, ``(row, output)``."""

    signals: Tensor
    outputs: Tensor


class ModuleFunction:
    """One module of a network as a function of its own inputs and of the modules that it uses.

    Attributes:
        letter: as in the pictures.
        inputs: indices of its inputs among those of the task.
        outputs: likewise of outputs.
        uses: names of the modules that it uses.
        signal_units: pairs (layer, unit) of the sculpted network, whose inputs are layer 0: the units that other
            modules read, in the order of :attr:`ModuleValues.signals`.
    """

    def __init__(self, block: Block, used: Mapping[Any, Block], live: LiveNetwork) -> None:
        self.letter, self.inputs, self.outputs, self.uses = block.letter, block.inputs, block.outputs, tuple(used)
        signals = block.signal_units(live)
        self.signal_units = tuple(
            (layer, int(unit))
            for layer, (kept, units) in enumerate(zip(live.kept, signals, strict=True))
            for unit in kept.nonzero()[0][units]
        )
        self._units, self._signals = _tensors(block.units), _tensors(signals)
        self._read = {name: _tensors(other.signal_units(live)) for name, other in used.items()}
        self._weights, self._biases = _tensors(live.weights), _tensors(live.biases)

    def __call__(self, inputs: Tensor, signals: Mapping[Any, Tensor] | None = None) -> ModuleValues:
        """Compute the signals and outputs of the module from its own inputs in rising order, ``(row, input)``.

        ``signals`` has the :attr:`ModuleValues.signals` of each module that it uses.

        Raises:
            ValueError: if inputs or signals have other shapes.
        """
        read = self._checked(inputs, signals or {})
        own = inputs
        rows: list[Tensor] = []
        for layer, units in enumerate(self._units):
            if layer:
                weight, bias = (part[layer - 1].to(inputs) for part in (self._weights, self._biases))
                own = rows[-1] @ weight[:, units] + bias[units]
                own = own if layer == len(self._units) - 1 else own.relu()
            row = inputs.new_zeros(len(inputs), len(units))
            row[:, units] = own
            for name, theirs in self._read.items():
                row[:, theirs[layer]] = read[name][layer]
            rows.append(row)
        signal = torch.cat([row[:, units] for row, units in zip(rows, self._signals, strict=True)], dim=1)
        return ModuleValues(signal, own)

    def _checked(self, inputs: Tensor, signals: Mapping[Any, Tensor]) -> dict[Any, tuple[Tensor, ...]]:
        """The signals of each module that it uses, layer by layer."""
        if inputs.ndim != 2 or inputs.shape[1] != len(self.inputs):
            raise ValueError(
                f"inputs {tuple(inputs.shape)}: must be (rows, {len(self.inputs)}), one for each of {self.inputs}"
            )
        if set(signals) != set(self.uses):
            raise ValueError(f"signals of {sorted(signals)}: must be those of {sorted(self.uses)}")
        read = {}
        for name, units in self._read.items():
            widths = [int(layer.sum()) for layer in units]
            found, expected = tuple(signals[name].shape), (len(inputs), sum(widths))
            if found != expected:
                raise ValueError(f"signals of {name} {found}: must be {expected}")
            read[name] = signals[name].split(widths, dim=1)
        return read


def module_functions(packed: PackedNetworks, network: int, graph: nx.DiGraph) -> dict[Any, ModuleFunction]:
    """Make a function of each module of a sculpted network.

    Where no modules use each other in a cycle, calling them in the order given and handing each the signals of
    those that it uses computes the whole network. The arguments are those of
    :func:`~neural_sculpting.formulas.network_formulas.network_formulas`.

    Raises:
        ValueError: if the hierarchy is not that of the network, or only the masks of the network are kept.
    """
    live = live_network(packed, network)
    blocks = {block.modules[0]: block for block in blocks_in_order(graph, live, join_cycles=False)}
    return {
        module: ModuleFunction(block, {used: blocks[used] for used in graph.predecessors(module)}, live)
        for module, block in blocks.items()
    }


def _tensors(arrays: tuple[np.ndarray, ...]) -> list[Tensor]:
    return [torch.from_numpy(array) for array in arrays]
