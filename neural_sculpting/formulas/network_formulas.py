"""From a sculpted network of bits to the formulas that its modules compute."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product, starmap
from types import MappingProxyType
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import torch

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.formulas.encodings import NoFormulaError, Reading, bits_of
from neural_sculpting.formulas.formulas import Formula, ModuleFormulas, NetworkFormulas
from neural_sculpting.formulas.input_rows import input_rows, number_of_rows
from neural_sculpting.formulas.modules import Block, LiveNetwork, blocks_in_order, live_network
from neural_sculpting.formulas.network_function import groups_of_classes
from neural_sculpting.formulas.signals import SignalSearch
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.tasks.graph import MAX_INPUTS

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

log = logging.getLogger(__name__)

MAX_READ = 12
"""Bits that a module may read; its formulas have fewer variables, since not all bits are needed."""

MAX_SHOWN = 10
"""Inputs up to which formulas are shown by default: a fraction of a second. With 12 they take a second or two.

Inputs that are one-hot codes have fewer values that can occur, and count as fewer inputs.
"""


def network_formulas(
    packed: PackedNetworks,
    network: int,
    graph: nx.DiGraph,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    one_hot: Sequence[int] = (),
    negations: Mapping[str, str] = MappingProxyType({}),
) -> NetworkFormulas:
    """Read a sculpted network as logic formulas, one or a few for each module.

    Inputs are bits, and an output is 1 where its logit is above 0. The signals of a module are found by substitution:
    two of its states are the same signal if replacing one by the other changes no output of another module, whatever
    the other inputs are. The classes of states are named by bits. Combined, the formulas give the outputs of the
    network in every row of the truth table. Inputs without names are x0, x1, …, outputs y0, y1, ….

    If groups of inputs are one-hot codes, whose sizes are ``one_hot``, formulas may give anything for rows that cannot
    occur; see :func:`~.formulas.input_rows.input_rows`. A module that reads all inputs of a group but one knows
    that one, too. ``negations`` has names for negated inputs, which only their text contains.

    Raises:
        UserError: if the network reads more than 16 inputs, or one-hot codes with more values than these have.
        ValueError: if ``graph`` is not the hierarchy of the network, or only the masks of the network are stored.
    """
    live = live_network(packed, network)
    if number_of_rows(live.kept[0], one_hot) > 2**MAX_INPUTS:
        raise UserError(f"the network reads {len(live.inputs)} inputs: formulas are made for at most {MAX_INPUTS}")
    rows = input_rows(live.kept[0], one_hot)
    inputs = tuple(input_names) or tuple(f"x{number}" for number in range(packed.layout.layers[0]))
    outputs = tuple(output_names) or tuple(f"y{number}" for number in range(packed.layout.layers[-1]))
    bits = output_bits(packed, network, rows)
    search = _Search(live, graph, rows, bits, inputs, outputs, one_hot)
    modules = tuple(map(search.formulas_of, search.blocks))
    seen = {inputs[number] for number in live.inputs}.union(*(module.symbols for module in modules))
    negated = {name: other for name, other in negations.items() if name in seen}
    found = NetworkFormulas(tuple(name for name in inputs if name in seen), outputs, modules, len(rows), negated)
    if not give_outputs(found, search.columns, bits):
        raise RuntimeError("the formulas do not give the outputs of the network")  # wrong formulas must not be shown
    return found


def formula_lines(
    packed: PackedNetworks,
    network: int,
    graph: nx.DiGraph | None,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    one_hot: Sequence[int] = (),
    negations: Mapping[str, str] = MappingProxyType({}),
    *,
    are_bits: bool,
    name: str,
) -> list[str]:
    """Read a sculpted network as lines of formulas to be shown beside its hierarchy, if that is quick.

    There are none without a hierarchy, if the network is no perceptron, if inputs or outputs of the task are not bits,
    if the network reads more than 10 inputs or one-hot codes with more values, or if reading fails, which is logged as
    a warning with the name of the trial.
    """
    if graph is None or not are_bits or not isinstance(packed.layout, Layout):
        return []
    try:
        if number_of_rows(live_network(packed, network).kept[0], one_hot) > 2**MAX_SHOWN:
            return []
        formulas = network_formulas(packed, network, graph, input_names, output_names, one_hot, negations)
        return str(formulas).splitlines()
    except Exception as error:  # everything else can still be shown
        log.warning("%s: no formulas (%s: %s)", name, type(error).__name__, on_one_line(error))
        log.debug("reading formulas stopped with an error", exc_info=True)
        return []


def give_outputs(formulas: NetworkFormulas, inputs: Mapping[str, BoolArray], bits: BoolArray) -> bool:
    """Whether formulas, combined, give the :func:`output_bits` of their network, of all outputs that have a formula."""
    found = formulas.evaluate(inputs)
    wanted = dict(zip(formulas.outputs, bits.T, strict=True))
    return all(np.array_equal(found[name], column) for name, column in wanted.items() if name in found)


def output_bits(packed: PackedNetworks, network: int, rows: BoolArray) -> BoolArray:
    """Compute the outputs ``(row, output)`` of a sculpted network, as it was trained, for bits ``(row, live input)``.

    Other inputs are 0.
    """
    live = live_network(packed, network).kept[0]
    values = torch.zeros(1, len(rows), len(live))
    values[0][:, torch.from_numpy(live)] = torch.from_numpy(rows).float()
    parameters = torch.from_numpy(packed.parameters_of(network))[None]
    return np.asarray(packed.layout.logits(parameters, values)[0].numpy() > 0)


class _Search:
    """Finds the formulas of the modules of a network, used ones first, and stores their signals."""

    def __init__(
        self,
        live: LiveNetwork,
        graph: nx.DiGraph,
        rows: BoolArray,
        bits: BoolArray,
        input_names: Sequence[str],
        output_names: Sequence[str],
        one_hot: Sequence[int],
    ) -> None:
        self.blocks, self._graph = _with_units(blocks_in_order(graph, live), graph)
        self._bits = bits
        self._signals = SignalSearch(live, rows)
        self._input_names, self._output_names = input_names, output_names
        read = [input_names[number] for number in live.inputs]
        self.columns = dict(zip(read, rows.T, strict=True))
        self._codes = [list(input_names[classes]) for classes in groups_of_classes(one_hot)]
        letters = "|".join(block.letter for block in self.blocks)
        self._prefix = ""
        while any(re.fullmatch(rf"{self._prefix}({letters})\d*", name) for name in (*input_names, *output_names)):
            self._prefix = self._prefix + "_" if self._prefix else "module_"
        self._sent: dict[str, tuple[str, ...] | None] = {}

    def formulas_of(self, block: Block) -> ModuleFormulas:
        """Find the formulas of one module, after those of the modules that it uses."""
        used = [other for other in self.blocks if self._feeds(other, block)]
        own = tuple(self._input_names[number] for number in block.inputs)
        reads = (*own, *(name for other in used for name in self._sent[other.letter] or ()))
        outputs: list[Formula] = []
        signals: list[Formula] = []
        problems = []
        self._sent[block.letter] = None
        try:
            if unknown := [other.letter for other in used if self._sent[other.letter] is None]:
                raise NoFormulaError(f"it reads {' and '.join(unknown)}, of which there is no formula")
            if len(reads) > MAX_READ:
                raise NoFormulaError(f"it reads {len(reads)} bits, more than {MAX_READ}")
            reading = self._reading((*reads, *self._implied(own)[: MAX_READ - len(reads)]))
            found = self._outputs_of(block, reading)
            outputs = [Formula(name, expression) for name, expression in found.items() if expression is not None]
            if missing := [name for name, expression in found.items() if expression is None]:
                problems.append(f"no short formula for {', '.join(missing)}")
            signals = self._signals_of(block, reading)
        except NoFormulaError as error:
            problems.append(str(error))
        module = ModuleFormulas(block.letter, block.modules, reads, tuple(signals), tuple(outputs), "; ".join(problems))
        return module if problems else replace(module, unneeded=self._unneeded(own, module.symbols))

    def _unneeded(self, own: Sequence[str], symbols: set[str]) -> tuple[str, ...]:
        """Name inputs that no formula has, nor another code of their column, which is as good."""
        codes = {name for code in self._codes if symbols.intersection(code) for name in code}
        return tuple(name for name in own if name not in symbols | codes)

    def _implied(self, own: Sequence[str]) -> list[str]:
        """Name the one-hot codes that are 1 where none of the others is, all of which a module reads."""
        implied = []
        for code in self._codes:
            others = [name for name in code if name in own]
            if 0 < len(others) == len(code) - 1:
                [name] = set(code).difference(others)
                self.columns.setdefault(name, ~np.any([self.columns[other] for other in others], axis=0))
                implied.append(name)
        return implied

    def _feeds(self, used: Block, using: Block) -> bool:
        return used is not using and any(starmap(self._graph.has_edge, product(used.modules, using.modules)))

    def _outputs_of(self, block: Block, reading: Reading) -> dict[str, Boolean | None]:
        """Find the formula of each output of a module; outputs that are always equal share the search."""
        found: dict[bytes, Boolean | None] = {}
        for number in block.outputs:
            column = self._bits[:, number]
            if column.tobytes() not in found:
                found[column.tobytes()] = reading.formula_of(column)
        return {self._output_names[number]: found[self._bits[:, number].tobytes()] for number in block.outputs}

    def _signals_of(self, block: Block, reading: Reading) -> list[Formula]:
        signal = self._signals.signal_of(block, [other for other in self.blocks if self._feeds(block, other)])
        if signal is None:
            raise NoFormulaError("it has too many states to try them all")
        bits = bits_of(signal, reading)
        if bits is None:
            raise NoFormulaError(f"its signal takes {signal.values} values, for which there are no short formulas")
        name = f"{self._prefix}{block.letter}"
        names = (name,) if len(bits) == 1 else tuple(f"{name}{number}" for number in range(len(bits)))
        self.columns.update(zip(names, (bit.column for bit in bits), strict=True))
        self._sent[block.letter] = names
        return [Formula(name, bit.formula) for name, bit in zip(names, bits, strict=True)]

    def _reading(self, names: Sequence[str]) -> Reading:
        from sympy import Symbol

        columns = np.array([self.columns[name] for name in names], dtype=np.bool_)
        return Reading(tuple(map(Symbol, names)), columns.reshape(len(names), len(self._bits)).T)


def _with_units(blocks: Sequence[Block], graph: nx.DiGraph) -> tuple[list[Block], nx.DiGraph]:
    """Leave out modules between that have no units of their own: those that use them read what they use."""
    found, used_by = [], graph.copy()
    for block in blocks:
        if any(units.any() for units in block.units):
            found.append(block)
            continue
        for module in block.modules:
            used_by.add_edges_from(product(list(used_by.predecessors(module)), list(used_by.successors(module))))
            used_by.remove_node(module)
    return found, used_by
