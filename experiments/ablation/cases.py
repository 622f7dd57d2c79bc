"""The tasks, the settings that are varied and the unseen tasks; all were fixed before any effect was looked at."""

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from neural_sculpting.tasks import Graph
from neural_sculpting.tasks.random_hierarchy import random_hierarchy
from neural_sculpting.tasks.unstructured import unstructured

Changes = Mapping[str, Any]
"""Values by their keys in the configuration, or functions of the value that a cell has by default."""

READERS = ("paper", "confirmed")
SEEDS, DESIGN_SEEDS, ANSWER_SEEDS = range(36), range(12), range(12)


class Cell(NamedTuple):
    """A task with a shape of networks.

    Attributes:
        overrides: the task and the hidden layers.
        headroom: the readers whose rate of right relations was neither 0 nor 1 in a pilot with seeds 500 to 511.
    """

    overrides: tuple[str, ...]
    headroom: tuple[str, ...]


def _cell(task: str, layers: int, *headroom: str) -> Cell:
    return Cell((*task.split(), f"arch.hidden={[24] * layers}"), headroom)


def _drawn(depth: int, fan_in: int, sub_functions: int, graph_seed: int) -> str:
    shape = f"task.depth={depth} task.fan_in={fan_in} task.sub_functions={sub_functions} task.reuse=1 task.uses=1"
    return f"task=random_hierarchy {shape} task.graph_seed={graph_seed}"


CELLS: Mapping[str, Cell] = {
    "sep": _cell("task=boolean_sep", 2, "paper"),
    "reused": _cell("task=boolean_reused", 2, "paper"),
    "sep_reused": _cell("task=boolean_sep_reused", 2, "paper"),
    "single": _cell("task=boolean_single", 2, "paper"),
    "overlap 1": _cell("task=boolean_overlap task.overlap=1", 2, *READERS),
    "overlap 2": _cell("task=boolean_overlap task.overlap=2", 2, *READERS),
    "overlap 2, uses 2": _cell("task=boolean_overlap task.overlap=2 task.uses=2", 2, *READERS),
    "hierarchy": _cell("task=boolean_hierarchy", 3, "confirmed"),
    "drawn 2a": _cell(_drawn(2, 2, 4, 0), 3, "confirmed"),
    "drawn 2b": _cell(_drawn(2, 2, 4, 1), 3, "confirmed"),
    "drawn 2c": _cell(_drawn(2, 3, 3, 0), 3, *READERS),
    "drawn 3": _cell(_drawn(3, 2, 4, 0), 4, "confirmed"),
}

COSTLY = ("overlap 1", "overlap 2, uses 2", "hierarchy", "drawn 3")
"""Cells that wait for everything else."""


def scaled(factor: float, value: Any) -> Any:
    """Multiply a number, or the widths of layers; whole numbers stay whole and at least 1."""
    if isinstance(value, tuple):
        return tuple(scaled(factor, each) for each in value)
    return max(round(value * factor), 1) if isinstance(value, int) else value * factor


def deeper(hidden: tuple[int, ...]) -> tuple[int, ...]:
    """Add a layer."""
    return (*hidden, hidden[-1])


