"""From a sculpted network of bits to the formulas that its modules compute."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import torch

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.formulas.blocks import Block, blocks_in_order
from neural_sculpting.formulas.encodings import Reading, Undetermined, bits_of
from neural_sculpting.formulas.formulas import Formula, ModuleFormulas, NetworkFormulas
from neural_sculpting.formulas.live_network import LiveNetwork, live_network
from neural_sculpting.formulas.signals import SignalSearch
from neural_sculpting.networks.network import forward
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.tasks.graph import MAX_INPUTS, all_bits

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

log = logging.getLogger(__name__)

MOST_READ = 12
"""Bits that a module may read; its formulas have fewer variables, since not all of these are needed."""

MOST_SHOWN = 10
"""Inputs up to which formulas are shown unasked: a fraction of a second. With 12 they take a second or two."""


def network_formulas(
    packed: PackedNetworks,
    network: int,
    graph: nx.DiGraph,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
) -> NetworkFormulas:
    """Read a sculpted network as logic formulas, one or a few for each module.

    The inputs are taken to be bits, and an output is 1 where its logit is above 0. What a module tells the others is
    found by trying it out: two of its states are the same signal if putting one in the place of the other changes no
    output of another module, whatever the other inputs are. The classes of states are named by bits.

    Args:
        packed: networks with their parameters, such as ``record.packed``.
        network: the place of one among them.
        graph: its hierarchy as found, ``record.graphs[network]``.
        input_names: of the task's inputs; x0, x1, … where there are none.
        output_names: of its outputs; y0, y1, … likewise.

    Returns:
        Formulas that, put together, give the outputs of the network in every row of the truth table.

    Raises:
        UserError: if the network reads more than 16 inputs.
        ValueError: if the hierarchy is not that of the network, or only the masks of the network are kept.
    """
    live = live_network(packed, network)
    if len(live.inputs) > MAX_INPUTS:
        raise UserError(f"the network reads {len(live.inputs)} inputs: formulas are made for at most {MAX_INPUTS}")
    names = tuple(input_names) or numbered("x", packed.layout.layers[0])
    outputs = tuple(output_names) or numbered("y", packed.layout.layers[-1])
    search = _Search(live, graph, bits_of_network(packed, network), names, outputs)
    modules = tuple(map(search.formulas_of, search.blocks))
    found = NetworkFormulas(tuple(names[number] for number in live.inputs), outputs, modules)
    if not holds(found, packed, network):
        raise RuntimeError("the formulas do not give the outputs of the network")  # never to be shown
    return found


def formula_lines(
    packed: PackedNetworks,
    network: int,
    graph: nx.DiGraph | None,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    *,
    are_bits: bool,
    name: str,
) -> list[str]:
    """Read a sculpted network as lines of formulas to be shown beside its hierarchy, where that is quick.

    Args:
        packed: networks with their parameters.
        network: the index of one among them.
        graph: its hierarchy; None where its analysis failed.
        input_names: as for :func:`network_formulas`.
        output_names: likewise.
        are_bits: whether all inputs and outputs of the task are bits.
        name: of the trial, for the warning.

    Returns:
        No lines where there is no hierarchy, inputs or outputs are not bits, or the network reads more than 10 inputs.
        Nor where reading it fails, which is logged as a warning.
    """
    if graph is None or not are_bits:
        return []
    try:
        if len(live_network(packed, network).inputs) > MOST_SHOWN:
            return []
        return str(network_formulas(packed, network, graph, input_names, output_names)).splitlines()
    except Exception as error:  # of all that is shown it costs the formulas alone
        log.warning("%s: no formulas (%s: %s)", name, type(error).__name__, on_one_line(error))
        log.debug("reading formulas stopped with an error", exc_info=True)
        return []


def holds(formulas: NetworkFormulas, packed: PackedNetworks, network: int) -> bool:
    """Whether formulas, put together, give all outputs of a network that have one, in every row of the truth table.

    Args:
        formulas: of the network.
        packed: networks with their parameters.
        network: the place of one among them.
    """
    rows = all_bits(len(formulas.inputs))
    given = formulas.evaluate(dict(zip(formulas.inputs, rows.T, strict=True)))
    wanted = dict(zip(formulas.outputs, bits_of_network(packed, network).T, strict=True))
    return all(np.array_equal(given[name], column) for name, column in wanted.items() if name in given)


def bits_of_network(packed: PackedNetworks, network: int) -> BoolArray:
    """The outputs of a sculpted network, as it was trained, for all rows of the inputs that it reads.

    Returns:
        ``(row, output)``, in the order of :func:`~neural_sculpting.tasks.graph.all_bits`. Inputs that no output sees
        are 0.
    """
    live = live_network(packed, network).kept[0]
    bits = all_bits(int(live.sum()))
    rows = torch.zeros(1, len(bits), len(live))
    rows[0][:, torch.from_numpy(live)] = torch.from_numpy(bits).float()
    parameters = torch.from_numpy(packed.parameters_of(network))[None]
    return np.asarray(forward(parameters, packed.layout, rows)[-1][0].numpy() > 0)


def numbered(prefix: str, number: int) -> tuple[str, ...]:
    """Names for inputs or outputs that have none, such as x0 and x1."""
    return tuple(f"{prefix}{place}" for place in range(number))


class _NoFormula(Exception):
    """Why there is none."""


class _Search:
    """Goes through the modules of a network, used ones first, and remembers the signals that they send.

    Args:
        live: the network.
        graph: its hierarchy.
        answers: its outputs, ``(row, output)``.
        input_names: of all inputs.
        output_names: of all outputs.
    """

    def __init__(
        self,
        live: LiveNetwork,
        graph: nx.DiGraph,
        answers: BoolArray,
        input_names: Sequence[str],
        output_names: Sequence[str],
    ) -> None:
        self.blocks = blocks_in_order(graph, live)
        self._search = SignalSearch(live)
        self._answers = answers
        self._input_names, self._output_names = input_names, output_names
        self._columns = dict(
            zip((input_names[number] for number in live.inputs), all_bits(len(live.inputs)).T, strict=True)
        )
        block_of = {module: block for block in self.blocks for module in block.modules}
        self._uses = nx.DiGraph()
        self._uses.add_nodes_from(self.blocks)
        self._uses.add_edges_from((block_of[used], block_of[using]) for used, using in graph.edges)
        self._uses.remove_edges_from([(block, block) for block in self.blocks])
        self._prefix = "module_" if self._clash({*input_names, *output_names}) else ""
        self._sent: dict[str, tuple[str, ...] | None] = {}

    def formulas_of(self, block: Block) -> ModuleFormulas:
        """The formulas of one module, after those of the modules that it uses."""
        used = [other for other in self.blocks if self._uses.has_edge(other, block)]
        own = tuple(self._input_names[number] for number in block.inputs)
        reads = (*own, *(name for other in used for name in self._sent[other.letter] or ()))
        signals: list[Formula] = []
        outputs: list[tuple[str, Boolean | None]] = []
        problems = []
        self._sent[block.letter] = None
        try:
            if unknown := [other.letter for other in used if self._sent[other.letter] is None]:
                raise _NoFormula(f"it reads {' and '.join(unknown)}, of which there is no formula")
            if len(reads) > MOST_READ:
                raise _NoFormula(f"it reads {len(reads)} bits, more than {MOST_READ}")
            reading = self._reading(reads)
            outputs = self._outputs(block, reading)
            if missing := [name for name, expression in outputs if expression is None]:
                problems.append(f"no short formula for {', '.join(missing)}")
            signals = self._signals(block, reading)
        except _NoFormula as error:
            problems.append(str(error))
        found = [Formula(name, expression) for name, expression in outputs if expression is not None]
        return ModuleFormulas(block.letter, block.modules, reads, tuple(signals), tuple(found), "; ".join(problems))

    def _outputs(self, block: Block, reading: Reading) -> list[tuple[str, Boolean | None]]:
        """The outputs of a module; those that are always equal share the search."""
        found: dict[bytes, Boolean | None] = {}
        for number in block.outputs:
            column = self._answers[:, number]
            if column.tobytes() not in found:
                try:
                    found[column.tobytes()] = reading.formula_of(column)
                except Undetermined as error:
                    raise _NoFormula(str(error)) from error
        return [(self._output_names[number], found[self._answers[:, number].tobytes()]) for number in block.outputs]

    def _signals(self, block: Block, reading: Reading) -> list[Formula]:
        """Find the signals of a module, and remember them for the modules that read it."""
        readers = [other for other in self.blocks if self._uses.has_edge(block, other)]
        signal = self._search.signal_of(block, readers)
        if signal is None:
            raise _NoFormula("it has too many states to try them all")
        try:
            bits = bits_of(signal, reading)
        except Undetermined as error:
            raise _NoFormula(str(error)) from error
        if bits is None:
            raise _NoFormula(f"its signal takes {signal.values} values, for which there are no short formulas")
        name = f"{self._prefix}{block.letter}"
        names = (name,) if len(bits) == 1 else tuple(f"{name}{place}" for place in range(len(bits)))
        self._columns.update(zip(names, (bit.column for bit in bits), strict=True))
        self._sent[block.letter] = names
        return [Formula(name, bit.formula) for name, bit in zip(names, bits, strict=True)]

    def _reading(self, names: Sequence[str]) -> Reading:
        from sympy import Symbol

        columns = [self._columns[name] for name in names]
        return Reading(
            tuple(map(Symbol, names)), np.array(columns, dtype=np.bool_).reshape(len(names), len(self._answers)).T
        )

    def _clash(self, taken: Iterable[str]) -> bool:
        """Whether a signal could be called like an input or output."""
        letters = "|".join(block.letter for block in self.blocks)
        return any(re.fullmatch(rf"({letters})\d*", name) for name in taken)
