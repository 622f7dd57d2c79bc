"""Random hierarchies of sub-functions, drawn by a seed: tasks with a known hierarchy beyond those of the paper."""

import logging
from collections.abc import Iterable, Sequence
from itertools import chain, combinations
from math import comb, prod
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.bit_functions import BooleanFunction, Column, column_multiplicity
from neural_sculpting.tasks.graph import MAX_INPUTS, Graph, SubFunction
from neural_sculpting.tasks.parameters import Between
from neural_sculpting.tasks.registry import register

log = logging.getLogger(__name__)

TRIES = 3_000
"""Most graphs are found within a few draws."""

LEAST_COLUMNS = {3: 3, 4: 4}
"""By the bits that a function reads: the least number of values of a signal through which some of them may act."""

TruthTable = NDArray[np.bool_]
"""Of a function of n bits: shape (2,) * n, indexed by its inputs in order."""

Level = list[tuple[int, ...]]
"""For each sub-function, the indices of the inputs or of the sub-functions in the level below that it reads."""


@register
def random_hierarchy(
    depth: Annotated[int, Between(1, 4)],
    fan_in: Annotated[int, Between(2, 4)],
    reuse: Annotated[int, Between(1, 4)],
    sub_functions: Annotated[int, Between(1, 8)],
    uses: Annotated[int, Between(1, 16)],
    graph_seed: Annotated[int, Between(0, 2**32 - 1)],
) -> Graph:
    """A hierarchy in levels: ``graph_seed`` draws which sub-functions use which, and what each computes.

    Each sub-function has one bit, depends on everything it reads and does not decompose further
    (:func:`random_function`). None can be merged with one that uses it into a longer conjunction or parity, which would
    leave open where one ends and the other begins. Each output depends on every input below it, and no two are the same
    function or opposites.

    The function of the task determines the whole hierarchy where each output reaches every sub-function below it in one
    way, as graphs of depth 1 and 2 and those without reuse do. Deeper ones with reuse are drawn so where their shape
    allows it (:func:`has_trees`). In other shapes, such as depth 3 with fan-in 2, reuse 2 and three sub-functions,
    there are several hierarchies with the same function, and ``scored_by`` of the graph is ``relation``: what is
    determined are the inputs that belong together, and which outputs each of these groups reaches.
    """
    sizes = _level_sizes(depth, fan_in, reuse, sub_functions)
    determined = has_trees(depth, fan_in, reuse, sub_functions)
    first = [tuple(range(start, start + fan_in)) for start in range(0, sub_functions * fan_in, fan_in)]
    random = np.random.default_rng([graph_seed, depth, fan_in, reuse, sub_functions])
    for _ in range(TRIES):
        levels = [first, *(_draw_level(used, fan_in, reuse, random) for used in sizes[:-1])]
        tables = _draw_tables(levels, fan_in, random)
        if determined and not _are_trees(levels):
            continue
        graph = _graph(levels, tables, uses, "exact" if determined else "relation")
        if _all_inputs_count(graph, levels, uses):
            if not determined:
                log.info(
                    "random_hierarchy with depth=%d, reuse=%d and sub_functions=%d: what is between the first and the "
                    "last level does not follow from the function; other hierarchies than the expected may be as good",
                    *(depth, reuse, sub_functions),
                )
            return graph
    raise UserError(f"task.graph_seed={graph_seed}: no such hierarchy found in {TRIES:,} draws; try another seed")


def has_trees(depth: int, fan_in: int, reuse: int, sub_functions: int) -> bool:
    """Whether graphs of a shape are drawn such that each output reaches every sub-function below it in one way.

    An output then reads ``fan_in ** (depth - 1)`` different sub-functions of the first level. Where these are reused
    there must be more, so that two outputs with one of them in common can differ in the others; and with a reuse above
    the fan-in such graphs are hardly ever drawn, if there are any. So the deep shapes with reuse that have trees are
    those of depth 3 with fan-in 2, reuse 2 and at least five sub-functions.
    """
    return depth < 3 or reuse == 1 or (reuse <= fan_in and fan_in ** (depth - 1) < sub_functions)


def random_function(fan_in: int, random: np.random.Generator) -> TruthTable:
    """Draw uniformly from the functions of ``fan_in`` bits, 1 or more, that depend on all of them and do not decompose.

    In none do some of the bits, two or more but not all, act through a single bit: of the 218 functions of three bits,
    104 are left. Each of these has a pair that acts through three values. Of the 64,594 functions of four bits those
    7,128 are left in which no pair and no three of them act through fewer than four values.
    """
    while True:
        table = random.integers(2, size=(2,) * fan_in).astype(np.bool_)
        if depends_on(table, range(fan_in)) and not decomposes(table):
            return table


def decomposes(table: TruthTable) -> bool:
    """Whether some of the inputs, two or more and fewer than all, act through a signal of few values.

    With two values it is a bit (R. L. Ashenhurst, "The decomposition of switching functions", 1957); what counts as few
    is in ``LEAST_COLUMNS``.
    """
    least, inputs = LEAST_COLUMNS.get(table.ndim, 0), range(table.ndim)
    subsets = chain.from_iterable(combinations(inputs, size) for size in inputs[2:])
    return any(column_multiplicity(table, subset) < least for subset in subsets)