def shallower(hidden: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out a layer."""
    return hidden[:-1]


def _times(key: str, **factors: float) -> dict[str, Changes]:
    factors = factors or {"¼": 0.25, "½": 0.5, "2": 2, "4": 4}
    return {f"×{label}": {key: partial(scaled, factor)} for label, factor in factors.items()}


def _values(key: str, *values: object) -> dict[str, Changes]:
    return {str(value): {key: value} for value in values}


DEFAULT = "default"
EDGES = {"pruning.phases": ["edge"], "pruning.edge.schedule": "geometric", "pruning.edge.step": 25}
EDGES |= {"pruning.edge.halvings": 4}
FACTORS: Mapping[str, Mapping[str, Changes]] = {
    DEFAULT: {DEFAULT: {}},
    "learning rate": _times("training.lr"),
    "batch size": _times("training.batch_size"),
    "epochs": _times("training.epochs"),
    "input noise": _values("training.input_noise", 0, 0.05, 0.2, 0.3),
    "weight decay": _values("training.weight_decay", 0, 1e-5, 1e-3, 1e-2),
    "dense rounds": _values("training.dense_rounds", 5),
    "width": _times("arch.hidden", **{"½": 0.5, "2": 2}),
    "depth": {"-1": {"arch.hidden": shallower}, "+1": {"arch.hidden": deeper}},
    "unit step": _values("pruning.unit.step", 5, 20, 45),
    "edge step": _values("pruning.edge.step", 0.5, 1, 5, 10),
    "schedule": {
        f"{phase}s geometric, 25 %": {f"pruning.{phase}.schedule": "geometric", f"pruning.{phase}.step": 25}
        for phase in ("unit", "edge")
    },
    "unit criterion": _values("pruning.unit.criterion", "magnitude", "random"),
    "edge criterion": _values("pruning.edge.criterion", "relative_magnitude", "weight_gradient", "random"),
    "accuracy threshold": _values("pruning.accuracy_threshold", 0.98, 0.95),
    "slack": {f"{phase}s, 0.05": {f"pruning.{phase}.slack": 0.05} for phase in ("unit", "edge")},
    "phases": {
        "edges, units": {"pruning.phases": ["edge", "unit"]},
        "edges alone": {"pruning.phases": ["edge"]},
        "edges alone, geometric": EDGES,
    },
}
"""One factor at a time around the program's defaults, which are the paper's with one pair of steps."""

READING: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "merging threshold": {str(value): {"merging_threshold": value} for value in (0.5, 0.7, 0.8, 1.0)},
    "modularity threshold": {str(value): {"modularity_threshold": value} for value in (0.0, 0.1, 0.3, 0.5)},
    "hops": {str(value): {"hops": value} for value in (1, 2)},
    "reader": {name: {"reader": name} for name in ("confirmed", "hops", "louvain", "spectral")},
}
"""Other readings of the networks of the default, in the place of the paper's."""

DESIGN: Mapping[str, tuple[str, float, float]] = {
    "learning rate": ("training.lr", 0.25, 4),
    "batch size": ("training.batch_size", 1, 4),
    "epochs": ("training.epochs", 0.25, 2),
    "width": ("arch.hidden", 1 / 3, 2),
    "weight decay": ("training.weight_decay", 1e-6, 1e-2),
    "edge step": ("pruning.edge.step", 1, 10),
    "input noise": ("training.input_noise", 0, 0.3),
}
"""The settings of the design: key and bounds, between which logarithms are drawn evenly (of noise: values)."""

FACTOR_OF_DEFAULT = ("learning rate", "batch size", "epochs", "width")
"""Whose bounds are factors of what a cell has."""

DESIGN_CELLS, BASE_SAMPLES = ("drawn 2a", "drawn 2b", "drawn 2c"), 8
"""``BASE_SAMPLES`` · (2 · 7 + 2) settings, around the program's defaults."""


def design_changes(point: Sequence[float]) -> Changes:
    """Turn a point of the design, from 0 to 1 in each factor, into changes."""
    drawn: dict[str, Any] = {}
    for share, (name, (key, low, high)) in zip(point, DESIGN.items(), strict=True):
        value = float(low * (high / low) ** share if low else low + share * (high - low))
        drawn[key] = partial(scaled, value) if name in FACTOR_OF_DEFAULT else value
    return drawn


UNSEEN = 4000
"""The first seed of the tasks of the test."""

SHAPES = {"wide": (1, 2, 1, 3), "tree": (2, 2, 1, 4), "reuse": (2, 2, 2, 3), "deep": (3, 2, 1, 4)}
"""Depth, fan-in, reuse and sub-functions of random hierarchies."""

DRAWN, WITHOUT = 6, 12
"""Hierarchies of each shape, and functions without structure; each with all and with half of its rows."""


def unseen() -> Iterator[tuple[str, int, float]]:
    """List the unseen tasks: family, seed, share of the rows that are known."""
    for rows in (0.5, 1.0):
        for family, number in (*dict.fromkeys(SHAPES, DRAWN).items(), ("unstructured", WITHOUT)):
            yield from ((family, UNSEEN + seed, rows) for seed in range(number))


def graph_of(family: str, seed: int) -> tuple[Graph, list[int]]:
    """Draw an unseen task, and give the hidden layers of its networks."""
    if family == "unstructured":
        return unstructured(6, 3, function_seed=seed), [24, 24]
    return random_hierarchy(*SHAPES[family], uses=1, graph_seed=seed), [24] * (SHAPES[family][0] + 1)


TODAY, RECOMMENDED = "fast", "fast, then units"
_CONFIRMED = ("pruning=edges", "analysis.reader=confirmed")
SETTINGS: Mapping[str, Sequence[str]] = {TODAY: _CONFIRMED, RECOMMENDED: (*_CONFIRMED, "pruning.phases=[edge,unit]")}
"""Overrides, by the name of each setting that is tested: what own tasks start with, and with what was better than the
program's default after correction, in the first eight cells, and what own tasks do not have yet."""

PARTS = ("one", "design", "unseen", "more")


class Step(NamedTuple):
    """Trials that are computed together: one setting of one cell, or of one unseen task."""

    part: str
    cell: str
    factor: str
    level: str
    seeds: Sequence[int]

    @property
    def stored_part(self) -> str:
        """The part that its rows belong to: cells that wait are no part of their own."""
        return "one" if self.part == "more" else self.part

    def without(self, stored: Container[tuple[Any, ...]]) -> "Step":
        """Leave out the seeds whose rows are stored, by part, cell, factor, level and seed."""
        key = (self.stored_part, self.cell, self.factor, self.level)
        return self._replace(seeds=[seed for seed in self.seeds if (*key, seed) not in stored])


def steps() -> Iterator[Step]:
    """List what is computed, in this order."""
    for part in ("one", "more"):
        cells = [cell for cell in CELLS if (cell in COSTLY) == (part == "more")]
        for factor, levels in FACTORS.items():
            yield from (Step(part, cell, factor, level, SEEDS) for level in levels for cell in cells)
    for number in range(BASE_SAMPLES * (2 * len(DESIGN) + 2)):
        yield from (Step("design", cell, "", str(number), DESIGN_SEEDS) for cell in DESIGN_CELLS)
    for family, seed, rows in unseen():
        yield from (Step("unseen", f"{family} {seed} {rows:g}", "", name, ANSWER_SEEDS) for name in SETTINGS)
