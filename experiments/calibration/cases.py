"""Which tasks: families that calibrate and others that only test, each task with its rows, labels and settings."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from experiments.calibration.second import automaton, quadratic, rules
from experiments.calibration.tasks import circuit, formula, threshold
from experiments.calibration.third import cells, choice, cipher, decision_tree
from neural_sculpting.analysis.relations import is_refinement, relation_of
from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable
from neural_sculpting.tasks import Graph
from neural_sculpting.tasks.boolean import boolean_hierarchy, boolean_overlap, boolean_reused, boolean_sep_reused
from neural_sculpting.tasks.random_hierarchy import random_hierarchy
from neural_sculpting.tasks.unstructured import unstructured

SHAPES = ((1, 2, 1, 3), (1, 3, 1, 2), (2, 2, 1, 4), (2, 2, 2, 3), (2, 3, 1, 3))
"""Depth, fan-in, reuse and sub-functions of random hierarchies; those of depth 3 are trees."""

PAPER: Sequence[Callable[[], Graph]] = (
    boolean_sep_reused,
    partial(boolean_reused, uses=2),
    partial(boolean_hierarchy, uses=2),
    *(partial(boolean_overlap, overlap=overlap, uses=2) for overlap in range(4)),
)

SHARES, LEAST_ROWS = (1.0, 0.75, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15), 8
"""Of the rows of a truth table, and how many rows there are at least."""


def _hierarchy(seed: int, shape: tuple[int, int, int, int]) -> Graph:
    return random_hierarchy(*shape, uses=1, graph_seed=seed)


def _unstructured(seed: int) -> Graph:
    random = np.random.default_rng(seed)
    return unstructured(int(random.integers(4, 9)), int(random.integers(1, 4)), function_seed=seed)


CALIBRATING: Mapping[str, Callable[[int], Graph]] = {
    "trees": lambda seed: _hierarchy(seed, (3, 2, 1, 4)),
    "shapes": lambda seed: _hierarchy(seed, SHAPES[seed % len(SHAPES)]),
    "paper": lambda seed: PAPER[seed % len(PAPER)](),
    "unstructured": _unstructured,
    "formula": formula,
    "circuit": circuit,
    "threshold": threshold,
    "automaton": automaton,
    "quadratic": quadratic,
    "rules": rules,
}
TESTING: Mapping[str, Callable[[int], Graph]] = {
    "decision_tree": decision_tree,
    "cells": cells,
    "cipher": cipher,
    "choice": choice,
}
FAMILIES = {**CALIBRATING, **TESTING}

FIRST_ROUND = ("trees", "shapes", "paper", "unstructured")
FIRST_TESTED, SECOND_TESTED = ("formula", "circuit", "threshold"), ("automaton", "quadratic", "rules")
SECOND_ROUND = (*FIRST_ROUND, *FIRST_TESTED)
"""A first model was calibrated on the first families alone and tested on three others, which it was too sure of; these
joined the calibration of a second model, which was tested on three others again, with the same result."""

SEEDS = {
    **dict.fromkeys(FIRST_ROUND, range(52)),
    **dict.fromkeys(FIRST_TESTED, range(1000, 1044)),
    **dict.fromkeys(SECOND_TESTED, range(2040, 2080)),
    **dict.fromkeys(TESTING, range(3000, 3050)),
}
"""Of the tasks of each family."""

VARIED = 40
"""From this task of each family on there are one to four hidden layers, before that two or three; and no ``levels``,
which take four times as long."""

SETTINGS = {
    "edges": ("pruning=default", "training=levels", "pruning.phases=[edge]", "pruning.edge.tail=10"),
    "default": ("pruning=default",),
    "levels": ("pruning=levels",),
    "fast": ("pruning=fast",),
}
"""Ways to prune; one of them is drawn for each task. Tasks of one's own are pruned ``fast`` unless told otherwise."""

FIRST_WAYS, WAYS = ("edges", "default", "levels"), ("edges", "default", "fast")
"""Those that are drawn for the tasks of the first two rounds, which were sculpted before there was ``fast``."""


class Case(NamedTuple):
    """What is sculpted.

    Attributes:
        graph: the task.
        options: how its rows are sampled.
        trials: how many.
        hidden: widths of hidden layers.
        way: to prune, one of ``SETTINGS``.
        overrides: all settings.
    """

    graph: Graph
    options: Mapping[str, Any]
    trials: int
    hidden: list[int]
    way: str
    overrides: list[str]


def case_of(family: str, seed: int) -> Case:
    """Draw a task: mostly with few of its rows, some with wrong labels or idle inputs, so that answers are wrong."""
    random = np.random.default_rng([seed, *family.encode()])
    graph = FAMILIES[family](seed)
    share = float(random.choice([each for each in SHARES if each * 2**graph.n_inputs >= LEAST_ROWS]))
    options: dict[str, Any] = {
        "rows": share if share < 1 else None,
        "wrong_labels": float(random.choice([0.0, 0.02, 0.05, 0.1], p=[0.7, 0.1, 0.1, 0.1])) or None,
        "idle_inputs": int(random.choice([0, 1, 2], p=[0.8, 0.1, 0.1])) or None,
    }
    options = {name: value for name, value in options.items() if value} | {"rows_seed": seed}
    trials = int(random.choice([4, 6, 8, 12, 24], p=[0.3, 0.3, 0.2, 0.1, 0.1]))
    varied = seed % 1000 >= VARIED
    if family in TESTING:
        way = str(random.choice(WAYS, p=[0.25, 0.15, 0.6]))
    else:
        way = str(random.choice(FIRST_WAYS, p=[0.6, 0.4, 0.0] if varied else [0.5, 0.3, 0.2]))
    measured = ["pruning/accuracy=measured"] if "wrong_labels" in options else []
    hidden = [24] * int(random.integers(1, 5) if varied else random.integers(2, 4))
    return Case(graph, options, trials, hidden, way, ["analysis.reader=confirmed", *SETTINGS[way], *measured])


def all_cases() -> list[tuple[str, int]]:
    """The families and seeds of all tasks, so that all families advance together."""
    found = [(seeds.index(seed) / len(seeds), family, seed) for family, seeds in SEEDS.items() for seed in seeds]
    return [(family, seed) for _, family, seed in sorted(found)]


def is_right(found: nx.DiGraph, graph: Graph) -> bool:
    """Whether a hierarchy has the blocks of inputs of a task and the outputs that each reaches, or finer ones.

    What the whole truth table determines is right, even where the graph of the task says less; and so is what lies
    between the two. A graph of one module says nothing of what is within.
    """
    whole = decompose_function(BitTable(graph.truth_table()[1] > 0.5))
    fine = [whole.hierarchy, *whole.alternatives, *([] if whole.refinement is None else [whole.refinement])]
    coarse = graph.hierarchy(4) if len(graph.sub_functions) > 1 else whole.hierarchy
    if relation_of(found) in [relation_of(each) for each in (coarse, *fine)]:
        return True
    return is_refinement(found, coarse) and any(is_refinement(each, found) for each in fine)