def depends_on(table: TruthTable, inputs: Iterable[int]) -> bool:
    """Whether each of these inputs changes the function in some row."""
    return all((table.take(0, axis) != table.take(1, axis)).any() for axis in inputs)


def is_associative(table: TruthTable) -> bool:
    """Whether a function is, up to negations, the conjunction or the parity of its inputs.

    Such a function can be divided among its inputs in several ways. Every other division among disjoint inputs is
    unique (R. L. Ashenhurst, "The decomposition of switching functions", 1957).
    """
    ones = int(table.sum())
    if ones in (1, table.size - 1):
        return True
    parity = np.indices(table.shape).sum(axis=0) % 2 == 1
    return bool((table == parity).all() or (table != parity).all())


def merges(user: TruthTable, index: int, used: TruthTable) -> bool:
    """Whether ``used``, read as input ``index`` of ``user``, forms one associative operation with it."""
    return is_associative(np.moveaxis(user, index, 0)[used.astype(np.intp)])


def as_function(table: TruthTable) -> BooleanFunction:
    """Return the function in the form of a graph's sub-functions: boolean columns in, one out."""

    def function(*columns: Column) -> Column:
        found: Column = table[tuple(column.astype(np.intp) for column in columns)]
        return found

    return function


def _level_sizes(depth: int, fan_in: int, reuse: int, sub_functions: int) -> list[int]:
    if sub_functions * fan_in > MAX_INPUTS:
        raise UserError(
            f"task.sub_functions={sub_functions}: with fan_in={fan_in} they read {sub_functions * fan_in} inputs; "
            f"a truth table has at most {MAX_INPUTS}"
        )
    sizes = [sub_functions]
    for _ in range(1, depth):
        used, size = sizes[-1], sizes[-1] * reuse // fan_in
        if used * reuse % fan_in or used < fan_in:
            raise UserError(
                f"task.sub_functions={sub_functions}: level {len(sizes)} has {used} sub-functions, which {reuse} uses "
                f"of each do not share out among the next level with {fan_in} different ones for each; "
                f"depth={depth} needs another number of them, fan_in or reuse"
            )
        if reuse > size:
            raise UserError(f"task.reuse={reuse}: level {len(sizes) + 1} has only {size} sub-functions")
        sizes.append(size)
    return sizes


def _draw_level(used: int, fan_in: int, reuse: int, random: np.random.Generator) -> Level:
    """Draw what the sub-functions of the next level read: no one twice, and if possible no two of them the same."""
    next_size = used * reuse // fan_in
    all_different = comb(used, fan_in) >= next_size
    while True:
        uses = random.permutation(np.repeat(np.arange(used), reuse)).reshape(next_size, fan_in)
        level = [tuple(sorted(map(int, read))) for read in uses]
        if all(len(set(read)) == fan_in for read in level) and (not all_different or len(set(level)) == next_size):
            return level


def _draw_tables(levels: Sequence[Level], fan_in: int, random: np.random.Generator) -> list[list[TruthTable]]:
    """Draw the function of each sub-function, so that those it uses do not merge with it.

    There always is one: a conjunction if it uses parities, else the parity.
    """
    tables = [[random_function(fan_in, random) for _ in levels[0]]]
    for level in levels[1:]:
        below = tables[-1]
        tables.append([])
        for read in level:
            table = random_function(fan_in, random)
            while any(merges(table, index, below[used]) for index, used in enumerate(read)):
                table = random_function(fan_in, random)
            tables[-1].append(table)
    return tables


def _graph(
    levels: Sequence[Level], tables: Sequence[Sequence[TruthTable]], uses: int, scored_by: Literal["exact", "relation"]
) -> Graph:
    """Build the graph; sub-functions are named by level and index, such as ``2.0``."""
    parts = []
    for number, (level, of_level) in enumerate(zip(levels, tables, strict=True), start=1):
        for index, (read, table) in enumerate(zip(level, of_level, strict=True)):
            reads = {"inputs": read} if number == 1 else {"uses": tuple(f"{number - 1}.{used}" for used in read)}
            outputs = range(index * uses, (index + 1) * uses) if number == len(levels) else ()
            parts.append(SubFunction(f"{number}.{index}", function=as_function(table), outputs=outputs, **reads))
    return Graph(tuple(parts), scored_by=scored_by)


def _inputs_below(levels: Sequence[Level]) -> list[set[int]]:
    """The inputs that each sub-function of the last level depends on."""
    below = [set(read) for read in levels[0]]
    for level in levels[1:]:
        below = [set().union(*(below[used] for used in read)) for read in level]
    return below


def _are_trees(levels: Sequence[Level]) -> bool:
    """Whether each sub-function of the last level reaches all that is below it in one way."""
    n_inputs = prod(len(level[0]) for level in levels)
    return all(len(below) == n_inputs for below in _inputs_below(levels))


def _all_inputs_count(graph: Graph, levels: Sequence[Level], uses: int) -> bool:
    """Whether every output depends on each input below it and differs from the others and their negations."""
    inputs, targets = graph.truth_table()
    columns = targets[:, ::uses].astype(np.bool_)
    below = _inputs_below(levels)
    tables = columns.T.reshape(-1, *(2,) * inputs.shape[1])
    distinct = {column.tobytes() for column in np.where(columns[0], ~columns, columns).T}
    return len(distinct) == len(below) and all(map(depends_on, tables, below))
