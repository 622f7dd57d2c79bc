"""The tasks and the settings that are compared; both were fixed before the unseen tasks were sculpted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from experiments.efficiency.halving import GRID, Pairs
from neural_sculpting.tasks import Graph
from neural_sculpting.tasks.boolean import boolean_reused, boolean_sep, boolean_sep_reused, boolean_single
from neural_sculpting.tasks.random_hierarchy import random_hierarchy
from neural_sculpting.tasks.unstructured import unstructured

UNSEEN = 1000
"""The first seed of the tasks that had no part in a choice."""

SHAPES = {"wide": (1, 2, 1, 3), "tree2": (2, 2, 1, 4), "reuse2": (2, 2, 2, 3), "tree3": (3, 2, 1, 4)}
"""Depth, fan-in, reuse and sub-functions of random hierarchies."""

PAPER: Sequence[Callable[[], Graph]] = (
    *(boolean_sep, partial(boolean_reused, uses=8), boolean_sep_reused, boolean_single),
)


def task_of(family: str, seed: int) -> tuple[Graph, list[int]]:
    """The graph of a task, given to the program like one of a user's own, and the hidden layers of its networks."""
    if family in SHAPES:
        shape = SHAPES[family]
        return random_hierarchy(*shape, uses=1, graph_seed=seed), [24] * (shape[0] + 1)
    graph = PAPER[seed]() if family == "paper" else unstructured(6, 3, function_seed=seed)
    return graph, [24, 24]


TUNING = [
    *((family, 0.5, seed) for seed in range(3) for family in SHAPES),
    *(("paper", 1.0, seed) for seed in range(len(PAPER))),
    *(("unstructured", rows, seed) for seed in range(4) for rows in (0.5, 1.0)),
]
"""Tasks on which settings are compared: family, share of the truth table's rows that are known, and seed."""

TESTING = [
    *((family, 0.5, UNSEEN + seed) for seed in range(7) for family in SHAPES),
    *((family, 1.0, UNSEEN + seed) for seed in range(2) for family in SHAPES),
    *(("unstructured", rows, UNSEEN + seed) for seed in range(4) for rows in (0.5, 1.0)),
]
"""Those on which the chosen one is compared with all pairs."""


def _geometric(unit: str, edge: str) -> tuple[str, ...]:
    kept = [f"pruning.{phase}.schedule=geometric" for phase in ("unit", "edge")]
    return (*kept, f"pruning.unit.step=[{unit}]", f"pruning.edge.step=[{edge}]")


LEVEL = ("training=levels", "pruning.edge.tail=10")

SETTINGS: Mapping[str, Sequence[str]] = {
    "all pairs": ("pruning=search",),
    "12 pairs": ("pruning.unit.step=[70,45,20,5]", "pruning.edge.step=[2.5,1.5,0.5]"),
    "4 pairs": ("pruning.unit.step=[70,20]", "pruning.edge.step=[2.5,1]"),
    "one pair": (),
    "one pair, dense rounds": ("training.dense_rounds=5",),
    "4 geometric": _geometric("50,25", "25,10"),
    "one geometric": _geometric("25", "25"),
    "edges, linear": ("pruning.phases=[edge]",),
    "edges": ("pruning=edges",),
    "edges, dense rounds": ("pruning=edges", "training.dense_rounds=5"),
    "edges, 4 steps": ("pruning=edges", "training.dense_rounds=5", "pruning.edge.step=[40,30,20,10]"),
    "edges, slow": ("pruning=edges", "training=levels"),
    "edges and units": (
        *("pruning=edges", "training.dense_rounds=5", "+pruning.variants.edges={}"),
        "+pruning.variants.units.phases=[unit,edge]",
    ),
    "levels": ("pruning=levels",),
    "levels, geometric": (
        *("pruning=levels", "pruning.edge.schedule=geometric", "pruning.edge.step=25"),
        *("pruning.edge.halvings=4", "pruning.edge.tail=0"),
    ),
    "edges together": (*LEVEL, "pruning.phases=[edge]"),
    "first layer first": (*LEVEL, "pruning.phases=[edge]", "pruning.edge.order=first_layer_first"),
}
"""Overrides, by the name of each setting."""

HALVED: Mapping[str, Pairs] = {
    "halving": GRID,
    "halving of 16": tuple((unit, edge) for unit in (70.0, 45.0, 20.0, 5.0) for edge in (2.5, 2.0, 1.0, 0.5)),
}
"""The pairs of steps with which successive halving begins, likewise."""

REFERENCE, TODAY = "all pairs", "one pair"
SLOW = ("halving of 16", "edges together", "halving", "levels, geometric", "first layer first", "levels")
"""Those with which a task takes many seconds; all have more rounds than what is chosen."""

QUICK = tuple(name for name in SETTINGS if name not in SLOW)

TESTED = (REFERENCE, TODAY, "edges", "halving of 16")
"""Settings that are compared on the unseen tasks, with the one that was chosen; ``edges`` was the first choice."""


def keys(chosen: str) -> Iterator[tuple[str, float, int, str]]:
    """List task and setting of all rows; those of unseen tasks once a setting is chosen."""
    yield from ((*task, name) for task in TUNING for name in QUICK)
    tested = tuple(dict.fromkeys((*TESTED, chosen))) if chosen else ()
    yield from ((*task, name) for task in TESTING for name in tested if name in QUICK)
    for name in SLOW:
        yield from ((*task, name) for task in TUNING if task[0] != "unstructured")
        yield from ((*task, name) for task in TESTING if name in tested)
