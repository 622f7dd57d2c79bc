"""A task as a graph of sub-functions: the one description behind its true hierarchy and, if any, its truth table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.bit_functions import BooleanFunction, Column, call_on_bits

if TYPE_CHECKING:
    import networkx as nx

MAX_INPUTS = 16
"""A whole truth table has 2^inputs rows: 65,536 at this limit."""


def pass_on(*columns: Column) -> tuple[Column, ...]:
    """Return the bits unchanged: the function of a module that only gathers inputs for others."""
    return columns


@dataclass(frozen=True)
class SubFunction:
    """One module of a task: what it reads, what it computes, and its outputs.

    Attributes:
        name: the name of its node in the hierarchy.
        inputs: indices of the task's inputs that belong to it. An input that several sub-functions need belongs
            to a separate sub-function, which they use.
        uses: names of the sub-functions that it reads, each defined before it.
        function: called with one boolean column for each input, in the order of ``inputs``, then one for each
            bit of the sub-functions in ``uses``, in that order. Returns one column or a tuple of columns, or works on
            single bits, as for :func:`~neural_sculpting.tasks.truth_table_of`. Ignored if the task comes with examples.
        outputs: indices of the task's outputs that belong to it. A function of one bit gives the same bit to all
            of them, a function of several bits one bit to each.
        shows_from: the least number of hidden layers in which it is a separate module. In a shallower network it
            is merged with the sub-functions that use it.
    """

    name: str
    inputs: Sequence[int] = ()
    uses: tuple[str, ...] = ()
    function: BooleanFunction = pass_on
    outputs: Sequence[int] = ()
    shows_from: int = 1

    def __post_init__(self) -> None:
        if isinstance(self.uses, str):  # ("A") is a string: it would be read letter by letter
            raise UserError(f"sub-function {self.name}: uses={self.uses!r} must be a tuple of names")
        if not self.inputs and not self.uses:
            raise UserError(f"sub-function {self.name}: must read inputs or use other sub-functions")


@dataclass(frozen=True)
class Graph:
    """The sub-functions of a task.

    Attributes:
        sub_functions: each after the ones that it uses.
        extra_criteria: criteria of success that apply to this task in addition to those that apply to all.
        ignore_pruned_inputs: whether inputs may be pruned away without harm, as uninformative pixels are. The
            remaining ones then decide about success, at least one in each module that is expected to have inputs.
        idle_inputs: further inputs after those of the sub-functions, which no output depends on; no module has them.
        scored_by: ``exact`` if the hierarchy follows from the function. ``relation`` if other hierarchies have the same
            function: then it determines only which inputs belong together, and which outputs each such group reaches.

    Raises:
        UserError: if the sub-functions do not fit together.

    Example:
        >>> both = SubFunction("both", inputs=(0, 1), function=np.logical_and, outputs=(0,))
        >>> Graph((both,)).truth_table()[1].tolist()
        [[0.0], [0.0], [0.0], [1.0]]
    """

    sub_functions: tuple[SubFunction, ...]
    extra_criteria: tuple[str, ...] = ()
    ignore_pruned_inputs: bool = False
    idle_inputs: int = 0
    scored_by: Literal["exact", "relation"] = "exact"

    def __post_init__(self) -> None:
        used = {name for part in self.sub_functions for name in part.uses}
        defined: set[str] = set()
        for part in self.sub_functions:
            if part.name in defined:
                raise UserError(f"sub-function {part.name}: the name is taken; every sub-function needs its own")
            for name in part.uses:
                if name not in defined:
                    raise UserError(f"sub-function {part.name}: uses {name}, which is not defined before it")
            if not part.outputs and part.name not in used:
                raise UserError(f"sub-function {part.name}: must have outputs or be used by a later one")
            defined.add(part.name)
        for kind in ("inputs", "outputs"):
            indices = sorted(index for part in self.sub_functions for index in getattr(part, kind))
            if indices != list(range(len(indices))) or not indices:
                raise UserError(
                    f"{kind} of the sub-functions: {', '.join(map(str, indices)) or 'none'}; "
                    "must be numbered from 0 without a gap, each in one sub-function"
                )

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the task."""
        return sum(len(part.inputs) for part in self.sub_functions) + self.idle_inputs

    @property
    def n_outputs(self) -> int:
        """The number of outputs of the task."""
        return sum(len(part.outputs) for part in self.sub_functions)

    def truth_table(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Evaluate the task on every input.

        Returns:
            The inputs (2^n_inputs, n_inputs) and the targets (2^n_inputs, n_outputs), all 0 or 1. The rows
            count up, input 0 being the most significant bit.

        Raises:
            UserError: if there are more than 16 inputs, or a function returns anything but the right number of boolean
                columns.
        """
        if self.n_inputs > MAX_INPUTS:
            raise UserError(f"{self.n_inputs} inputs: a whole truth table has at most {MAX_INPUTS}")
        bits = all_bits(self.n_inputs)
        return bits.astype(np.float32), self.evaluate(bits)

    def evaluate(self, bits: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Evaluate the task on some inputs, ``(rows, n_inputs)``.

        Returns:
            The targets (rows, n_outputs), all 0 or 1.

        Raises:
            UserError: if a function returns anything but the right number of boolean columns.
        """
        targets = np.zeros((len(bits), self.n_outputs), dtype=np.float32)
        computed: dict[str, tuple[Column, ...]] = {}
        for part in self.sub_functions:
            read = [bits[:, index] for index in part.inputs]
            read += [column for name in part.uses for column in computed[name]]
            whose = f"sub-function {part.name}: its function"
            computed[part.name] = columns = call_on_bits(part.function, read, whose)
            if part.outputs:
                if len(columns) not in (1, len(part.outputs)):
                    found = f"{len(columns)} bits for {len(part.outputs)} outputs"
                    raise UserError(f"{whose} returns {found}; must be one for all or each")
                targets[:, list(part.outputs)] = np.stack(columns, axis=1)
        return targets

    def hierarchy(self, hidden_layers: int) -> nx.DiGraph:
        """Return the hierarchy that a network with this many hidden layers should show.

        There is one node for each module, named after its sub-function, with the attributes ``inputs`` and
        ``outputs`` (sorted tuples of indices); an edge leads from the module that is used to the one that uses it.
        """
        import networkx as nx

        hidden = {part.name for part in self.sub_functions if part.shows_from > hidden_layers}
        module = self._groups([pair for pair in self._edges if pair[0] in hidden])
        hierarchy = nx.DiGraph()
        for name in dict.fromkeys(module.values()):
            parts = [part for part in self.sub_functions if module[part.name] == name]
            hierarchy.add_node(
                name,
                inputs=tuple(sorted(index for part in parts for index in part.inputs)),
                outputs=tuple(sorted(index for part in parts for index in part.outputs)),
            )
        edges = [(module[used], module[user]) for used, user in self._edges]
        hierarchy.add_edges_from((used, user) for used, user in edges if used != user)
        return hierarchy

    def n_separable_parts(self) -> int:
        """Return the number of parts of the task that share nothing: the weakly connected components."""
        return len(set(self._groups(self._edges).values()))

    @property
    def _edges(self) -> list[tuple[str, str]]:
        return [(used, part.name) for part in self.sub_functions for used in part.uses]

    def _groups(self, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Map every name to its group: the two names of a pair share one, named after the first."""
        group = {part.name: part.name for part in self.sub_functions}
        for first, second in pairs:
            kept, renamed = group[first], group[second]
            group = {name: kept if label == renamed else label for name, label in group.items()}
        return group


def all_bits(n_inputs: int) -> NDArray[np.bool_]:
    """Return every input, shape (2^n_inputs, n_inputs). The rows count up; bit 0 is the most significant."""
    exponents = np.arange(n_inputs - 1, -1, -1)
    bits: NDArray[np.bool_] = (np.arange(2**n_inputs)[:, None] >> exponents) & 1 == 1
    return bits


def row_numbers(bits: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Number rows of bits ``(rows, n_inputs)`` as :func:`all_bits` orders them, ``(rows,)``."""
    numbers: NDArray[np.intp] = bits @ (1 << np.arange(bits.shape[1])[::-1])
    return numbers
