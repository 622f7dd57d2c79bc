"""Each module of a sculpted network as a function of its own inputs and of the modules that it uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx
import torch
from torch import Tensor

from neural_sculpting.formulas.blocks import Block, modules_in_order
from neural_sculpting.formulas.live_network import LiveNetwork, live_network
from neural_sculpting.networks.packed import PackedNetworks

Units = tuple[tuple[int, int], ...]
"""Pairs (layer, unit) of the sculpted network; layer 0 holds the inputs."""


@dataclass(frozen=True)
class ModuleValues:
    """What a module gives.

    Attributes:
        signals: ``(row, unit)``, the activations of the units that other modules read.
        outputs: ``(row, output)``, the logits of the outputs that it holds.
    """

    signals: Tensor
    outputs: Tensor


class ModuleFunction:
    """One module, to be called.

    Args:
        block: its units.
        used: those of the modules that it uses.
        live: the network.

    Attributes:
        letter: as in the pictures.
        inputs: numbers of the task's inputs that it holds.
        outputs: likewise of outputs.
        uses: names of the modules that it uses.
        signal_units: the units that other modules read, in the order of :attr:`ModuleValues.signals`.

    Example:
        >>> functions = module_functions(record.packed, network, record.graphs[network])  # doctest: +SKIP
        >>> functions[0](torch.tensor([[0.0, 1.0], [1.0, 1.0]])).signals  # of a module with two inputs # doctest: +SKIP
    """

    def __init__(self, block: Block, used: Mapping[Any, Block], live: LiveNetwork) -> None:
        self.letter = block.letter
        self.inputs = block.inputs
        self.outputs = block.outputs
        self.uses = tuple(used)
        self.signal_units = _named(block, live)
        self._units = [torch.from_numpy(units) for units in block.units]
        self._signals = [torch.from_numpy(units) for units in block.signal_units(live)]
        self._read = {
            name: [torch.from_numpy(units) for units in other.signal_units(live)] for name, other in used.items()
        }
        self._weights = [torch.from_numpy(weight) for weight in live.weights]
        self._biases = [torch.from_numpy(bias) for bias in live.biases]

    def __call__(self, inputs: Tensor, signals: Mapping[Any, Tensor] | None = None) -> ModuleValues:
        """Compute what the module gives.

        Args:
            inputs: ``(row, input)``, its own inputs in rising order; without columns where it has none.
            signals: for each module that it uses the :attr:`ModuleValues.signals` of that module.

        Raises:
            ValueError: if inputs or signals have other shapes.
        """
        given = self._checked(inputs, signals or {})
        own = inputs
        values: list[Tensor] = []
        for layer, units in enumerate(self._units):
            if layer:
                weight, bias = (part[layer - 1].to(inputs) for part in (self._weights, self._biases))
                result = values[-1] @ weight[:, units] + bias[units]
                own = result if layer == len(self._units) - 1 else result.relu()
            row = inputs.new_zeros(len(inputs), len(units))
            row[:, units] = own
            for name, read in self._read.items():
                row[:, read[layer]] = given[name][layer]
            values.append(row)
        signal = torch.cat([row[:, units] for row, units in zip(values, self._signals, strict=True)], dim=1)
        return ModuleValues(signal, own)

    def _checked(self, inputs: Tensor, signals: Mapping[Any, Tensor]) -> dict[Any, list[Tensor]]:
        """The signals of each module that it uses, layer by layer."""
        if inputs.ndim != 2 or inputs.shape[1] != len(self.inputs):
            raise ValueError(
                f"inputs {tuple(inputs.shape)}: must be (rows, {len(self.inputs)}), one for each of {self.inputs}"
            )
        if set(signals) != set(self.uses):
            raise ValueError(f"signals of {sorted(signals)}: must be those of {sorted(self.uses)}")
        given = {}
        for name, read in self._read.items():
            widths = [int(units.sum()) for units in read]
            if signals[name].shape != (len(inputs), sum(widths)):
                found = tuple(signals[name].shape)
                raise ValueError(f"signals of {name} {found}: must be {(len(inputs), sum(widths))}")
            given[name] = list(signals[name].split(widths, dim=1))
        return given


def module_functions(packed: PackedNetworks, network: int, graph: nx.DiGraph) -> dict[Any, ModuleFunction]:
    """Make a function of each module of a sculpted network.

    Where no modules use each other in a circle, calling them in the order given and handing each the signals of
    those that it uses computes the whole network.

    Args:
        packed: networks with their parameters, such as ``record.packed``.
        network: the place of one among them.
        graph: its hierarchy as found, ``record.graphs[network]``.

    Returns:
        One for each module of the hierarchy, those that are used before those that use them.

    Raises:
        ValueError: if the hierarchy is not that of the network, or only the masks of the network are kept.
    """
    live = live_network(packed, network)
    blocks = {block.modules[0]: block for block in modules_in_order(graph, live)}
    return {
        module: ModuleFunction(block, {used: blocks[used] for used in graph.predecessors(module)}, live)
        for module, block in blocks.items()
    }


def _named(block: Block, live: LiveNetwork) -> Units:
    places = [kept.nonzero()[0] for kept in live.kept]
    signals = block.signal_units(live)
    return tuple((layer, int(unit)) for layer, units in enumerate(signals) for unit in places[layer][units])
