"""Logic formulas of modules: their text, and their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from neural_sculpting.analysis.condense import BoolArray

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean


PLAIN_NAME = re.compile(r"(?!\d+$)[^\s&|^~(),`=]+(=[^\s&|^~(),`=]+)?")
"""Names that can be read in a formula without quotes: no numbers, of which 0 and 1 are constants."""


@dataclass(frozen=True)
class Formula:
    """A named bit: a signal such as ``A0``, or an output, and a formula of the names of inputs and signals."""

    name: str
    expression: Boolean

    def __str__(self) -> str:
        return self.text({})

    def text(self, negations: Mapping[str, str]) -> str:
        """Write it, with the names that :func:`formula_text` takes."""
        return f"{_quoted(self.name)} = {formula_text(self.expression, negations)}"


@dataclass(frozen=True)
class ModuleFormulas:
    """What one module computes.

    Attributes:
        letter: of the module, as in the pictures; of several that feed each other ``A_B``.
        modules: their names in the hierarchy.
        reads: the names of its inputs and of the signals of the modules that it uses.
        signals: what other modules read of it. A single bit has the name of the letter; several are ``A0``, ``A1`` and
            so on; there are none where nothing in it changes an output of another module.
        outputs: its outputs.
        problem: why some or all of these formulas are missing; empty if none is.
        unneeded: its inputs that change no output in rows that can occur, although they have edges. Of the codes of a
            column there are all or none: formulas read as few of them as they can.
    """

    letter: str
    modules: tuple[Any, ...]
    reads: tuple[str, ...]
    signals: tuple[Formula, ...]
    outputs: tuple[Formula, ...]
    problem: str = ""
    unneeded: tuple[str, ...] = ()

    @property
    def symbols(self) -> set[str]:
        """The names in its formulas."""
        return {symbol.name for each in (*self.signals, *self.outputs) for symbol in each.expression.free_symbols}

    def lines(self, negations: Mapping[str, str]) -> list[str]:
        """One line for each signal; one for all outputs that have the same formula; one for the problem, if any."""
        names: dict[str, list[str]] = {}
        for output in self.outputs:
            names.setdefault(formula_text(output.expression, negations), []).append(_quoted(output.name))
        signals = [signal.text(negations) for signal in self.signals]
        outputs = [f"{', '.join(same)} = {text}" for text, same in names.items()]
        return [*signals, *outputs, *([f"{self.letter}: {self.problem}"] if self.problem else [])]


@dataclass(frozen=True, repr=False)
class NetworkFormulas:
    """What a network computes, module by module.

    Attributes:
        inputs: the names of the inputs that some output sees; of one-hot codes also the one that is 1 where none of the
            others is, if it is in a formula.
        outputs: the names of all outputs.
        modules: used ones before those that use them.
        checked: the number of values of these inputs for which the formulas were checked: all that can occur.
        negations: what is written for the negation of an input, by its name: ``sex=female`` for ``~sex=male``.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    modules: tuple[ModuleFormulas, ...]
    checked: int
    negations: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether there is a formula for everything."""
        return not any(module.problem for module in self.modules)

    def __str__(self) -> str:
        lines = [line for module in self.modules for line in module.lines(self.negations)]
        unneeded = [_quoted(name) for module in self.modules for name in module.unneeded]
        if unneeded:
            verbs = "has edges, but changes" if len(unneeded) == 1 else "have edges, but change"
            lines.append(f"# {', '.join(unneeded)} {verbs} no output")
        return "\n".join(lines) or "no modules"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def evaluate(self, inputs: Mapping[str, BoolArray]) -> dict[str, BoolArray]:
        """Compute all signals and outputs that have a formula, by name, from a column ``(row,)`` for each input."""
        columns = {name: np.asarray(inputs[name], dtype=np.bool_) for name in self.inputs}
        rows = next((len(column) for column in columns.values()), 1)
        for module in self.modules:
            for formula in (*module.signals, *module.outputs):
                columns[formula.name] = evaluate(formula.expression, columns, rows)
        return {name: column for name, column in columns.items() if name not in self.inputs}


def formula_text(expression: Boolean, negations: Mapping[str, str] = MappingProxyType({})) -> str:
    """Write a formula with ``&``, ``|``, ``^`` (exclusive or) and ``~`` (not); 0 and 1 for constants.

    Names with blanks, or with signs that formulas have, are quoted with backticks. A name such as ``color=red`` is not:
    it is 1 where the color is red. ``negations`` has names to write in place of negated ones.
    """
    from sympy import Symbol
    from sympy.logic.boolalg import Not, false, true

    if expression in (true, false):
        return str(int(expression == true))
    named = expression.xreplace({Not(Symbol(name)): Symbol(other) for name, other in negations.items()})
    return str(named.xreplace({symbol: Symbol(_quoted(symbol.name)) for symbol in named.free_symbols}))


def evaluate(expression: Boolean, columns: Mapping[str, BoolArray], rows: int) -> BoolArray:
    """Compute a formula of symbols, ``&``, ``|``, ``^`` and ``~`` from a column ``(row,)`` for each symbol."""
    from sympy.logic.boolalg import And, Not, Or, Xor, true

    if expression.is_Symbol:
        return columns[expression.name]
    if not expression.args:
        return np.full(rows, expression == true)
    operands = [evaluate(operand, columns, rows) for operand in expression.args]
    if expression.func is Not:
        return ~operands[0]
    join = {And: np.logical_and, Or: np.logical_or, Xor: np.logical_xor}[expression.func]
    return np.asarray(join.reduce(operands))


def _quoted(name: str) -> str:
    return name if PLAIN_NAME.fullmatch(name) else f"`{' '.join(name.split())}`"
