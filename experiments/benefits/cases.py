"""The tasks of the study: hierarchies of two-bit functions of six inputs, and their siblings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from neural_sculpting.analysis.relations import Relation, relation_of
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.random_hierarchy import TruthTable, as_function, depends_on, merges, random_function

SHAPES = ((6, 2), (6, 2, 2), (6, 3, 2, 2), (6, 3, 3, 2, 2))
"""Inputs, then the number of sub-functions in each level, the last of which are the outputs."""

REPORTED, TUNING = range(2000, 2012), range(2)
"""Seeds of the tasks of each shape: settings were chosen on the latter alone."""

SEEDS, TUNING_SEEDS = range(4), range(100, 102)
"""Of the networks: initial weights, rows and masks."""

SHARES, TUNING_SHARES = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0), (0.3, 0.75, 1.0)
"""Of the 64 rows that are learned."""

WIDTH = 24
RAREST = 0.25
"""The least share of the rows in which an output is 0, and 1: else answering the same everywhere is nearly right."""

TRIES, TRIES_OF_SIBLING = 20_000, 100

Level = tuple[tuple[int, ...], ...]
"""For each sub-function of a level the nodes of the level below that it reads."""

Tables = tuple[tuple[TruthTable, ...], ...]
"""For each level the functions of its sub-functions."""


@dataclass(frozen=True, eq=False)
class Case:
    """A task: what the sub-functions of each level read, and their truth tables."""

    levels: tuple[Level, ...]
    tables: Tables

    @cached_property
    def graph(self) -> Graph:
        """Sub-functions are named by level and index, such as ``2.0``; the middle may not follow from the function."""
        parts = []
        for number, (level, tables) in enumerate(zip(self.levels, self.tables, strict=True), start=1):
            for index, (read, table) in enumerate(zip(level, tables, strict=True)):
                reads = {"inputs": read} if number == 1 else {"uses": tuple(f"{number - 1}.{used}" for used in read)}
                outputs = (index,) if number == len(self.levels) else ()
                parts.append(SubFunction(f"{number}.{index}", function=as_function(table), outputs=outputs, **reads))
        return Graph(tuple(parts), scored_by="exact" if len(self.levels) < 3 else "relation")

    @cached_property
    def inputs_below(self) -> list[set[int]]:
        """The inputs on which each output depends."""
        below = [set(read) for read in self.levels[0]]
        for level in self.levels[1:]:
            below = [set().union(*(below[used] for used in read)) for read in level]
        return below

    @cached_property
    def relation(self) -> Relation:
        """Which inputs belong together, and which outputs they reach."""
        return relation_of(self.graph.hierarchy(len(self.levels)))

    def is_sound(self) -> bool:
        """Whether nothing in it is idle or double, and its function determines which inputs belong together.

        Each output depends on all inputs below it and is neither rare nor nearly always 1; none equals another or its
        opposite, nor do two sub-functions that read the same. Decomposing the whole truth table gives the blocks of
        inputs of the first level, and the outputs that each reaches.
        """
        for level, tables in zip(self.levels, self.tables, strict=True):
            for one, other in combinations(range(len(level)), 2):
                if level[one] == level[other] and _are_alike(tables[one], tables[other]):
                    return False
        targets = self.graph.truth_table()[1].astype(np.bool_)
        if not (np.abs(targets.mean(axis=0) - 0.5) <= 0.5 - RAREST).all():
            return False
        columns = targets.T.reshape(-1, *(2,) * self.graph.n_inputs)
        if _are_alike(*columns) or not all(map(depends_on, columns, self.inputs_below)):
            return False
        return relation_of(decompose_function(BitTable(targets)).hierarchy) == self.relation


def _are_alike(one: TruthTable, other: TruthTable) -> bool:
    return bool((one == other).all() or (one != other).all())


def name_of(shape: Sequence[int]) -> str:
    """Name a shape in rows and tables."""
    return "-".join(map(str, shape))


def draw_case(shape: Sequence[int], seed: int) -> tuple[Case, Case]:
    """Draw a task and its sibling.

    Each sub-function reads two nodes of the level below, or as many as it takes until all are read: three inputs where
    two sub-functions read the six inputs. Where nodes do not suffice, some are read by several. Wiring and functions
    are uniform among those that are sound; no function merges with one that it reads into one associative operation.

    The sibling shares the wiring and the functions of the first level, or where there is no other, the wiring alone.
    None of its outputs is one of the task or its opposite, so that whoever has learned it has not seen the labels of
    the task. Tasks without such a sibling are not taken.
    """
    random = np.random.default_rng([seed, *shape])
    for _ in range(TRIES):
        case = _drawn(shape, random)
        if case.is_sound() and (sibling := _sibling(case, random)) is not None:
            return case, sibling
    raise LookupError(f"no such task in {TRIES} draws")


def _sibling(case: Case, random: np.random.Generator) -> Case | None:
    outputs = case.graph.truth_table()[1].T > 0
    for _ in range(TRIES_OF_SIBLING):
        other = replace(case, tables=_draw_functions(case.levels, case.tables[: len(case.tables) > 1], random))
        new = other.graph.truth_table()[1].T > 0
        if not any(_are_alike(one, two) for one in outputs for two in new) and other.is_sound():
            return other
    return None


def _drawn(shape: Sequence[int], random: np.random.Generator) -> Case:
    levels = tuple(_draw_level(below, size, random) for below, size in pairwise(shape))
    return Case(levels, _draw_functions(levels, (), random))


def _draw_level(below: int, size: int, random: np.random.Generator) -> Level:
    """Draw what each sub-function reads: different nodes if there are so many pairs, and together all of them."""
    fan_in = max(2, -(-below // size))
    if fan_in * size == below:  # the order of the nodes does not matter
        return tuple(tuple(range(start, start + fan_in)) for start in range(0, below, fan_in))
    choices = [*combinations(range(below), fan_in)]
    while True:
        chosen = random.choice(len(choices), size=size, replace=size > len(choices))
        level = tuple(choices[each] for each in chosen)
        if {node for read in level for node in read} == {*range(below)}:
            return level


def _draw_functions(levels: Sequence[Level], first: Tables, random: np.random.Generator) -> Tables:
    """Draw the functions of all levels after the first ones, which are given."""
    tables = [*first]
    for level in levels[len(first) :]:
        below = tables[-1] if tables else ()
        tables.append(tuple(_draw_function(read, below, random) for read in level))
    return tuple(tables)


def _draw_function(read: Sequence[int], below: Sequence[TruthTable], random: np.random.Generator) -> TruthTable:
    table = random_function(len(read), random)
    while below and any(merges(table, index, below[used]) for index, used in enumerate(read)):
        table = random_function(len(read), random)
    return table
